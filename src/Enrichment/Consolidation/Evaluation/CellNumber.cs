using System.Globalization;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// Numbers as files and vendors write them: an optional sign, digits of ASCII, thousands grouped by commas or not at all, a point.
/// </summary>
/// <remarks>
/// No exponent in text: spreadsheets write one when they have already dropped digits. JSON numbers arrive here without exponents.
/// </remarks>
internal static class CellNumber
{
    /// <summary>What <see cref="decimal"/> holds exactly, with the point at any place.</summary>
    public const int MaxDigits = 28;

    // 28 digits, nine commas, a sign and a point.
    private const int MaxLength = 40;

    // So many digits fit a long, whichever they are.
    private const int SafeDigits = 18;

    /// <summary>The number without zeros behind the last digit that counts.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out decimal number)
    {
        Span<byte> plain = stackalloc byte[MaxLength];
        number = 0;
        if (!TryPlain(text, plain, out var whole, out var length))
        {
            return false;
        }

        var digits = plain[..length];
        digits = length > whole ? digits.TrimEnd((byte)'0') : digits;
        number = decimal.Parse(
            digits[^1] == '.' ? digits[..^1] : digits,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture);
        number = number == 0 ? 0m : number;
        return true;
    }

    public static bool TryInteger(ReadOnlySpan<byte> text, out long number)
    {
        Span<byte> plain = stackalloc byte[MaxLength];
        number = 0;
        if (!TryPlain(text, plain, out var whole, out var length)
            || (length > whole && plain[(whole + 1)..length].ContainsAnyExcept((byte)'0')))
        {
            return false;
        }

        var digits = plain[..whole];
        if (whole > SafeDigits)
        {
            var wide = decimal.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            number = wide is >= long.MinValue and <= long.MaxValue ? (long)wide : 0;
            return wide is >= long.MinValue and <= long.MaxValue;
        }

        var negative = digits[0] == '-';
        foreach (var digit in digits[(digits[0] is (byte)'-' or (byte)'+' ? 1 : 0)..])
        {
            number = (number * 10) + digit - '0';
        }

        number = negative ? -number : number;
        return true;
    }

    /// <summary>The plainest notation: no zeros at the end, no exponent.</summary>
    public static string Format(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    /// <summary>Copies the number without its commas.</summary>
    /// <param name="text">As it was found.</param>
    /// <param name="plain">Sign, digits, point, digits.</param>
    /// <param name="whole">Where the point is; the whole length if there is none.</param>
    /// <param name="length">How much of it is filled.</param>
    private static bool TryPlain(ReadOnlySpan<byte> text, Span<byte> plain, out int whole, out int length)
    {
        whole = length = 0;
        if (text.Length is 0 or > MaxLength)
        {
            return false;
        }

        if (text[0] is (byte)'-' or (byte)'+')
        {
            plain[length++] = text[0];
            text = text[1..];
        }

        var sign = length;
        var point = text.IndexOf((byte)'.');
        if (!TryGroups(point < 0 ? text : text[..point], plain, ref length))
        {
            return false;
        }

        whole = length;
        if (point >= 0)
        {
            var fraction = text[point..];
            if (fraction.Length == 1 || fraction[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            {
                return false;
            }

            fraction.CopyTo(plain[length..]);
            length += fraction.Length;
        }

        return length - sign - (point < 0 ? 0 : 1) <= MaxDigits;
    }

    private static bool TryGroups(ReadOnlySpan<byte> text, Span<byte> plain, ref int length)
    {
        var comma = text.IndexOf((byte)',');
        if (comma < 0)
        {
            return TryDigits(text, plain, ref length);
        }

        if (comma is 0 or > 3 || text[0] == '0' || !TryDigits(text[..comma], plain, ref length))
        {
            return false;
        }

        for (text = text[comma..]; !text.IsEmpty; text = text[4..])
        {
            if (text.Length < 4 || text[0] != ',' || !TryDigits(text[1..4], plain, ref length))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, Span<byte> plain, ref int length)
    {
        text.CopyTo(plain[length..]);
        length += text.Length;
        return !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
