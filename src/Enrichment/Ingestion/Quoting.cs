namespace Enrichment.Ingestion;

/// <summary>What the parser does not tell about a record: whether a quote in it is never closed, and in which column it got too long.</summary>
internal static class Quoting
{
    /// <summary>The column, from 1, in which the record's text ends, and whether inside a quote.</summary>
    public static (int Column, bool Open) End(ReadOnlySpan<byte> record, byte delimiter)
    {
        int column = 1;
        while (!record.IsEmpty)
        {
            if (record[0] == '"')
            {
                int close = Close(record);
                if (close < 0)
                    return (column, true);
                record = record[close..];
            }

            int next = record.IndexOf(delimiter);
            if (next < 0)
                break;
            record = record[(next + 1)..];
            column++;
        }

        return (column, false);
    }

    /// <summary>Past the quote that closes the one at the beginning, or -1.</summary>
    private static int Close(ReadOnlySpan<byte> text)
    {
        int at = 1;
        while (true)
        {
            int quote = text[at..].IndexOf((byte)'"');
            if (quote < 0)
                return -1;
            at += quote + 1;
            if (at == text.Length || text[at] != '"')
                return at;
            at++;
        }
    }
}
