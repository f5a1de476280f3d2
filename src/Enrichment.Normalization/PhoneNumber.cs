using System.Diagnostics.CodeAnalysis;
using PhoneNumbers;

namespace Enrichment.Normalization;

/// <summary>A telephone number in E.164, with its extension apart. The numbering plans are those of Google's libphonenumber.</summary>
public sealed record PhoneNumber
{
    /// <summary>Longer text holds more than one number.</summary>
    private const int MaxLength = 100;

    private PhoneNumber(string e164, string? extension, string? region, bool isAssignable)
    {
        E164 = e164;
        Extension = extension;
        Region = region;
        IsAssignable = isAssignable;
    }

    /// <summary>Plus, country code, national number: <c>+14155550123</c>.</summary>
    public string E164 { get; }

    /// <summary>The digits to dial after the connection; null if there are none.</summary>
    public string? Extension { get; }

    /// <summary>
    /// ISO 3166-1 alpha-2 of the country that the number lies in; null for numbers of no country, such as <c>+800</c>, and for ranges not
    /// given to one.
    /// </summary>
    public string? Region { get; }

    /// <summary>
    /// Whether the numbering plan has given out the number's range. False for made-up numbers; may change when a plan does.
    /// </summary>
    public bool IsAssignable { get; }

    /// <summary>
    /// Reads a number in any usual notation: with an extension, a label (<c>tel:</c>, <c>Mobile:</c>), a remark in brackets, <c>(0)</c>
    /// behind the country code, or as spreadsheets export it (<c>'0123</c>, <c>="0123"</c>, <c>4155550123.0</c>, an exponent with all its
    /// digits).
    /// </summary>
    /// <param name="text">The number as found. Of a list the first.</param>
    /// <param name="defaultRegion">
    /// ISO 3166-1 alpha-2 of the country in which a number without country code is dialled; null accepts only numbers with one.
    /// </param>
    /// <param name="number">The number.</param>
    /// <remarks>
    /// Accepts what has a possible length in its country, assigned or not. False for numbers without a country, local ones without area
    /// code, what a spreadsheet rounded (<c>1.4155E+10</c>), and one digit repeated. Never throws; a parsed number's text parses to itself.
    /// </remarks>
    public static bool TryParse(string? text, string? defaultRegion, [NotNullWhen(true)] out PhoneNumber? number)
    {
        number = null;
        if (BlankText.IsBlank(text) || text.Length > MaxLength)
        {
            return false;
        }

        // A possible number is kept in mind: another reading may be one that a country has given out.
        foreach (var reading in PhoneNotation.Readings(CleanText.Of(text, keepSymbols: false)))
        {
            if (TryParseOne(reading, defaultRegion, out var read))
            {
                number = number is null || read.IsAssignable ? read : number;
                if (number.IsAssignable)
                {
                    break;
                }
            }
        }

        return number is not null;
    }

    /// <summary>Reads a number that brings its country code.</summary>
    /// <inheritdoc cref="TryParse(string?, string?, out PhoneNumber?)"/>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PhoneNumber? number) => TryParse(text, null, out number);

    /// <summary>E.164, and the extension as in RFC 3966: <c>+14155550123;ext=42</c>.</summary>
    public override string ToString() => Extension is null ? E164 : $"{E164};ext={Extension}";

    private static bool TryParseOne(string text, string? defaultRegion, [NotNullWhen(true)] out PhoneNumber? number)
    {
        number = null;
        var plans = PhoneNumberUtil.GetInstance();
        PhoneNumbers.PhoneNumber parsed;
        try
        {
            parsed = plans.Parse(text, defaultRegion?.ToUpperInvariant());
        }
        catch (NumberParseException)
        {
            return false; // The library's way to say that this is no number.
        }

        if (plans.IsPossibleNumberWithReason(parsed) != PhoneNumberUtil.ValidationResult.IS_POSSIBLE || IsFiller(parsed.NationalNumber))
        {
            return false;
        }

        var extension = parsed.HasExtension && parsed.Extension.Length > 0 ? parsed.Extension : null;
        number = new(
            plans.Format(parsed, PhoneNumberFormat.E164),
            extension,
            Iso(plans.GetRegionCodeForNumber(parsed)),
            plans.IsValidNumber(parsed));
        return true;
    }

    // The library writes 001 for the whole world, and may write ZZ for unknown.
    private static string? Iso(string? region) => region is null or "001" or "ZZ" ? null : region;

    // 0000000000 and 9999999999 are what forms take for an answer.
    private static bool IsFiller(ulong national)
    {
        var last = national % 10;
        while (national > 0 && national % 10 == last)
        {
            national /= 10;
        }

        return national == 0;
    }
}
