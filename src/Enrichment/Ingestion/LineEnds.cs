namespace Enrichment.Ingestion;

/// <summary>Counts the line ends of a text: CR LF, LF and CR are one each.</summary>
internal static class LineEnds
{
    public static int Count(ReadOnlySpan<byte> text)
    {
        var feeds = text.Count((byte)'\n');
        for (int at; (at = text.IndexOf((byte)'\r')) >= 0; text = text[(at + 1)..])
        {
            feeds += at + 1 < text.Length && text[at + 1] == '\n' ? 0 : 1;
        }

        return feeds;
    }
}
