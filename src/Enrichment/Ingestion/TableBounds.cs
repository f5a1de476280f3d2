using System.Text;
using System.Text.RegularExpressions;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Ingestion;

/// <summary>Tells rows of a table from what reports, spreadsheets and merged exports put between and below them.</summary>
/// <param name="headers">The file's own headers.</param>
/// <param name="known">Other headers that are known, normalised.</param>
internal sealed partial class TableBounds(IReadOnlyList<string> headers, IReadOnlySet<string> known)
{
    private const int NarrowTable = 3;
    private const int MaxHeaderBytes = 64;
    private readonly string[] _headers = [.. headers.Select(HeaderName.Normalize)];
    private readonly HashSet<string> _own = [.. headers.Select(HeaderName.Normalize).Where(h => h.Length > 0)];
    private readonly HashSet<int> _widths = [headers.Count];
    // First and last letter of every header, small or capital.
    private readonly bool[] _ends = EndsOf(headers.Select(HeaderName.Normalize).Concat(known));
    private bool _hasLoneRows;
    private long _secondTable;
    private int _secondWidth;
    private bool _inReport;

    /// <summary>What a record is.</summary>
    /// <param name="Code">Null for a row.</param>
    /// <param name="Reason">A sentence.</param>
    /// <param name="Held">It may be a line of the report: what follows decides.</param>
    public readonly record struct Finding(string? Code, string Reason, bool Held);

    private static readonly Finding Row = new(null, "", false);

    /// <param name="record">The record, not blank.</param>
    /// <param name="line">The line on which it begins.</param>
    /// <param name="afterBlank">Whether a blank line or a record of blank cells stands before it.</param>
    public Finding Judge(RecordScanner record, long line, bool afterBlank)
    {
        (int first, int filled) = Filled(record);
        Finding finding = Outside(record, line, first, filled, afterBlank);
        _inReport = finding.Code == "report_line" || finding.Held;
        if (finding is { Code: null, Held: false })
        {
            if (record.Count != headers.Count)
                _widths.Add(record.Count);
            _hasLoneRows |= filled == 1;
        }

        return finding;
    }

    /// <summary>Takes lines that were held for rows.</summary>
    public void TakeHeld() => _hasLoneRows = true;

    /// <summary>What is said of a line that was held and turned out to be none of the table.</summary>
    public static (string Code, string Reason) ReportLine { get; } =
        ("report_line", "The line stands apart from the table and fills a single cell: a title, a footer or a note, not a row.");

    private Finding Outside(RecordScanner record, long line, int first, int filled, bool afterBlank)
    {
        ReadOnlySpan<byte> lead = record.Cell(first);
        if (lead.Length <= MaxHeaderBytes && IsHeader(lead) && HeaderLike(record, line) is { } header)
            return header;
        if (_secondTable > 0 && (_secondWidth == 0 || record.Count == _secondWidth))
            return SecondTable();
        _secondTable = 0;
        if (headers.Count > 1 && IsTotal(record, first, filled))
            return new("total", "The row sums up others: it begins with a word for a total, and all else in it is numbers.", false);
        if (filled == 1 && first == 0 && headers.Count > 1)
            return Lone(record, afterBlank);
        if (afterBlank && record.Count > 1 && !_widths.Contains(record.Count) && IsWordy(record))
        {
            (_secondTable, _secondWidth) = (line, record.Count);
            return SecondTable();
        }

        return Row;
    }

    private Finding SecondTable() => new(
        "second_table",
        $"Another table begins on line {_secondTable}, with other columns. Its rows are not read; save it as a file of its own.",
        false);

    /// <summary>A header in the middle: the file's own once more, or that of another table.</summary>
    private Finding? HeaderLike(RecordScanner record, long line)
    {
        bool same = record.Count >= headers.Count;
        (int recognised, int filled) = (0, 0);
        for (int i = 0; i < record.Count; i++)
        {
            string cell = HeaderName.Normalize(Encoding.UTF8.GetString(record.Cell(i)));
            same &= i < _headers.Length ? cell == _headers[i] : cell.Length == 0;
            filled += cell.Length > 0 ? 1 : 0;
            recognised += _own.Contains(cell) || known.Contains(cell) ? 1 : 0;
        }

        if (same)
        {
            _secondTable = 0;
            return new("repeated_header", "The row repeats the header.", false);
        }

        if (recognised < 2 || recognised * 3 < filled * 2)
            return null;
        (_secondTable, _secondWidth) = (line, 0);
        return SecondTable();
    }

    private Finding Lone(RecordScanner record, bool afterBlank)
    {
        string text = Encoding.UTF8.GetString(record.Cell(0));
        bool apart = (afterBlank || _inReport) && !_hasLoneRows && headers.Count >= NarrowTable;
        if (Report().IsMatch(text) || (apart && record.Count == 1))
            return new(ReportLine.Code, ReportLine.Reason, false);
        return apart ? new(null, "", Held: true) : Row;
    }

    private bool IsHeader(ReadOnlySpan<byte> cell)
    {
        cell = cell.Trim((byte)' ');
        if (cell.IsEmpty || !_ends[Ends(cell)])
            return false; // Nearly every row ends here.
        string text = HeaderName.Normalize(Encoding.UTF8.GetString(cell));
        return _own.Contains(text) || known.Contains(text);
    }

    private static int Ends(ReadOnlySpan<byte> text) => ((text[0] | 0x20) << 8) | (text[^1] | 0x20);

    private static bool[] EndsOf(IEnumerable<string> names)
    {
        var ends = new bool[1 << 16];
        foreach (string name in names)
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            if (text.Length > 0)
                ends[Ends(text)] = true;
        }

        return ends;
    }

    private static bool IsTotal(RecordScanner record, int first, int filled)
    {
        ReadOnlySpan<byte> lead = record.Cell(first);
        if (lead.Length > MaxHeaderBytes)
            return false;

        // The numbers first: nearly every row has a word in its second filled cell, and is done with.
        for (int i = first + 1; i < record.Count && filled > 1; i++)
        {
            ReadOnlySpan<byte> cell = record.Cell(i);
            if (!DelimitedRows.IsBlank(cell) && (!HasDigit(cell) || !Number().IsMatch(Encoding.UTF8.GetString(cell))))
                return false;
        }

        return Total().IsMatch(Encoding.UTF8.GetString(record.Cell(first)));
    }

    private static bool HasDigit(ReadOnlySpan<byte> cell) => cell.IndexOfAnyInRange((byte)'0', (byte)'9') >= 0;

    /// <summary>Whether no cell is blank or holds what headers do not hold: digits, addresses.</summary>
    private static bool IsWordy(RecordScanner record)
    {
        for (int i = 0; i < record.Count; i++)
        {
            ReadOnlySpan<byte> cell = record.Cell(i);
            if (cell.Length > MaxHeaderBytes || DelimitedRows.IsBlank(cell) || HasDigit(cell) || cell.IndexOfAny((byte)'@', (byte)'/') >= 0)
                return false;
        }

        return true;
    }

    private static (int First, int Filled) Filled(RecordScanner record)
    {
        (int first, int filled) = (-1, 0);
        for (int i = 0; i < record.Count && (filled < 2 || first < 0); i++)
        {
            if (DelimitedRows.IsBlank(record.Cell(i)))
                continue;
            first = first < 0 ? i : first;
            filled++;
        }

        return (Math.Max(first, 0), filled);
    }

    [GeneratedRegex(
        @"^\s*(grand[ -]?|sub[ -]?)?(totals?|sum|summe|gesamt(summe)?|zwischensumme|somme|suma|totale|totaal)\b\s*"
        + @"(général|general|generale|for\b.*|für\b.*|pour\b.*)?[\s:=(]*[\d.,]*\s*(records?|rows?|leads?|contacts?|accounts?|items?|results?|entries)?[\s).]*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Total();

    [GeneratedRegex(@"^[\s\p{Sc}+(-]*\d[\d.,'\s\u00A0\u202F]*[\s%)\p{Sc}]*([A-Z]{3})?\s*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    [GeneratedRegex(
        @"^\s*(copyright\b|©|\(c\)\s*\d{4}|confidential\b.*(information|distribut|internal)|(report\s+)?(generated|exported|printed|downloaded|created|run)\s+(by|on|at|from|in)\b"
        + @"|as of\s+\S*\d|run date|filter(ed|s)?\s*(by\b|:)|page\s+\d+|end of (report|file|list|export)|(total\s+)?(number of\s+)?(records?|rows?|results?|leads?|contacts?)\s*[:=]\s*\d"
        + @"|\d[\d.,]*\s+(records?|rows?|results?|leads?|contacts?)(\s+(total|found|selected|exported|in total))?\s*\.?$|(accrual|cash) basis\b|-{3,}$|={3,}$)|all rights reserved|do not distribute",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Report();
}
