using System.Globalization;

namespace Enrichment.Cli;

/// <summary>Numbers of things in words.</summary>
internal static class Plural
{
    /// <param name="count">How many.</param>
    /// <param name="one">The noun for one of them; more of them end in s unless <paramref name="many"/> says otherwise.</param>
    /// <param name="many">The noun for none and for more than one.</param>
    public static string Of(long count, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:#,0} {(count == 1 ? one : many ?? one + "s")}");
}
