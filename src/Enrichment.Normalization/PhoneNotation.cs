using System.Text.RegularExpressions;

namespace Enrichment.Normalization;

/// <summary>Rewrites notations of telephone numbers that libphonenumber misreads into ones that it reads.</summary>
internal static partial class PhoneNotation
{
    /// <summary>A shorter run of digits is part of a number, such as an area code or an extension.</summary>
    private const int FewestDigits = 7;

    /// <summary>The texts that may be the number, the best first; none where a spreadsheet rounded the digits away.</summary>
    /// <param name="clean">A cell without invisible characters.</param>
    public static IEnumerable<string> Readings(string clean)
    {
        var text = Label().Replace(Unwrap(clean), "");
        string[] parts = [.. ListSeparator().Split(text).Where(part => part.Count(char.IsDigit) >= FewestDigits)];
        foreach (var part in parts.Length > 1 ? parts : [text])
        {
            if (Digits(part) is not { } digits)
            {
                continue;
            }

            yield return digits;
            if (LeadingZeros().Match(digits) is { Success: true } zeros)
            {
                // 00 means the plus in lists of every country, even if the country itself dials another prefix.
                yield return "+" + digits[zeros.Length..];
            }
        }
    }

    // ="0123" keeps a spreadsheet from reading a number; an apostrophe does the same.
    private static string Unwrap(string text) => text.Trim().TrimStart('=').Trim(' ', '\'', '"');

    private static string? Digits(string part)
    {
        var text = Remark().Replace(Label().Replace(Unwrap(part), ""), " ").Trim();
        if (Exponent().Match(text) is { Success: true } number)
        {
            return Whole(
                number.Groups["first"].Value + number.Groups["rest"].Value,
                1 + int.Parse(number.Groups["exponent"].ValueSpan, provider: null));
        }

        text = Pluses().Replace(Fraction().Replace(text, "$1"), "+");
        return !TrunkZero().IsMatch(text) || text[0] == '(' ? text
            : (char.IsAsciiDigit(text[0]) && text[0] != '0' ? "+" : "") + TrunkZero().Replace(text, " ");
    }

    /// <summary>All digits of a number that a spreadsheet wrote with an exponent; null if it rounded some away.</summary>
    private static string? Whole(string digits, int length) =>
        digits.Length >= length && digits.AsSpan(length).IndexOfAnyExcept('0') < 0 ? digits[..length] : null;

    [GeneratedRegex(@"^\p{L}[\p{L} .-]{0,20}[:.]\s*(?=[+(\d'""])", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex(
        @"[,;|&]|\s/\s|(?<=\d{5})/(?=\+?\d{5})|\s(?=\+\d)|\s(?:or|and|oder|und|ou|et|o|y)\s",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex ListSeparator();

    [GeneratedRegex(@"[(\[][^\d()\[\]+]*[)\]]", RegexOptions.CultureInvariant)]
    private static partial Regex Remark();

    [GeneratedRegex(
        @"^\+?(?<first>[1-9])(?:[.,](?<rest>\d{1,20}))?E\+?(?<exponent>\d{1,2})\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Exponent();

    [GeneratedRegex(@"^(\+?\d{6,15})[.,]0{1,2}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Fraction();

    [GeneratedRegex(@"^\+[\s+]*(?:00\s*)?", RegexOptions.CultureInvariant)]
    private static partial Regex Pluses();

    [GeneratedRegex(@"(?<=\d[\s.-]*)[(\[]\s*0\s*[)\]]", RegexOptions.CultureInvariant)]
    private static partial Regex TrunkZero();

    [GeneratedRegex(@"^0\s*0\s*(?=[1-9])", RegexOptions.CultureInvariant)]
    private static partial Regex LeadingZeros();
}
