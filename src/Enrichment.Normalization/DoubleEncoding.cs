using System.Text;
using System.Text.RegularExpressions;

namespace Enrichment.Normalization;

/// <summary>Text whose UTF-8 was read as windows-1252: <c>JosÃ©</c> for José, <c>Oâ€™Brien</c> for O’Brien.</summary>
public static partial class DoubleEncoding
{
    // The characters of windows-1252 for the bytes 80 to 9F. Bytes without a character stand for themselves, as in the encoding standard of
    // the web.
    private const string HighControls = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text as it was meant, where that is certain; else the text itself.</summary>
    /// <remarks>
    /// It is certain if every character beyond ASCII belongs to such a sequence, and one of them is no letter before a quotation mark or
    /// dash, as <c>CAFÉ”</c> may end. Never throws; a repaired text is not changed again.
    /// </remarks>
    public static string Repair(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        while (Repaired(text) is { } repaired)
        {
            text = repaired;
        }

        return text;
    }

    /// <summary>
    /// Whether a text holds a sequence that is hardly ever meant, so that it was probably decoded twice, repairable with certainty or not.
    /// </summary>
    public static bool IsSuspected(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAnyInRange('\u00C2', '\u00F4') && Evidence().IsMatch(text);
    }

    private static string? Repaired(string text)
    {
        if (!IsSuspected(text))
        {
            return null;
        }

        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var high = text[i] < 0x80 ? -1 : HighControls.IndexOf(text[i], StringComparison.Ordinal);
            if (high < 0 && text[i] is > '\u00FF' or (>= '\u0080' and < '\u00A0'))
            {
                return null;
            }

            bytes[i] = (byte)(high < 0 ? text[i] : 0x80 + high);
        }

        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null; // The encoding's way to say that this is not UTF-8.
        }
    }

    // Â and Ã before characters that cannot follow them in any language; or a sequence of three or four bytes.
    [GeneratedRegex(
        @"[ÂÃ][\u0081-\u00BF€ƒˆŠŒŽ˜™šœžŸ‚„…†‡‰‹‘’“”•–—›]|[Ð-ßÄÅÎÏ][\u0081-\u00BFƒˆŠŒŽ˜™šœžŸ]|[à-ô](?:[\u0080-\u00BF€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]){2}",
        RegexOptions.CultureInvariant)]
    private static partial Regex Evidence();
}
