using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using Enrichment.Storage;

namespace Enrichment.Ingestion;

/// <summary>Reads delimited text, record by record, into staged rows. The parser works on UTF-8, and so its cells go into a row's JSON without becoming strings.</summary>
internal sealed class DelimitedRows : IDisposable
{
    private readonly TextSource _text;
    private readonly Dialect _dialect;
    private readonly HeaderMap _map;
    private readonly UploadTally _tally;
    private readonly RowBuffer _buffer;
    private readonly byte _separator;
    private readonly CsvReader _reader;
    private bool[] _filled = [];
    private bool _irregular;

    public DelimitedRows(TextSource text, Dialect dialect, HeaderMap map, UploadTally tally)
    {
        (_text, _dialect, _map, _tally, _buffer) = (text, dialect, map, tally, new RowBuffer(tally));
        char delimiter = dialect.Delimiter ?? Dialect.NoDelimiter;
        Stream records = text;
        if (!char.IsAscii(delimiter))
        {
            // The parser splits at one byte; for any other delimiter its own stream puts one in the place.
            records = new CsvSeparatorStream(text, delimiter.ToString(), Dialect.NoDelimiter, leaveOpen: true);
            delimiter = Dialect.NoDelimiter;
        }

        _separator = (byte)delimiter;
        _reader = CsvReader.Create(records, Options(delimiter, _ => _irregular = true), leaveOpen: true);
    }

    public UploadColumns Columns { get; private set; } = UploadColumns.None;

    private long Line => _reader.LineNumber + _dialect.PreambleLines;

    /// <summary>The rules of reading, the same for the sample and for the whole.</summary>
    public static CsvReaderOptions Options(char delimiter, Action<CsvMalformedRecord>? irregular = null) => new()
    {
        Separator = delimiter,
        HasHeader = false, // The header is a record like any other until it is known to be one.
        TrackLineNumbers = true,
        MaxRecordSize = UploadLimits.MaxRecordBytes,
        OnMalformedRecord = irregular is null ? null : record => irregular(record),
    };

    public async IAsyncEnumerable<RowBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _text.SkipLinesAsync(_dialect.PreambleLines, cancellationToken).ConfigureAwait(false);
        bool more = await NextAsync(cancellationToken).ConfigureAwait(false);
        if (!more)
            throw new UploadException("empty", "The file holds no record: only blank lines, or nothing at all.");
        Columns = UploadColumns.Bind(_map, Headers());
        _filled = new bool[Columns.Count];
        if (_dialect.HasHeader)
            more = await NextAsync(cancellationToken).ConfigureAwait(false);
        while (more)
        {
            Row();
            if (_buffer.IsFull)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return _buffer.Batch();
                _buffer.Turn();
            }

            more = await NextAsync(cancellationToken).ConfigureAwait(false);
        }

        if (!_buffer.IsEmpty)
            yield return _buffer.Batch();
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Whether a cell holds nothing but white space.</summary>
    public static bool IsBlank(ReadOnlySpan<byte> cell)
    {
        // Nearly every cell is decided by its first byte; only a white space beyond ASCII (a no-break space, say) needs decoding.
        if (cell.IsEmpty)
            return true;
        if (cell[0] is > 0x20 and < 0x7F)
            return false;
        while (!cell.IsEmpty)
        {
            Rune.DecodeFromUtf8(cell, out Rune rune, out int length);
            if (!Rune.IsWhiteSpace(rune))
                return false;
            cell = cell[length..];
        }

        return true;
    }

    /// <summary>The next record that is no blank line.</summary>
    private async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        do
        {
            _irregular = false;
            try
            {
                if (!await _reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    return false;
            }
            catch (CsvFormatException e) when (e.LineNumber > 0)
            {
                throw new RecordTooLongException(e.LineNumber + _dialect.PreambleLines, e.ByteOffset, _separator, e);
            }
        }
        while (_reader.FieldCount == 1 && IsBlank(_reader.RawRecord));
        return true;
    }

    private string[] Headers()
    {
        int count = _reader.FieldCount;
        if (count > UploadLimits.MaxColumns)
            throw new UploadException("too_many_columns", $"The header on line {Line} has {count} columns; at most {UploadLimits.MaxColumns} are read.");
        if (!_dialect.HasHeader)
            return [.. Enumerable.Repeat("", count)];
        if (Unclosed())
            throw new UploadException("unclosed_quote", $"The header on line {Line} opens a quote that is never closed, so the whole file reads as its header.");
        var headers = new string[count];
        for (int i = 0; i < count; i++)
        {
            headers[i] = _reader.GetString(i);
            if (JsonGate.Refuse(headers[i]) is { } refusal)
                throw new UploadException("header_invalid", $"The header of column {i + 1} on line {Line} cannot be kept. {refusal.Reason}");
        }

        return headers;
    }

    private void Row()
    {
        _buffer.Begin();
        if ((Write() ?? Columns.Binding.Refuse(_filled)) is { } refusal)
            _buffer.Reject(Line, refusal.Code, refusal.Reason, _reader.RawRecord, _reader.RawRecord.Length);
        else
            _buffer.Accept();
    }

    private (string Code, string Reason)? Write()
    {
        Array.Clear(_filled);
        int cells = _reader.FieldCount;
        if (cells != Columns.Count)
        {
            _tally.Ragged++;
            while (cells > Columns.Count && IsBlank(_reader.GetSpan(cells - 1)))
                cells--;
            if (cells > Columns.Count)
                return ("too_many_cells", $"The row has {cells} cells, the header {Columns.Count}.");
        }

        if (Unclosed())
            return ("unclosed_quote", "A quote is opened and never closed: all that follows, to the file's end, reads as one cell.");
        Utf8Sink sink = _buffer.Sink;
        sink.Append((byte)'[');
        for (int i = 0; i < cells; i++)
        {
            if (i > 0)
                sink.Append((byte)',');
            ReadOnlySpan<byte> cell = _reader.GetSpan(i);
            _filled[i] = !IsBlank(cell);
            if (sink.AppendJsonString(cell) is { } refusal)
                return (refusal.Code, $"Column {i + 1} ({Columns.Names[i]}): {refusal.Reason}");
        }

        sink.Append((byte)']');
        return _buffer.RowLength <= JsonGate.DefaultMaxBytes
            ? null
            : ("row_too_large", $"The row takes {_buffer.RowLength} bytes; at most {JsonGate.DefaultMaxBytes} are kept.");
    }

    private bool Unclosed() => _irregular && Quoting.End(_reader.RawRecord, _separator).Open;
}
