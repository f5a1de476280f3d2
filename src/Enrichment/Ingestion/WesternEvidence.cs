namespace Enrichment.Ingestion;

/// <summary>How much the bytes above ASCII look like Western European text in windows-1252.</summary>
/// <remarks>
/// Byte by byte, in context. For it: letters of Western words that mean the same in no other common code page, quotation marks
/// and dashes.
/// Neither: letters that are another, equally common letter in windows-1250 or -1254 (è is č there, ø is ř), so that the encoding of a
/// Czech or Turkish list has to be declared and is not guessed. Against it, three times as heavy: symbols inside words, capitals after
/// small letters, three and more in a row: as in Cyrillic, Asian, Macintosh and DOS encodings. Weights and threshold are chosen from name
/// lists, not measured on a corpus.
/// </remarks>
internal sealed class WesternEvidence
{
    /// <summary>From here on a file is read as windows-1252 without asking.</summary>
    public const double Threshold = 0.8;

    private const string Trusted = "áéíóúýÁÉÍÓÚàâêîôäëöüßÄËÖÜçÇåÅñÑÀÂÊ";
    private const string Punctuation = "\u2018\u2019\u201C\u201D\u2013\u2014\u2026\u20AC\u2122\u00A0©®°«»·´§£";
    private const int Heavy = 3;
    private readonly string table = Table();
    private char before;
    private char last;
    private int row;
    private long good;
    private long bad;
    private long total;

    public double Confidence => total == 0 ? 0 : Math.Max(0, (double)(good - (Heavy * bad)) / total);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            Next(table[b]);
        }
    }

    public void Complete() => Next('\n');

    private void Next(char next)
    {
        if (last >= 0x80)
        {
            Judge(before, last, next);
        }

        row = next >= 0x80 ? row + 1 : 0;
        before = last;
        last = next;
    }

    private void Judge(char before, char c, char after)
    {
        total++;
        var letter = char.IsLetter(c);
        if (c < 0xA0 || row > 2
            || (letter && char.IsUpper(c) && char.IsLower(before))
            || (letter && !char.IsLetter(before) && !char.IsLetter(after))
            || (!letter && c is not ('\u2019' or '\u2018' or '\u00B4' or '\u00A0' or '·' or '\u2013' or '\u2014')
                && char.IsLetter(before) && char.IsLetter(after)))
        {
            bad++;
        }
        else if (Trusted.Contains(c) || Punctuation.Contains(c) || (c is 'ã' or 'õ' && after is 'o' or 'e'))
        {
            good++;
        }
    }

    private static string Table()
    {
        var encoding = System.Text.CodePagesEncodingProvider.Instance.GetEncoding("windows-1252")!;
        return encoding.GetString([.. Enumerable.Range(0, 256).Select(b => (byte)b)]);
    }
}
