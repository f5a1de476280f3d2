using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Enrichment.Json;

namespace Enrichment.Ingestion;

/// <summary>Reads JSON lines into staged rows. A property is a column; each new property adds a column.</summary>
/// <remarks>
/// A property that an object lacks is null before later values, and absent after the last: JSON's null and a missing property both count as
/// blank.
/// </remarks>
internal sealed class JsonLineRows(Stream content, ColumnBinder binder, UploadTally tally)
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonGate.MaxDepth + 1 };
    private readonly RowBuffer buffer = new(tally);
    private readonly Utf8Sink canonical = new();
    private readonly List<string> names = [];
    private readonly List<byte[]> nameBytes = [];
    private readonly Dictionary<string, int> positions = new(StringComparer.Ordinal);
    private (int Start, int Length)[] values = [];
    private bool[] filled = [];
    private readonly List<int> nested = [];

    public UploadColumns Columns { get; private set; } = UploadColumns.None;

    public async IAsyncEnumerable<RowBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = new LineReader(content, JsonGate.DefaultMaxBytes);
        while (await lines.NextAsync(cancellationToken).ConfigureAwait(false))
        {
            if (lines.Length == lines.Line.Length && IsBlank(lines.Line.Span))
            {
                continue;
            }

            Row(lines);
            if (buffer.IsFull)
            {
                yield return buffer.Batch();
                buffer.Turn();
            }
        }

        if (tally.Rows == 0)
        {
            throw new UploadException("empty", "The file holds no record: only blank lines, or nothing at all.");
        }

        if (!buffer.IsEmpty)
        {
            yield return buffer.Batch();
        }
    }

    /// <summary>White space, or the Ctrl-Z that ends the text of old systems.</summary>
    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)0x1A) < 0;

    private void Row(LineReader lines)
    {
        buffer.Begin();
        var line = lines.Line.Span;
        if ((Write(lines) ?? Columns.Binding.Refuse(filled)) is { } refusal)
        {
            buffer.Reject(lines.Number, refusal.Code, refusal.Reason, line, lines.Length);
        }
        else
        {
            Accept(line);
        }
    }

    private void Accept(ReadOnlySpan<byte> line)
    {
        tally.DoubleEncoded += UploadTally.IsDoubleEncoded(line) ? 1 : 0;
        foreach (var column in nested)
        {
            tally.Nested[column] = tally.Nested.GetValueOrDefault(column) + 1;
        }

        buffer.Accept();
    }

    private (string Code, string Reason)? Write(LineReader lines)
    {
        if (lines.Length > lines.Line.Length)
        {
            return ("row_too_large", $"The line takes {lines.Length} bytes; at most {JsonGate.DefaultMaxBytes} are kept.");
        }

        canonical.Clear();
        if (JsonGate.Default.Append(lines.Line.Span, canonical) is { } refusal)
        {
            return (refusal.Code, refusal.Reason);
        }

        if (canonical.Written[0] != '{')
        {
            return ("not_an_object", "The line is not a JSON object.");
        }

        Array.Clear(values);
        Array.Clear(filled);
        nested.Clear();
        if (!Locate(out var cells))
        {
            return ("too_many_columns", $"With this row's properties the upload would have more than {UploadLimits.MaxColumns} columns.");
        }

        WriteArray(cells);
        return buffer.RowLength <= JsonGate.DefaultMaxBytes
            ? null
            : ("row_too_large", $"The row takes {buffer.RowLength} bytes; at most {JsonGate.DefaultMaxBytes} are kept.");
    }

    /// <summary>Notes the place of each column's value in the canonical object.</summary>
    private bool Locate(out int cells)
    {
        var reader = new Utf8JsonReader(canonical.Written, Options);
        reader.Read();
        var known = names.Count;
        var next = 0;
        cells = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var column = Column(ref reader, next);
            if (column == UploadLimits.MaxColumns)
            {
                Forget(known);
                return false;
            }

            next = column + 1;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var filled = reader.TokenType is not JsonTokenType.Null
                && (reader.TokenType != JsonTokenType.String || !IsWhiteSpace(ref reader));
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                nested.Add(column);
            }

            reader.Skip();
            values[column] = (start, (int)reader.BytesConsumed - start);
            this.filled[column] = filled;
            cells = Math.Max(cells, next);
        }

        if (known != names.Count)
        {
            Columns = binder.Bind([.. names]);
        }

        return true;
    }

    /// <summary>Objects of one file mostly name their properties in one order, so the next column is tried first.</summary>
    private int Column(ref Utf8JsonReader reader, int expected)
    {
        if (expected < nameBytes.Count && !reader.ValueIsEscaped && reader.ValueSpan.SequenceEqual(nameBytes[expected]))
        {
            return expected;
        }

        var name = reader.GetString()!;
        if (positions.TryGetValue(name, out var column) || names.Count == UploadLimits.MaxColumns)
        {
            return positions.ContainsKey(name) ? column : UploadLimits.MaxColumns;
        }

        positions.Add(name, names.Count);
        names.Add(name);
        nameBytes.Add(Encoding.UTF8.GetBytes(name));
        if (names.Count > values.Length)
        {
            Array.Resize(ref values, Math.Max(16, values.Length * 2));
            Array.Resize(ref filled, values.Length);
        }

        return names.Count - 1;
    }

    /// <summary>Takes back the columns that a row too wide had begun to add.</summary>
    private void Forget(int known)
    {
        for (var i = names.Count - 1; i >= known; i--)
        {
            positions.Remove(names[i]);
        }

        names.RemoveRange(known, names.Count - known);
        nameBytes.RemoveRange(known, nameBytes.Count - known);
    }

    private static bool IsWhiteSpace(ref Utf8JsonReader reader) =>
        reader.ValueSpan.Length < 64 && string.IsNullOrWhiteSpace(reader.GetString());

    private void WriteArray(int cells)
    {
        var sink = buffer.Sink;
        sink.Append((byte)'[');
        for (var i = 0; i < cells; i++)
        {
            if (i > 0)
            {
                sink.Append((byte)',');
            }

            var (start, length) = values[i];
            var value = canonical.Written.Slice(start, length);
            filled[i] = filled[i] && (value[0] != '"' || Columns.Binding.IsValue(i, value[1..^1]));
            sink.Append(length == 0 ? "null"u8 : value);
        }

        sink.Append((byte)']');
    }
}
