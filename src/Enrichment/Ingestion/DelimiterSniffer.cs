using System.Text;

namespace Enrichment.Ingestion;

/// <summary>Finds delimiter and header line in an upload's first records.</summary>
/// <remarks>
/// A line of known headers is the best evidence. Without it: the delimiter that divides the first records most regularly into the most
/// cells. Without that: the delimiter of the header. A file has a single column only if its header contains no delimiter.
/// </remarks>
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

    public sealed record SniffedDelimiter(char? Delimiter, double Confidence, int PreambleLines);

    /// <param name="sample">The beginning of the text in UTF-8, after any preamble that was declared.</param>
    /// <param name="complete">Whether the sample is the whole text; else its last record may be cut.</param>
    /// <param name="declared">The delimiter, if it is known and only the header is sought.</param>
    /// <param name="known">Tells the headers that mean something.</param>
    /// <param name="seekPreamble">False when the header is known to be the first record.</param>
    /// <exception cref="UploadException">The delimiter that was given is not the file's, or header and rows have different
    /// ones.</exception>
    public static SniffedDelimiter Sniff(byte[] sample, bool complete, char? declared, Func<string, bool> known, bool seekPreamble)
    {
        if (seekPreamble && SeparatorLine(sample) is var (separator, length))
        {
            var after = Sniff(sample[length..], complete, declared ?? separator, known, seekPreamble: true);
            return after with { PreambleLines = after.PreambleLines + 1 };
        }

        var candidates = declared is not { } given || Candidates.Contains(given) ? Candidates : [.. Candidates, given];
        DelimiterReading[] readings = [.. candidates.Select(candidate => Read(sample, complete, candidate, known, seekPreamble))];
        if (declared is null && Array.Find(readings, r => r.Cells == 0) is { } blank)
        {
            // Nothing but blank records, or a quote that leaves no record whole: reading says so.
            return new SniffedDelimiter(blank.Delimiter, 1, 0);
        }

        var best = readings.MaxBy(r => r.Score)!;
        var chosen = declared is { } delimiter ? readings.First(r => r.Delimiter == delimiter)
            : best is { Cells: > 1, Score: > 0 } ? best
            : readings.Where(r => r.Cells > 1).MaxBy(r => r.Cells);
        if (chosen is not { Cells: > 1 })
        {
            if (declared is { } wrong && best is { Cells: > 1, Score: > 0 })
            {
                throw new UploadException(
                    "delimiter_mismatch",
                    $"The header on line {best.HeaderLine} does not hold the delimiter {Name(wrong)}; {Name(best.Delimiter)} "
                    + $"separates it into {best.Cells} cells. Give that delimiter, or none.");
            }

            RequireNoRowsInQuotes(sample, complete, known);
            return new SniffedDelimiter(declared, 1, chosen?.PreambleLines ?? best.PreambleLines);
        }

        RequireRowsLike(chosen, readings);
        return new SniffedDelimiter(chosen.Delimiter, declared is null ? chosen.Regularity : 1, chosen.PreambleLines);
    }

    /// <summary>Excel's own hint, a first line <c>sep=;</c>, and where the next begins.</summary>
    private static (char Separator, int Length)? SeparatorLine(byte[] sample)
    {
        var end = sample.AsSpan(0, Math.Min(sample.Length, 16)).IndexOfAny((byte)'\r', (byte)'\n');
        var line = Encoding.UTF8.GetString(sample, 0, Math.Max(0, end)).AsSpan().Trim('"');
        if (line.Length != 5 || !line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) || line[4] == '"')
        {
            return null;
        }

        return (line[4], end + (sample.AsSpan(end).StartsWith("\r\n"u8) ? 2 : 1));
    }

    /// <summary>Refuses rows that are separated by another delimiter than the header.</summary>
    private static void RequireRowsLike(DelimiterReading header, DelimiterReading[] readings)
    {
        var uncut = header.Widths.Count(width => width == 1);
        if (uncut * 2 <= header.Widths.Length)
        {
            return;
        }

        if (readings.FirstOrDefault(r => r != header && r.Widths.Count(width => width == header.Cells) * 2 > r.Widths.Length) is { } rows)
        {
            throw new UploadException(
                "delimiter_uncertain",
                $"The header on line {header.HeaderLine} is separated by {Name(header.Delimiter)}, the rows below it by "
                + $"{Name(rows.Delimiter)}. Write both with the same delimiter.");
        }
    }

    /// <summary>Refuses a file in which each line was quoted as a whole, delimiters and all.</summary>
    private static void RequireNoRowsInQuotes(byte[] sample, bool complete, Func<string, bool> known)
    {
        var lines = Records(sample, complete, Dialect.NoDelimiter);
        if (lines.Count == 0 || !lines.TrueForAll(line => line.IsQuoted))
        {
            return;
        }

        var inner = Encoding.UTF8.GetBytes(string.Join('\n', lines.Select(line => line.Cells[0])));
        var rows = Candidates.Select(candidate => Read(inner, complete: true, candidate, known, seekPreamble: false))
            .Where(r => r is { Cells: > 1, Regularity: >= RegularBody }).MaxBy(r => r.Cells);
        if (rows is not null)
        {
            throw new UploadException(
                "rows_in_quotes",
                $"Each line is quoted as a whole, so the file has one column instead of {rows.Cells} separated by "
                + $"{Name(rows.Delimiter)}. Export it again without quotes around whole lines.");
        }
    }

    private static string Name(char delimiter) => delimiter switch
    {
        '\t' => "tab",
        < ' ' => $"U+{(int)delimiter:X4}",
        _ => $"'{delimiter}'",
    };

    /// <param name="Delimiter">By which the sample was read.</param>
    /// <param name="Cells">The header's.</param>
    /// <param name="Regularity">How far the rows agree with it.</param>
    /// <param name="PreambleLines">Lines before the header.</param>
    /// <param name="HeaderLine">The header's line in the sample, from 1.</param>
    /// <param name="Score">How good a reading this is; 0 if it says nothing.</param>
    /// <param name="Widths">The number of cells of each record below the header.</param>
    private sealed record DelimiterReading(
        char Delimiter, int Cells, double Regularity, int PreambleLines, int HeaderLine, double Score, int[] Widths);

    /// <param name="Cells">Its cells.</param>
    /// <param name="Line">Its line in the sample, from 1.</param>
    /// <param name="IsQuoted">Whether it begins with a quote.</param>
    private sealed record Sampled(string[] Cells, int Line, bool IsQuoted)
    {
        public int Filled { get; } = Cells.Count(cell => !string.IsNullOrWhiteSpace(cell));
    }

    private static DelimiterReading Read(byte[] sample, bool complete, char delimiter, Func<string, bool> known, bool seekPreamble)
    {
        var records = Records(sample, complete, delimiter);
        if (records.Count == 0)
        {
            return new DelimiterReading(delimiter, 0, 0, 0, 1, 0, []);
        }

        var (header, recognised) = seekPreamble ? Header(records, known) : (0, Recognised(records[0].Cells, known));
        var cells = records[header].Cells.Length;
        var regularity = Regularity(records, header);
        var score = (recognised * 10)
            + (cells < 2 || regularity < LeastRegular ? 0 : regularity * Math.Log2(cells) * (header == 0 ? 1 : PreamblePenalty));
        int[] widths = [.. records.Skip(header + 1).Select(r => r.Cells.Length)];
        return new DelimiterReading(
            delimiter, cells, Math.Round(regularity, 2), header == 0 ? 0 : records[header].Line - 1,
            records[header].Line, score, widths);
    }

    private static (int Record, int Recognised) Header(List<Sampled> records, Func<string, bool> known)
    {
        var best = 0;
        var most = 0;
        for (var i = 0; i < Math.Min(records.Count, MaxHeaderRecord); i++)
        {
            var count = Recognised(records[i].Cells, known);
            if (most > 1 && count * 2 < records[i].Filled)
            {
                break; // Rows have begun: a header below them is that of another table.
            }

            if (count > most && (count > 1 || records[i].Cells.Length <= NarrowHeader))
            {
                (best, most) = (i, count);
            }
        }

        return most > 0 ? (best, most) : (FirstWide(records), 0);
    }

    private static int Recognised(string[] cells, Func<string, bool> known) =>
        cells.Where(known).Select(HeaderName.Normalize).Distinct().Count();

    /// <summary>Where a title, or names of groups of columns, give way to a regular table: the first record of the table.</summary>
    private static int FirstWide(List<Sampled> records)
    {
        var top = records[0];
        var usual = Usual(records.Where(r => r.Cells.Length > 1));
        var few = Math.Max(1, usual / 4);
        var narrow = top.Cells.Length <= few;

        // A spreadsheet fills a title up with delimiters: then only words below it show that the header is yet to come, not a header of few
        // names.
        var padded = usual >= NarrowHeader && (top.Filled <= few || top.Filled * 2 < top.Cells.Length);
        if (usual == 0 || !(narrow || padded))
        {
            return 0;
        }

        var first = records.FindIndex(r => (narrow ? r.Cells.Length : r.Filled) >= usual * 3 / 4.0);
        return first > 0 && (narrow || IsWordy(records[first])) && Regularity(records, first) >= RegularBody ? first : 0;
    }

    /// <summary>Whether no cell is an address or begins like a number.</summary>
    private static bool IsWordy(Sampled record) =>
        record.Cells.All(cell => !cell.Contains('@', StringComparison.Ordinal)
            && (cell.Length == 0 || !(char.IsAsciiDigit(cell[0]) || cell[0] == '+')));

    /// <summary>
    /// The share of the records after the header that have the usual number of cells, cut where that is not the header's.
    /// </summary>
    private static double Regularity(List<Sampled> records, int header)
    {
        var body = records.Skip(header + 1).ToList();
        if (body.Count == 0)
        {
            return 1;
        }

        var usual = Usual(body);
        var share = body.Count(r => r.Cells.Length == usual) / (double)body.Count;
        return usual == records[header].Cells.Length ? share : share * 0.7;
    }

    private static int Usual(IEnumerable<Sampled> records) =>
        records.GroupBy(r => r.Cells.Length).OrderByDescending(g => g.Count()).ThenByDescending(g => g.Key)
            .Select(g => g.Key).FirstOrDefault();

    private static List<Sampled> Records(byte[] sample, bool complete, char delimiter)
    {
        var scanner = new RecordScanner(Encoding.UTF8.GetBytes([delimiter]));
        var records = new List<Sampled>();
        var line = 1;
        for (var at = 0;
            at < sample.Length && records.Count < MaxRecords && scanner.Scan(sample, at, sample.Length, complete);
            at += scanner.Length)
        {
            if (scanner.Damage is null && !DelimitedRows.IsBlank(scanner))
            {
                string[] cells = [.. Enumerable.Range(0, scanner.Count).Select(i => Encoding.UTF8.GetString(scanner.Cell(i)))];
                records.Add(new Sampled(cells, line, scanner.Raw.StartsWith("\""u8)));
            }

            line += LineEnds.Count(sample.AsSpan(at, scanner.Length));
        }

        return records;
    }
}
