using System.Text;
using System.Text.RegularExpressions;

namespace Enrichment.Ingestion;

/// <summary>Tells rows of a table from what reports, spreadsheets and merged exports put between and below them.</summary>
/// <param name="headers">The file's own headers.</param>
/// <param name="known">Other headers that are known, normalised.</param>
internal sealed partial class TableBounds(IReadOnlyList<string> headers, IReadOnlySet<string> known)
{
    private const int NarrowTable = 3;
    private const int MaxHeaderBytes = 64;
    private readonly string[] normalized = [.. headers.Select(HeaderName.Normalize)];
    private readonly HashSet<string> own = [.. headers.Select(HeaderName.Normalize).Where(h => h.Length > 0)];
    private readonly HashSet<int> widths = [headers.Count];
    // First and last letter of every header, small or capital.
    private readonly bool[] ends = EndsOf(headers.Select(HeaderName.Normalize).Concat(known));
    private bool hasLoneRows;
    private long secondTable;
    private int secondWidth;
    private bool inReport;

    /// <summary>The kind of a record.</summary>
    /// <param name="Code">Null for a row.</param>
    /// <param name="Reason">A sentence.</param>
    /// <param name="Held">It may be a line of the report: the following records decide.</param>
    public readonly record struct RecordFinding(string? Code, string Reason, bool Held);

    private static readonly RecordFinding Row = new(null, "", false);

    /// <param name="record">The record, not blank.</param>
    /// <param name="line">The line on which it begins.</param>
    /// <param name="afterBlank">Whether a blank line or a record of blank cells comes before it.</param>
    public RecordFinding Judge(RecordScanner record, long line, bool afterBlank)
    {
        var (first, filled) = Filled(record);
        var finding = Outside(record, line, first, filled, afterBlank);
        inReport = finding.Code == "report_line" || finding.Held;
        if (finding is { Code: null, Held: false })
        {
            if (record.Count != headers.Count)
            {
                widths.Add(record.Count);
            }

            hasLoneRows |= filled == 1;
        }

        return finding;
    }

    /// <summary>Takes lines that were held for rows.</summary>
    public void TakeHeld() => hasLoneRows = true;

    /// <summary>The reason for a line that turned out not to belong to the table.</summary>
    public static (string Code, string Reason) ReportLine { get; } =
        ("report_line", "The line is separate from the table and fills a single cell: a title, a footer or a note, not a row.");

    private RecordFinding Outside(RecordScanner record, long line, int first, int filled, bool afterBlank)
    {
        var lead = record.Cell(first);
        if (lead.Length <= MaxHeaderBytes && IsHeader(lead) && HeaderLike(record, line) is { } header)
        {
            return header;
        }

        if (secondTable > 0 && (secondWidth == 0 || record.Count == secondWidth))
        {
            return SecondTable();
        }

        secondTable = 0;
        if (headers.Count > 1 && IsTotal(record, first, filled))
        {
            return new("total", "The row sums up others: it begins with a word for a total, and its other cells are numbers.", false);
        }

        if (filled == 1 && first == 0 && headers.Count > 1)
        {
            return Lone(record, afterBlank);
        }

        if (afterBlank && record.Count > 1 && !widths.Contains(record.Count) && IsWordy(record))
        {
            (secondTable, secondWidth) = (line, record.Count);
            return SecondTable();
        }

        return Row;
    }

    private RecordFinding SecondTable() => new(
        "second_table",
        $"Another table begins on line {secondTable}, with other columns. Its rows are not read; save it as a file of its own.",
        false);

    /// <summary>A header in the middle: the file's own once more, or that of another table.</summary>
    private RecordFinding? HeaderLike(RecordScanner record, long line)
    {
        var same = record.Count >= headers.Count;
        var (recognised, filled) = (0, 0);
        for (var i = 0; i < record.Count; i++)
        {
            var cell = HeaderName.Normalize(Encoding.UTF8.GetString(record.Cell(i)));
            same &= i < normalized.Length ? cell == normalized[i] : cell.Length == 0;
            filled += cell.Length > 0 ? 1 : 0;
            recognised += own.Contains(cell) || known.Contains(cell) ? 1 : 0;
        }

        if (same)
        {
            secondTable = 0;
            return new("repeated_header", "The row repeats the header.", false);
        }

        if (recognised < 2 || recognised * 3 < filled * 2)
        {
            return null;
        }

        (secondTable, secondWidth) = (line, 0);
        return SecondTable();
    }

    private RecordFinding Lone(RecordScanner record, bool afterBlank)
    {
        var text = Encoding.UTF8.GetString(record.Cell(0));
        var apart = (afterBlank || inReport) && !hasLoneRows && headers.Count >= NarrowTable;
        if (Report().IsMatch(text) || (apart && record.Count == 1))
        {
            return new(ReportLine.Code, ReportLine.Reason, false);
        }

        return apart ? new(null, "", Held: true) : Row;
    }

    private bool IsHeader(ReadOnlySpan<byte> cell)
    {
        cell = cell.Trim((byte)' ');
        if (cell.IsEmpty || !ends[Ends(cell)])
        {
            return false; // Nearly every row ends here.
        }

        var text = HeaderName.Normalize(Encoding.UTF8.GetString(cell));
        return own.Contains(text) || known.Contains(text);
    }

    private static int Ends(ReadOnlySpan<byte> text) => ((text[0] | 0x20) << 8) | (text[^1] | 0x20);

    private static bool[] EndsOf(IEnumerable<string> names)
    {
        var ends = new bool[1 << 16];
        foreach (var name in names)
        {
            var text = Encoding.UTF8.GetBytes(name);
            if (text.Length > 0)
            {
                ends[Ends(text)] = true;
            }
        }

        return ends;
    }

    private static bool IsTotal(RecordScanner record, int first, int filled)
    {
        var lead = record.Cell(first);
        if (lead.Length > MaxHeaderBytes)
        {
            return false;
        }

        // The numbers first: nearly every row has a word in its second filled cell, and is done with.
        for (var i = first + 1; i < record.Count && filled > 1; i++)
        {
            var cell = record.Cell(i);
            if (!DelimitedRows.IsBlank(cell) && (!HasDigit(cell) || !Number().IsMatch(Encoding.UTF8.GetString(cell))))
            {
                return false;
            }
        }

        return Total().IsMatch(Encoding.UTF8.GetString(record.Cell(first)));
    }

    private static bool HasDigit(ReadOnlySpan<byte> cell) => cell.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;

    /// <summary>Whether no cell is blank or holds what headers do not hold: digits, addresses.</summary>
    private static bool IsWordy(RecordScanner record)
    {
        for (var i = 0; i < record.Count; i++)
        {
            var cell = record.Cell(i);
            if (cell.Length > MaxHeaderBytes || DelimitedRows.IsBlank(cell) || HasDigit(cell) || cell.IndexOfAny((byte)'@', (byte)'/') >= 0)
            {
                return false;
            }
        }

        return true;
    }

    private static (int First, int Filled) Filled(RecordScanner record)
    {
        var (first, filled) = (-1, 0);
        for (var i = 0; i < record.Count && (filled < 2 || first < 0); i++)
        {
            if (DelimitedRows.IsBlank(record.Cell(i)))
            {
                continue;
            }

            first = first < 0 ? i : first;
            filled++;
        }

        return (Math.Max(first, 0), filled);
    }

    [GeneratedRegex(
        @"^\s*(grand[ -]?|sub[ -]?)?(totals?|sum|summe|gesamt(summe)?|zwischensumme|somme|suma|totale|totaal)\b\s*"
        + @"(général|general|generale|for\b.*|für\b.*|pour\b.*)?[\s:=(]*[\d.,]*"
        + @"\s*(records?|rows?|leads?|contacts?|accounts?|items?|results?|entries)?[\s).]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Total();

    [GeneratedRegex(
        @"^[\s\p{Sc}+(-]*\d[\d.,'\s\u00A0\u202F]*[\s%)\p{Sc}]*([A-Z]{3})?\s*\z",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(
        @"^\s*(copyright\b|©|\(c\)\s*\d{4}|confidential\b.*(information|distribut|internal)"
        + @"|(report\s+)?(generated|exported|printed|downloaded|created|run)\s+(by|on|at|from|in)\b"
        + @"|as of\s+\S*\d|run date|filter(ed|s)?\s*(by\b|:)|page\s+\d+|end of (report|file|list|export)"
        + @"|(total\s+)?(number of\s+)?(records?|rows?|results?|leads?|contacts?)\s*[:=]\s*\d"
        + @"|\d[\d.,]*\s+(records?|rows?|results?|leads?|contacts?)(\s+(total|found|selected|exported|in total))?\s*\.?$"
        + @"|(accrual|cash) basis\b|-{3,}$|={3,}$)|all rights reserved|do not distribute",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Report();
}
