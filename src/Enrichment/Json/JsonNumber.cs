using System.Globalization;

namespace Enrichment.Json;

/// <summary>
/// Writes a JSON number the way PostgreSQL's <c>numeric</c> prints it: plain decimal digits, no exponent, no negative zero.
/// </summary>
/// <remarks>
/// SQLite keeps a number's text and <c>jsonb</c> its value; in this one form text and value are the same in both, so a result reads back
/// alike from either.
/// </remarks>
internal static class JsonNumber
{
    /// <summary>More than any decimal type of the two stores or of .NET computes with.</summary>
    public const int MaxDigits = 40;

    /// <summary>A little beyond the range of a double (10^308, 10^-324), so that every finite double passes.</summary>
    public const int MaxMagnitude = 350;

    private const int MaxWholeDigits = 309;
    private const int MaxFractionDigits = MaxDigits + MaxMagnitude;
    private const int MaxLength = MaxWholeDigits + 1 + MaxFractionDigits;

    /// <summary>Appends a literal that follows JSON's grammar.</summary>
    /// <remarks>
    /// A written number is accepted again and written in the same way: zeros at either end, which an exponent replaces, are not counted.
    /// </remarks>
    /// <returns>
    /// False, with nothing written, when the number has more than <see cref="MaxDigits"/> significant digits or lies beyond
    /// <see cref="MaxMagnitude"/>.
    /// </returns>
    public static bool TryAppend(ReadOnlySpan<byte> literal, Utf8Sink sink)
    {
        if (IsPlain(literal))
        {
            sink.Append(literal);
            return true;
        }

        var negative = literal[0] == '-';
        var rest = negative ? literal[1..] : literal;
        var mark = rest.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = mark < 0 ? rest : rest[..mark];
        var point = mantissa.IndexOf((byte)'.');
        if (mantissa.Length > MaxLength || !TryExponent(mark < 0 ? default : rest[(mark + 1)..], out var exponent))
        {
            return false;
        }

        Span<byte> digits = stackalloc byte[MaxLength];
        var count = CopyDigits(mantissa, digits);
        var whole = (point < 0 ? count : point) + exponent;
        if (digits[..count].Trim((byte)'0').Length > MaxDigits || whole > MaxWholeDigits || count - whole > MaxFractionDigits)
        {
            return false;
        }

        AppendPlain(negative, digits[..count], whole, sink);
        return true;
    }

    /// <summary>The usual case, already in its final form: short, without exponent, not a negative zero.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> literal) =>
        literal.Length <= MaxDigits
        && literal.IndexOfAny((byte)'e', (byte)'E') < 0
        && (literal[0] != '-' || literal.IndexOfAnyInRange((byte)'1', (byte)'9') >= 0);

    private static bool TryExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        return text.IsEmpty
            || (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                && Math.Abs((long)exponent) <= MaxMagnitude);
    }

    private static int CopyDigits(ReadOnlySpan<byte> mantissa, Span<byte> digits)
    {
        var count = 0;
        foreach (var b in mantissa)
        {
            if (b != '.')
            {
                digits[count++] = b;
            }
        }

        return count;
    }

    // "whole" is the number of digits before the point; it may be negative, or greater than the number of digits.
    private static void AppendPlain(bool negative, ReadOnlySpan<byte> digits, int whole, Utf8Sink sink)
    {
        var zero = digits.IndexOfAnyExcept((byte)'0') < 0;
        if (negative && !zero)
        {
            sink.Append((byte)'-');
        }

        var integer = digits[..Math.Clamp(whole, 0, digits.Length)].TrimStart((byte)'0');
        var trailing = zero ? 0 : Math.Max(whole - digits.Length, 0);
        if (integer.IsEmpty)
        {
            sink.Append((byte)'0');
        }
        else
        {
            sink.Append(integer);
        }

        AppendZeros(trailing, sink);

        if (whole >= digits.Length)
        {
            return;
        }

        sink.Append((byte)'.');
        AppendZeros(Math.Max(-whole, 0), sink);
        sink.Append(digits[Math.Max(whole, 0)..]);
    }

    private static void AppendZeros(int count, Utf8Sink sink)
    {
        sink.Reserve(count)[..count].Fill((byte)'0');
        sink.Advance(count);
    }
}
