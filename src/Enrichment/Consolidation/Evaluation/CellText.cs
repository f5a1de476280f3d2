using System.Text;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Which text counts as a value, for every type. Text is UTF-8.</summary>
internal static class CellText
{
    /// <summary>Whether there is nothing but white space, as Unicode defines it.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> text) => Start(text) == text.Length;

    /// <summary>The text without the white space around it, from which the types other than text are read.</summary>
    public static ReadOnlySpan<byte> Trimmed(ReadOnlySpan<byte> text)
    {
        text = text[Start(text)..];
        while (!text.IsEmpty && (text[^1] <= ' ' || text[^1] >= 0x80))
        {
            Rune.DecodeLastFromUtf8(text, out var last, out var length);
            if (!Rune.IsWhiteSpace(last))
            {
                break;
            }

            text = text[..^length];
        }

        return text;
    }

    /// <summary>
    /// Words by which spreadsheets and vendors say that there is nothing. In a column of text they are text: a person may be called Null.
    /// </summary>
    public static bool IsAbsence(ReadOnlySpan<byte> trimmed) => trimmed.Length switch
    {
        1 => trimmed[0] == '-',
        2 => trimmed.SequenceEqual("--"u8) || Ascii.EqualsIgnoreCase(trimmed, "na"u8),
        3 => Ascii.EqualsIgnoreCase(trimmed, "n/a"u8),
        4 => Ascii.EqualsIgnoreCase(trimmed, "null"u8) || Ascii.EqualsIgnoreCase(trimmed, "none"u8),
        _ => false,
    };

    /// <summary>The first characters of a text.</summary>
    public static string Beginning(ReadOnlySpan<byte> text, int characters)
    {
        var end = 0;
        for (var count = 0; count < characters && end < text.Length; count++)
        {
            Rune.DecodeFromUtf8(text[end..], out _, out var length);
            end += length;
        }

        return Encoding.UTF8.GetString(text[..end]);
    }

    private static int Start(ReadOnlySpan<byte> text)
    {
        var start = 0;
        while (start < text.Length && (text[start] <= ' ' || text[start] >= 0x80))
        {
            Rune.DecodeFromUtf8(text[start..], out var first, out var length);
            if (!Rune.IsWhiteSpace(first))
            {
                break;
            }

            start += length;
        }

        return start;
    }
}
