using System.Text;
using CsvHelper;

namespace Enrichment.Ingestion;

/// <summary>Finds delimiter and header line in an upload's first records.</summary>
/// <remarks>A line in which the workstream's own headers stand is the best evidence; without it, the delimiter by which the first records fall most regularly into the most cells.</remarks>
internal static class DelimiterSniffer
{
    private static readonly char[] Candidates = [',', ';', '\t', '|', '^', '~', '\u001F'];
    private const int MaxRecords = 100;
    private const int MaxHeaderRecord = 30;

    // Two cells that name known headers make a line the header; one does where there are hardly more.
    private const int NarrowHeader = 3;
    private const double RegularBody = 0.8;
    private const double LeastRegular = 0.5;
    private const double PreamblePenalty = 0.5;

    public sealed record Finding(char? Delimiter, double Confidence, int PreambleLines);

    /// <param name="sample">The beginning of the text in UTF-8, after any preamble that was declared.</param>
    /// <param name="complete">Whether the sample is the whole text; else its last record may be cut.</param>
    /// <param name="declared">The delimiter, if it is known and only the header is sought.</param>
    /// <param name="known">Normalised headers that the workstream knows.</param>
    /// <param name="seekPreamble">False when the header is known to be the first record.</param>
    public static Finding Sniff(byte[] sample, bool complete, char? declared, IReadOnlySet<string> known, bool seekPreamble)
    {
        if (declared is null && seekPreamble && SeparatorLine(sample) is { } separator)
            return new Finding(separator, 1, 1);

        Reading? best = null;
        foreach (char candidate in declared is not { } given ? Candidates : [char.IsAscii(given) ? given : Dialect.NoDelimiter])
        {
            Reading reading = Read(sample, complete, candidate, known, seekPreamble);
            if (best is null || reading.Score > best.Score)
                best = reading;
        }

        if (declared is null && (best!.Cells < 2 || best.Score <= 0))
            return new Finding(null, 1, best.PreambleLines);
        return new Finding(best!.Delimiter, declared is null ? best.Regularity : 1, best.PreambleLines);
    }

    /// <summary>Excel's own hint: a first line <c>sep=;</c>.</summary>
    private static char? SeparatorLine(byte[] sample)
    {
        string text = Encoding.UTF8.GetString(sample, 0, Math.Min(sample.Length, 16));
        ReadOnlySpan<char> line = text.AsSpan(0, Math.Max(0, text.AsSpan().IndexOfAny('\r', '\n'))).Trim('"');
        return line.Length == 5 && line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? line[4] : null;
    }

    private sealed record Reading(char Delimiter, int Cells, double Regularity, int PreambleLines, double Score);

    private static Reading Read(byte[] sample, bool complete, char delimiter, IReadOnlySet<string> known, bool seekPreamble)
    {
        List<(string[] Cells, int Line)> records = Records(sample, complete, delimiter);
        if (records.Count == 0)
            return new Reading(delimiter, 0, 0, 0, 0);
        (int header, int recognised) = seekPreamble ? Header(records, known) : (0, Recognised(records[0].Cells, known));
        int cells = records[header].Cells.Length;
        double regularity = Regularity(records, header);
        double score = (recognised * 10) + (cells < 2 || regularity < LeastRegular ? 0 : regularity * Math.Log2(cells) * (header == 0 ? 1 : PreamblePenalty));
        return new Reading(delimiter, cells, Math.Round(regularity, 2), header == 0 ? 0 : records[header].Line - 1, score);
    }

    private static (int Record, int Recognised) Header(List<(string[] Cells, int Line)> records, IReadOnlySet<string> known)
    {
        int best = 0;
        int most = 0;
        for (int i = 0; i < Math.Min(records.Count, MaxHeaderRecord); i++)
        {
            int count = Recognised(records[i].Cells, known);
            if (count > most && (count > 1 || records[i].Cells.Length <= NarrowHeader))
                (best, most) = (i, count);
        }

        return most > 0 ? (best, most) : (FirstWide(records), 0);
    }

    private static int Recognised(string[] cells, IReadOnlySet<string> known) => cells.Select(HeaderName.Normalize).Where(known.Contains).Distinct().Count();

    /// <summary>Where lines of one or few cells give way to a regular table, the first record of the table.</summary>
    private static int FirstWide(List<(string[] Cells, int Line)> records)
    {
        int usual = Usual(records.Where(r => r.Cells.Length > 1));
        if (usual == 0 || records[0].Cells.Length > Math.Max(1, usual / 4))
            return 0;
        int first = records.FindIndex(r => r.Cells.Length >= usual * 3 / 4.0);
        return Regularity(records, first) >= RegularBody ? first : 0;
    }

    /// <summary>The share of the records after the header that have the usual number of cells, cut where that is not the header's.</summary>
    private static double Regularity(List<(string[] Cells, int Line)> records, int header)
    {
        var body = records.Skip(header + 1).ToList();
        if (body.Count == 0)
            return 1;
        int usual = Usual(body);
        double share = body.Count(r => r.Cells.Length == usual) / (double)body.Count;
        return usual == records[header].Cells.Length ? share : share * 0.7;
    }

    private static int Usual(IEnumerable<(string[] Cells, int Line)> records) =>
        records.GroupBy(r => r.Cells.Length).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key).Select(g => g.Key).FirstOrDefault();

    private static List<(string[] Cells, int Line)> Records(byte[] sample, bool complete, char delimiter)
    {
        using var reader = CsvReader.Create(sample, DelimitedRows.Options(delimiter));
        var records = new List<(string[] Cells, int Line)>();
        while (records.Count < MaxRecords && reader.Read())
        {
            if (!DelimitedRows.IsBlank(reader.RawRecord))
                records.Add(([.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)], (int)reader.LineNumber));
        }

        if (!complete && records.Count is > 1 and < MaxRecords)
            records.RemoveAt(records.Count - 1);
        return records;
    }
}
