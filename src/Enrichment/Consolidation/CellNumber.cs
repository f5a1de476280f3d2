using System.Globalization;
using System.Text.RegularExpressions;

namespace Enrichment.Consolidation;

/// <summary>
/// Numbers as files and vendors write them: an optional sign, digits of ASCII, thousands grouped by commas or not at all, a point.
/// </summary>
/// <remarks>
/// No exponent in text: spreadsheets write one when they have already dropped digits. JSON numbers arrive here without exponents.
/// </remarks>
internal static partial class CellNumber
{
    /// <summary>What <see cref="decimal"/> holds exactly, with the point at any place.</summary>
    public const int MaxDigits = 28;

    public static decimal? Number(string text) => Parse(text, Decimal());

    public static long? Integer(string text) =>
        Parse(text, Whole()) is { } number and >= long.MinValue and <= long.MaxValue ? (long)number : null;

    /// <summary>The plainest notation: no zeros at the end, no exponent.</summary>
    public static string Format(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    private static decimal? Parse(string text, Regex form)
    {
        // 28 digits, nine commas, a sign and a point.
        if (text.Length > 40 || !form.IsMatch(text) || text.Count(char.IsAsciiDigit) > MaxDigits)
        {
            return null;
        }

        var number = decimal.Parse(
            text.Replace(",", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture);
        return number == 0 ? 0m : number;
    }

    [GeneratedRegex(@"^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();

    [GeneratedRegex(@"^[+-]?([1-9][0-9]{0,2}(,[0-9]{3})+|[0-9]+)(\.0+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();
}
