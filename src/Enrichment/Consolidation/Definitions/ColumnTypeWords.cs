namespace Enrichment.Consolidation.Definitions;

/// <summary>The types' names in definition files and messages.</summary>
internal static class ColumnTypeWords
{
    private static readonly Dictionary<string, ColumnType> Types = new(StringComparer.Ordinal)
    {
        ["text"] = ColumnType.Text,
        ["integer"] = ColumnType.Integer,
        ["number"] = ColumnType.Number,
        ["boolean"] = ColumnType.Boolean,
        ["date"] = ColumnType.Date,
        ["timestamp"] = ColumnType.Timestamp,
        ["text_list"] = ColumnType.TextList,
        ["json"] = ColumnType.Json,
        ["partial_date"] = ColumnType.PartialDate,
    };

    public static string All { get; } = string.Join(", ", Types.Keys);

    public static bool TryParse(string word, out ColumnType type) => Types.TryGetValue(word, out type);

    public static string Word(this ColumnType type) => type == ColumnType.Bucket ? "bucket" : Types.First(pair => pair.Value == type).Key;
}
