using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>Numbers that an option takes.</summary>
internal static class NumberRange
{
    /// <summary>Refuses what lies outside, in the option's name.</summary>
    public static T AcceptOnlyFrom<T>(this T option, int least, int most)
        where T : Option
    {
        option.Validators.Add(result =>
        {
            // The parser itself refuses what is no number, after this; asked here for its value, it would throw.
            if (result.Tokens is [var word] && int.TryParse(word.Value, out var given) && (given < least || given > most))
            {
                result.AddError(
                    most == int.MaxValue ? $"{option.Name}: expected {least} or more." : $"{option.Name}: expected {least} to {most}.");
            }
        });
        return option;
    }
}
