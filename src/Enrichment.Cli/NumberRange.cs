using System.CommandLine;

namespace Enrichment.Cli;

/// <summary>Numbers that an option takes.</summary>
internal static class NumberRange
{
    /// <summary>Refuses what lies outside, in the option's name.</summary>
    public static Option<int?> AcceptOnlyFrom(this Option<int?> option, int least, int most)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } given && (given < least || given > most))
            {
                result.AddError(most == int.MaxValue ? $"{option.Name}: expected {least} or more." : $"{option.Name}: expected {least} to {most}.");
            }
        });
        return option;
    }
}
