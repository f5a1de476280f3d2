using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Enrichment.Json;

namespace Enrichment.Ingestion;

/// <summary>Reads delimited text, record by record, into staged rows. Cells go into a row's JSON without becoming strings.</summary>
/// <param name="text">UTF-8.</param>
/// <param name="dialect">How it is written.</param>
/// <param name="binder">Binds its columns to fields.</param>
/// <param name="tally">Counts the rows.</param>
/// <param name="isUtf8">False if some bytes of the text are no UTF-8: the rows that hold them are rejected.</param>
internal sealed class DelimitedRows(TextSource text, Dialect dialect, ColumnBinder binder, UploadTally tally, bool isUtf8)
{
    // Report lines below a table come in small numbers; more in a row are rows with a single value.
    private const int MaxHeld = 32;
    private readonly char delimiter = dialect.Delimiter ?? Dialect.NoDelimiter;
    private readonly RowBuffer buffer = new(tally);
    private readonly RecordReader reader = new(text, dialect.Delimiter ?? Dialect.NoDelimiter, dialect.PreambleLines + 1);
    private readonly Queue<(byte[] Raw, long Line)> held = new();
    private TableBounds bounds = null!;
    private bool[] filled = [];
    private bool afterBlank;
    private bool afterLoose;

    public UploadColumns Columns { get; private set; } = UploadColumns.None;

    private RecordScanner Record => reader.Record;

    public async IAsyncEnumerable<RowBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await text.SkipLinesAsync(dialect.PreambleLines, cancellationToken).ConfigureAwait(false);
        var more = await NextAsync(cancellationToken).ConfigureAwait(false);
        if (!more)
        {
            throw new UploadException("empty", dialect.PreambleLines == 0 ? "The file holds no record: only blank lines, or nothing at all."
                : $"The file holds no record: nothing is below the {dialect.PreambleLines} lines that are left out before the header. "
                    + "Leave out fewer lines.");
        }

        Columns = binder.Bind(Headers());
        Record.Width = Columns.Count;
        filled = new bool[Columns.Count];
        bounds = new TableBounds(Columns.Headers, dialect.HasHeader ? binder.KnownHeaders() : new HashSet<string>());
        afterBlank = false;
        if (dialect.HasHeader)
        {
            more = await NextAsync(cancellationToken).ConfigureAwait(false);
        }

        while (more)
        {
            Take();
            if (buffer.IsFull)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return buffer.Batch();
                buffer.Turn();
            }

            more = await NextAsync(cancellationToken).ConfigureAwait(false);
        }

        Release(asRows: false);
        if (!buffer.IsEmpty)
        {
            yield return buffer.Batch();
        }
    }

    /// <summary>Whether a cell holds nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> cell)
    {
        // Nearly every cell is decided by its first byte; only a white space beyond ASCII (a no-break space, say) needs decoding.
        if (cell.IsEmpty)
        {
            return true;
        }

        if (cell[0] is > 0x20 and < 0x7F)
        {
            return false;
        }

        while (!cell.IsEmpty)
        {
            Rune.DecodeFromUtf8(cell, out var rune, out var length);
            if (!Rune.IsWhiteSpace(rune))
            {
                return false;
            }

            cell = cell[length..];
        }

        return true;
    }

    /// <summary>Whether a record is a blank line, or the row of delimiters that a spreadsheet writes for one.</summary>
    public static bool IsBlank(RecordScanner record)
    {
        if (record.Damage is not null)
        {
            return false;
        }

        for (var i = 0; i < record.Count; i++)
        {
            var cell = record.Cell(i);
            if (!IsBlank(cell) && !cell.SequenceEqual("\u001A"u8)) // Ctrl-Z ends the text of old systems.
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        afterBlank = false;
        while (await reader.NextAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!IsBlank(Record))
            {
                return true;
            }

            afterBlank = true;
        }

        return false;
    }

    private string[] Headers()
    {
        var count = Record.Count;
        if (count > UploadLimits.MaxColumns)
        {
            throw new UploadException(
                "too_many_columns",
                $"The header on line {reader.Line} has {count} columns; at most {UploadLimits.MaxColumns} are read.");
        }

        if (Record.Damage is { } damage)
        {
            throw new UploadException(
                damage.Code,
                $"The first record, on line {reader.Line}, cannot be told from the next: its column {damage.Column} opens "
                + "a quote that does not close on the line. Correct that quote.");
        }

        if (!dialect.HasHeader)
        {
            return [.. Enumerable.Repeat("", count)];
        }

        if (!isUtf8 && !Utf8.IsValid(Record.Raw))
        {
            throw new UploadException(
                "encoding_mismatch",
                $"The header on line {reader.Line} is not UTF-8. Give the encoding the file was saved in with --encoding, "
                + "or save it as UTF-8.");
        }

        var headers = new string[count];
        for (var i = 0; i < count; i++)
        {
            headers[i] = Encoding.UTF8.GetString(Record.Cell(i));
            if (JsonGate.Refuse(headers[i]) is { } refusal)
            {
                throw new UploadException(
                    "header_invalid",
                    $"The header of column {i + 1} on line {reader.Line} cannot be kept. {refusal.Reason}");
            }
        }

        return headers;
    }

    private void Take()
    {
        if (Refuse() is { } refusal)
        {
            Release(asRows: true);
            buffer.Begin();
            Reject(refusal.Code, refusal.Reason);
            return;
        }

        var finding = bounds.Judge(Record, reader.Line, afterBlank);
        if (finding.Held && held.Count < MaxHeld)
        {
            held.Enqueue((Record.Raw.ToArray(), reader.Line));
            return;
        }

        Release(asRows: finding.Code != TableBounds.ReportLine.Code);
        buffer.Begin();
        if (finding.Code is { } code)
        {
            Reject(code, finding.Reason);
        }
        else
        {
            Row(Record, reader.Line);
        }
    }

    /// <summary>Why quotes or bytes leave no row to speak of.</summary>
    private (string Code, string Reason)? Refuse()
    {
        if (Record.Damage is { } damage)
        {
            return (damage.Code, damage.Reason);
        }

        var continues = afterLoose && ((Record.Count == 1 && Columns.Count > 1) || ClosesQuote(Record.Raw));
        afterLoose = Record.EndsLoose || continues;
        var other = Record.Count != Columns.Count;
        if (continues || (reader.IsDoubtful && (other || (Record.Raw.Count((byte)'"') & 1) == 1)))
        {
            reader.DoubtNext();
            return (
                "stray_quote",
                "An earlier quote is out of place. This line has another number of cells than the header, or one quote "
                + "too many: it may be a part of a cell.");
        }

        if (Record.IsTorn || (Record.IsLoose && other))
        {
            return (
                "stray_quote",
                "Text follows a closing quote, so the end of the cell is not certain. Double the quotes inside a "
                + "quoted cell.");
        }

        return (isUtf8 && !text.IsCut) || Utf8.IsValid(Record.Raw)
            ? null
            : (GateRefusal.InvalidUtf8.Code,
                "The row holds bytes that are not UTF-8: it was cut within a character, or saved in another encoding.");
    }

    /// <summary>
    /// Whether a line closes a quote that it does not open: after a cell with loose quotes at a line's end it may be the rest of that cell.
    /// </summary>
    private bool ClosesQuote(ReadOnlySpan<byte> line) =>
        (line.Count((byte)'"') & 1) == 1 && (line[^1] == '"' || line.IndexOf(Encoding.UTF8.GetBytes(['"', delimiter])) >= 0);

    private void Reject(string code, string reason) => buffer.Reject(reader.Line, code, reason, Record.Raw, Record.Raw.Length);

    /// <summary>Decides on the lines that were held: rows, or lines of the report around the table.</summary>
    private void Release(bool asRows)
    {
        if (this.held.Count == 0)
        {
            return;
        }

        if (asRows)
        {
            bounds.TakeHeld();
        }

        var record = new RecordScanner(Encoding.UTF8.GetBytes([delimiter]));
        while (this.held.TryDequeue(out var held))
        {
            record.Scan(held.Raw, 0, held.Raw.Length, complete: true);
            buffer.Begin();
            if (asRows)
            {
                Row(record, held.Line);
            }
            else
            {
                buffer.Reject(held.Line, TableBounds.ReportLine.Code, TableBounds.ReportLine.Reason, held.Raw, held.Raw.Length);
            }
        }
    }

    private void Row(RecordScanner record, long line)
    {
        if ((Write(record) ?? Columns.Binding.Refuse(filled)) is { } refusal)
        {
            buffer.Reject(line, refusal.Code, refusal.Reason, record.Raw, record.Raw.Length);
            return;
        }

        tally.IrregularQuotes += record.IsLoose ? 1 : 0;
        tally.DoubleEncoded += UploadTally.IsDoubleEncoded(record.Raw) ? 1 : 0;
        buffer.Accept();
    }

    private (string Code, string Reason)? Write(RecordScanner record)
    {
        Array.Clear(filled);
        var cells = record.Count;
        if (cells != Columns.Count)
        {
            tally.Ragged++;
            while (cells > Columns.Count && IsBlank(record.Cell(cells - 1)))
            {
                cells--;
            }

            if (cells > Columns.Count)
            {
                return ("too_many_cells", $"The row has {cells} cells, the header {Columns.Count}.");
            }
        }

        var sink = buffer.Sink;
        sink.Append((byte)'[');
        for (var i = 0; i < cells; i++)
        {
            if (i > 0)
            {
                sink.Append((byte)',');
            }

            var cell = record.Cell(i);
            filled[i] = !IsBlank(cell) && Columns.Binding.IsValue(i, cell);
            if (sink.AppendJsonString(cell) is { } refusal)
            {
                return (refusal.Code, $"Column {i + 1} ({Columns.Names[i]}): {refusal.Reason}");
            }
        }

        sink.Append((byte)']');
        return buffer.RowLength <= JsonGate.DefaultMaxBytes
            ? null
            : ("row_too_large", $"The row takes {buffer.RowLength} bytes; at most {JsonGate.DefaultMaxBytes} are kept.");
    }
}
