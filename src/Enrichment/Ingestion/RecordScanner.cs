using System.Buffers;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Enrichment.Ingestion;

/// <summary>Finds one record of delimited text and its cells, by the rules of RFC 4180, and tells where the text breaks them.</summary>
/// <remarks>
/// A quote opens a cell if only blanks come before it, and closes it if only blanks follow up to a delimiter or a line end.
/// A quoted cell that is followed by other text on its own line does not count as quoted: it is kept as it is, quotes included, up to the
/// next delimiter.
/// A quoted cell that spans lines and is followed by other text, or is never closed, is damage: the record then ends with the line on which
/// the quote opened.
/// So is a record whose lines all have exactly as many cells as the header, three or more of each: lines that two stray quotes have joined.
/// </remarks>
internal sealed class RecordScanner
{
    private static readonly Vector256<byte> Quotes = Vector256.Create((byte)'"');
    private static readonly Vector256<byte> Feeds = Vector256.Create((byte)'\n');
    private static readonly Vector256<byte> Returns = Vector256.Create((byte)'\r');
    private const int JoinedLines = 3;
    private const int JoinedWidth = 3;
    private readonly byte[] delimiter;
    private readonly SearchValues<byte> ends;
    private readonly bool tabIsBlank;
    private Part[] cells = new Part[64];
    private byte[] text = [];
    private int start;
    private int length;
    private byte[] unescaped = [];

    /// <param name="delimiter">One character in UTF-8, no quote and no line end.</param>
    public RecordScanner(ReadOnlySpan<byte> delimiter)
    {
        this.delimiter = delimiter.ToArray();
        ends = SearchValues.Create([this.delimiter[0], (byte)'\r', (byte)'\n']);
        tabIsBlank = this.delimiter[0] != '\t';
    }

    /// <summary>The header's number of cells; 0 while it is not known.</summary>
    public int Width { get; set; }

    /// <summary>The record's cells.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the record with its line end: where the next begins.</summary>
    public int Length { get; private set; }

    /// <summary>Why the record is only a part of what its quotes say, or null.</summary>
    public QuoteDamage? Damage { get; private set; }

    /// <summary>Whether a quoted cell of the record holds a line end.</summary>
    public bool SpansLines { get; private set; }

    /// <summary>Whether the record holds a cell in which text follows the closing quote on the same line.</summary>
    public bool IsLoose { get; private set; }

    /// <summary>Whether such a cell has an odd number of quotes: a delimiter or a line end inside them may have cut it.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Whether the last cell is such a cell: the next line may belong to it.</summary>
    public bool EndsLoose { get; private set; }

    /// <summary>Whether a quoted cell is open at the end of a text that is too short, and how many cells it has by then.</summary>
    public (bool Open, int Column) Pending { get; private set; }

    private readonly record struct Part(int Start, int Length, bool Escaped);

    /// <summary>The record as it is, without its line end.</summary>
    public ReadOnlySpan<byte> Raw => text.AsSpan(start, length);

    /// <summary>Scans a record. Its cells lie in the text, which must stay as it is while they are read.</summary>
    /// <param name="text">Holds the record.</param>
    /// <param name="start">Where the record begins.</param>
    /// <param name="end">Where the text ends.</param>
    /// <param name="complete">Whether nothing follows the text: an open quote is then damage.</param>
    /// <returns>False if the record does not end within the text.</returns>
    public bool Scan(byte[] text, int start, int end, bool complete)
    {
        (this.text, this.start) = (text, start);
        (Count, Damage, SpansLines, IsLoose, IsTorn, EndsLoose) = (0, null, false, false, false, false);
        return Scan(text.AsSpan(start, end - start), complete);
    }

    /// <summary>A cell without its quotes. Valid until the next cell is read.</summary>
    public ReadOnlySpan<byte> Cell(int index)
    {
        var cell = cells[index];
        ReadOnlySpan<byte> value = text.AsSpan(start + cell.Start, cell.Length);
        return cell.Escaped ? Unescape(value) : value;
    }

    private bool Scan(ReadOnlySpan<byte> text, bool complete)
    {
        for (var at = 0; ;)
        {
            at = PlainCells(text, at);
            var quote = Opening(text, at);
            var next = quote < 0 ? Plain(text, at, complete) : Quoted(text, at, quote, complete);
            if (next < 0)
            {
                Pending = (quote >= 0, Count + 1);
                return false;
            }

            if (Damage is not null)
            {
                return true;
            }

            if (next < text.Length && text[next] == delimiter[0])
            {
                at = next + delimiter.Length;
                EndsLoose = false;
                continue;
            }

            if (!End(text, next, complete))
            {
                Pending = (false, Count);
                return false;
            }

            if (SpansLines && Width >= JoinedWidth && IsJoined(text[..length]))
            {
                Break(text, 0, length, QuoteFault.JoinsLines);
            }

            return true;
        }
    }

    /// <summary>
    /// Takes cells without quotes that a delimiter ends, as nearly all do, a block of bytes at a time. Returns where the first other cell
    /// begins.
    /// </summary>
    private int PlainCells(ReadOnlySpan<byte> text, int start)
    {
        if (this.delimiter.Length > 1)
        {
            return start;
        }

        var delimiter = this.delimiter[0];
        var delimiters = Vector256.Create(delimiter);
        for (var block = start; block + Vector256<byte>.Count <= text.Length; block += Vector256<byte>.Count)
        {
            var bytes = Vector256.Create(text.Slice(block, Vector256<byte>.Count));
            var found = Vector256.Equals(bytes, delimiters) | Vector256.Equals(bytes, Quotes)
                | Vector256.Equals(bytes, Feeds) | Vector256.Equals(bytes, Returns);
            for (var bits = found.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                var at = block + BitOperations.TrailingZeroCount(bits);
                if (text[at] != delimiter)
                {
                    return start;
                }

                Add(start, at - start, escaped: false);
                start = at + 1;
            }
        }

        return start;
    }

    /// <summary>The quote that opens the cell, or -1.</summary>
    private int Opening(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && IsBlank(text[at]))
        {
            at++;
        }

        return at < text.Length && text[at] == '"' ? at : -1;
    }

    private bool IsBlank(byte b) => b == ' ' || (b == '\t' && tabIsBlank);

    /// <summary>Takes a cell without quotes. Returns where it ends, or -1 if that is not to be seen.</summary>
    private int Plain(ReadOnlySpan<byte> text, int start, bool complete)
    {
        var end = start;
        while (true)
        {
            var found = text[end..].IndexOfAny(ends);
            if (found < 0)
            {
                if (!complete)
                {
                    return -1;
                }

                end = text.Length;
                break;
            }

            end += found;
            if (text[end] != delimiter[0] || IsDelimiter(text[end..]))
            {
                break;
            }

            end++;
        }

        Add(start, end - start, escaped: false);
        return end;
    }

    private int Quoted(ReadOnlySpan<byte> text, int start, int quote, bool complete)
    {
        var escaped = false;
        for (var at = quote + 1; ;)
        {
            var found = text[at..].IndexOf((byte)'"');
            if (found < 0)
            {
                return complete ? Break(text, quote, text.Length, QuoteFault.NeverClosed) : -1;
            }

            var close = at + found;
            if (close + 1 < text.Length && text[close + 1] == '"')
            {
                escaped = true;
                at = close + 2;
                continue;
            }

            var after = close + 1;
            while (after < text.Length && IsBlank(text[after]))
            {
                after++;
            }

            if (after + delimiter.Length > text.Length && !complete)
            {
                return -1;
            }

            var inside = text[quote..close].IndexOfAny((byte)'\r', (byte)'\n') >= 0;
            if (after == text.Length || text[after] is (byte)'\r' or (byte)'\n' || IsDelimiter(text[after..]))
            {
                SpansLines |= inside;
                Add(quote + 1, close - quote - 1, escaped);
                return after;
            }

            if (inside)
            {
                return Break(text, quote, close, QuoteFault.ClosesBeforeText);
            }

            var end = Plain(text, start, complete);
            if (end >= 0)
            {
                (IsLoose, EndsLoose) = (true, true);
                IsTorn |= (text[start..end].Count((byte)'"') & 1) == 1;
            }

            return end;
        }
    }

    private bool IsDelimiter(ReadOnlySpan<byte> text) => text.StartsWith(delimiter);

    /// <summary>
    /// Ends the record at a line end or at the end of all text. False if the line end may be longer than the text shows.
    /// </summary>
    private bool End(ReadOnlySpan<byte> text, int at, bool complete)
    {
        length = at;
        Length = at;
        if (at == text.Length)
        {
            return complete;
        }

        Length++;
        if (text[at] == '\n')
        {
            return true;
        }

        if (Length == text.Length)
        {
            return complete;
        }

        Length += text[Length] == '\n' ? 1 : 0;
        return true;
    }

    /// <summary>Ends the record with the line on which the quote opened.</summary>
    private int Break(ReadOnlySpan<byte> text, int quote, int until, QuoteFault fault)
    {
        var line = text[quote..].IndexOfAny((byte)'\r', (byte)'\n');
        End(text, line < 0 ? text.Length : quote + line, complete: true);
        Damage = new QuoteDamage(fault, Count + 1, until, LineEnds.Count(text[quote..until].TrimEnd("\r\n"u8)) + 1);
        return length;
    }

    /// <summary>Whether every line of a record reads as a row of its own, as wide as the header.</summary>
    private bool IsJoined(ReadOnlySpan<byte> record)
    {
        var lines = 0;
        while (true)
        {
            var end = record.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? record : record[..end];
            if (line.Count(delimiter) != Width - 1)
            {
                return false;
            }

            lines++;
            if (end < 0)
            {
                return lines >= JoinedLines;
            }

            record = record[(end + (record[end..].StartsWith("\r\n"u8) ? 2 : 1))..];
        }
    }

    private void Add(int start, int length, bool escaped)
    {
        if (Count == cells.Length)
        {
            Array.Resize(ref cells, Count * 2);
        }

        cells[Count++] = new Part(start, length, escaped);
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> value)
    {
        if (unescaped.Length < value.Length)
        {
            unescaped = new byte[Math.Max(value.Length, unescaped.Length * 2)];
        }

        var length = 0;
        while (value.IndexOf((byte)'"') is >= 0 and var quote)
        {
            value[..(quote + 1)].CopyTo(unescaped.AsSpan(length));
            length += quote + 1;
            value = value[(quote + 2)..];
        }

        value.CopyTo(unescaped.AsSpan(length));
        return unescaped.AsSpan(0, length + value.Length);
    }
}
