using System.Text;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Numbers in a notation that the definition names. The default cell: the text is not in it.</summary>
internal static class FormattedNumber
{
    // 28 digits, nine separators of at most three bytes, a sign and a comma.
    private const int MaxLength = 60;

    /// <summary>A comma before the fraction; thousands grouped by points or by blanks, or not at all: <c>1.234,56</c>.</summary>
    public static TypedCell WithComma(ReadOnlySpan<byte> text, ColumnType type)
    {
        if (text.Length > MaxLength)
        {
            return default;
        }

        var plain = Encoding.UTF8.GetString(text).Replace('\u00A0', ' ').Replace('\u202F', ' ');
        if (plain.Contains('.', StringComparison.Ordinal) && plain.Contains(' ', StringComparison.Ordinal))
        {
            return default;
        }

        var pointed = plain.Select(letter => letter switch
        {
            '.' or ' ' => ',',
            ',' => '.',
            _ => letter,
        });
        return Plain(Encoding.UTF8.GetBytes([.. pointed]), type);
    }

    /// <summary>A number, perhaps with <c>k</c>, <c>m</c>, <c>mn</c>, <c>b</c>, <c>bn</c> or <c>t</c> behind it: <c>1.2k</c>.</summary>
    public static TypedCell WithUnit(ReadOnlySpan<byte> text, ColumnType type)
    {
        var length = text.Length;
        while (length > 0 && char.IsAsciiLetter((char)text[length - 1]))
        {
            length--;
        }

        var factor = Encoding.ASCII.GetString(text[length..]).ToLowerInvariant() switch
        {
            "" => 1m,
            "k" => 1_000m,
            "m" or "mn" => 1_000_000m,
            "b" or "bn" => 1_000_000_000m,
            "t" => 1_000_000_000_000m,
            _ => 0m,
        };
        text = factor > 1 && length > 0 && text[length - 1] == ' ' ? text[..(length - 1)] : text[..length];
        return factor > 0 && CellNumber.TryNumber(text, out var number) && decimal.Abs(number) <= decimal.MaxValue / 10 / factor
            ? Plain(Encoding.ASCII.GetBytes(CellNumber.Format(number * factor)), type)
            : default;
    }

    /// <summary>As <see cref="WithUnit"/>, perhaps with <c>$</c>, <c>US$</c> or <c>USD</c> before it: <c>$1.2M</c>.</summary>
    public static TypedCell OfDollars(ReadOnlySpan<byte> text, ColumnType type)
    {
        var sign = text switch
        {
            _ when text.StartsWith("$"u8) => 1,
            _ when text.StartsWith("US$"u8) || text.StartsWith("USD"u8) => 3,
            _ => 0,
        };
        text = sign > 0 && text.Length > sign && text[sign] == ' ' ? text[(sign + 1)..] : text[sign..];
        return text.IsEmpty ? default : WithUnit(text, type);
    }

    // The limits are those of every number.
    private static TypedCell Plain(ReadOnlySpan<byte> text, ColumnType type) =>
        type == ColumnType.Integer
            ? CellNumber.TryInteger(text, out var integer) ? TypedCell.OfWhole(integer) : default
            : CellNumber.TryNumber(text, out var number) ? TypedCell.OfNumber(number)
            : default;
}
