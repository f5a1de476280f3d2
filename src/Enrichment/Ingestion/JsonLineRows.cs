using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Enrichment.Json;
using Enrichment.Normalization;

namespace Enrichment.Ingestion;

/// <summary>Reads JSON lines into staged rows. A property is a column; columns come into being as their properties are met.</summary>
/// <remarks>A property that an object lacks stands as null before later values, and is absent after the last: JSON's null and a missing property are one here, a blank.</remarks>
internal sealed class JsonLineRows(Stream content, ColumnBinder binder, UploadTally tally)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonGate.MaxDepth + 1 };
    private readonly RowBuffer _buffer = new(tally);
    private readonly Utf8Sink _object = new();
    private readonly List<string> _names = [];
    private readonly List<byte[]> _nameBytes = [];
    private readonly Dictionary<string, int> _positions = new(StringComparer.Ordinal);
    private (int Start, int Length)[] _values = [];
    private bool[] _filled = [];
    private readonly List<int> _nested = [];

    public UploadColumns Columns { get; private set; } = UploadColumns.None;

    public async IAsyncEnumerable<RowBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new LineReader(content, JsonGate.DefaultMaxBytes);
        while (await lines.NextAsync(cancellationToken).ConfigureAwait(false))
        {
            if (lines.Length == lines.Line.Length && IsBlank(lines.Line.Span))
                continue;
            Row(lines);
            if (_buffer.IsFull)
            {
                yield return _buffer.Batch();
                _buffer.Turn();
            }
        }

        if (tally.Rows == 0)
            throw new UploadException("empty", "The file holds no record: only blank lines, or nothing at all.");
        if (!_buffer.IsEmpty)
            yield return _buffer.Batch();
    }

    /// <summary>White space, or the Ctrl-Z that ends the text of old systems.</summary>
    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)0x1A) < 0;

    private void Row(LineReader lines)
    {
        _buffer.Begin();
        ReadOnlySpan<byte> line = lines.Line.Span;
        if ((Write(lines) ?? Columns.Binding.Refuse(_filled)) is { } refusal)
            _buffer.Reject(lines.Number, refusal.Code, refusal.Reason, line, lines.Length);
        else
            Accept(line);
    }

    private void Accept(ReadOnlySpan<byte> line)
    {
        tally.DoubleEncoded += UploadTally.IsDoubleEncoded(line) ? 1 : 0;
        foreach (int column in _nested)
            tally.Nested[column] = tally.Nested.GetValueOrDefault(column) + 1;
        _buffer.Accept();
    }

    private (string Code, string Reason)? Write(LineReader lines)
    {
        if (lines.Length > lines.Line.Length)
            return ("row_too_large", $"The line takes {lines.Length} bytes; at most {JsonGate.DefaultMaxBytes} are kept.");
        _object.Clear();
        if (JsonGate.Default.Append(lines.Line.Span, _object) is { } refusal)
            return (refusal.Code, refusal.Reason);
        if (_object.Written[0] != '{')
            return ("not_an_object", "The line is not a JSON object.");

        Array.Clear(_values);
        Array.Clear(_filled);
        _nested.Clear();
        if (!Locate(out int cells))
            return ("too_many_columns", $"With this row's properties the upload would have more than {UploadLimits.MaxColumns} columns.");
        WriteArray(cells);
        return _buffer.RowLength <= JsonGate.DefaultMaxBytes ? null : ("row_too_large", $"The row takes {_buffer.RowLength} bytes; at most {JsonGate.DefaultMaxBytes} are kept.");
    }

    /// <summary>Notes where each column's value stands in the canonical object.</summary>
    private bool Locate(out int cells)
    {
        var reader = new Utf8JsonReader(_object.Written, Options);
        reader.Read();
        int known = _names.Count;
        int next = 0;
        cells = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int column = Column(ref reader, next);
            if (column == UploadLimits.MaxColumns)
            {
                Forget(known);
                return false;
            }

            next = column + 1;
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            bool filled = reader.TokenType is not JsonTokenType.Null && (reader.TokenType != JsonTokenType.String || !IsWhiteSpace(ref reader));
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                _nested.Add(column);
            reader.Skip();
            _values[column] = (start, (int)reader.BytesConsumed - start);
            _filled[column] = filled;
            cells = Math.Max(cells, next);
        }

        if (known != _names.Count)
            Columns = binder.Bind([.. _names]);
        return true;
    }

    /// <summary>Objects of one file mostly name their properties in one order, so the next column is tried first.</summary>
    private int Column(ref Utf8JsonReader reader, int expected)
    {
        if (expected < _nameBytes.Count && !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(_nameBytes[expected]))
            return expected;
        string name = reader.GetString()!;
        if (_positions.TryGetValue(name, out int column) || _names.Count == UploadLimits.MaxColumns)
            return _positions.ContainsKey(name) ? column : UploadLimits.MaxColumns;
        _positions.Add(name, _names.Count);
        _names.Add(name);
        _nameBytes.Add(Encoding.UTF8.GetBytes(name));
        if (_names.Count > _values.Length)
        {
            Array.Resize(ref _values, Math.Max(16, _values.Length * 2));
            Array.Resize(ref _filled, _values.Length);
        }

        return _names.Count - 1;
    }

    /// <summary>Takes back the columns that a row too wide had begun to add.</summary>
    private void Forget(int known)
    {
        for (int i = _names.Count - 1; i >= known; i--)
            _positions.Remove(_names[i]);
        _names.RemoveRange(known, _names.Count - known);
        _nameBytes.RemoveRange(known, _nameBytes.Count - known);
    }

    private static bool IsWhiteSpace(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length < 64 && string.IsNullOrWhiteSpace(reader.GetString());

    private void WriteArray(int cells)
    {
        Utf8Sink sink = _buffer.Sink;
        sink.Append((byte)'[');
        for (int i = 0; i < cells; i++)
        {
            if (i > 0)
                sink.Append((byte)',');
            (int start, int length) = _values[i];
            ReadOnlySpan<byte> value = _object.Written.Slice(start, length);
            _filled[i] = _filled[i] && (value[0] != '"' || Columns.Binding.IsValue(i, value[1..^1]));
            sink.Append(length == 0 ? "null"u8 : value);
        }

        sink.Append((byte)']');
    }
}
