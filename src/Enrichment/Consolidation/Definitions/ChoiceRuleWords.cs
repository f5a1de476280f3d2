namespace Enrichment.Consolidation.Definitions;

/// <summary>The rules' names in definition files and messages.</summary>
internal static class ChoiceRuleWords
{
    private static readonly ChoiceRule[] Rules = Enum.GetValues<ChoiceRule>();

    public static string All { get; } = string.Join(", ", Rules.Select(Word));

    public static bool TryParse(string word, out ChoiceRule rule)
    {
        var index = Array.FindIndex(Rules, known => known.Word() == word);
        rule = index < 0 ? default : Rules[index];
        return index >= 0;
    }

    public static string Word(this ChoiceRule rule) => rule.ToString().ToLowerInvariant();
}
