using System.Text.Json;

namespace Enrichment.Ingestion.Fields;

/// <summary>The columns of an upload's beginning, and what their first values look like.</summary>
internal sealed class ListSample
{
    private const int Rows = 100;
    private readonly ColumnShape[] shapes;
    private readonly Dictionary<string, int> positions = new(StringComparer.Ordinal);

    private ListSample(IReadOnlyList<string> headers, ColumnShape[] shapes)
    {
        Headers = headers;
        this.shapes = shapes;
        for (var column = 0; column < headers.Count; column++)
        {
            positions.TryAdd(headers[column], column);
        }
    }

    /// <summary>Of an upload that was not looked at.</summary>
    public static ListSample None { get; } = new([], []);

    /// <summary>The headers as far as the beginning shows them.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <param name="headers">By position.</param>
    /// <param name="rows">JSON arrays of cells by position.</param>
    public static ListSample Of(IReadOnlyList<string> headers, IEnumerable<ReadOnlyMemory<byte>> rows)
    {
        var shapes = headers.Select(_ => new ColumnShape()).ToArray();
        foreach (var row in rows.Take(Rows))
        {
            using var cells = JsonDocument.Parse(row);
            var column = 0;
            foreach (var cell in cells.RootElement.EnumerateArray().Take(shapes.Length))
            {
                shapes[column++].Add(
                    cell.ValueKind == JsonValueKind.String ? cell.GetString()
                    : cell.ValueKind == JsonValueKind.Null ? null : cell.GetRawText());
            }
        }

        return new(headers, shapes);
    }

    /// <summary>
    /// The shape of a column: the one at this position, or, where columns come into being as rows are read, the one of this header.
    /// </summary>
    public ColumnShape Shape(int column, string header) =>
        column < Headers.Count && Headers[column] == header ? shapes[column]
            : positions.TryGetValue(header, out var other) ? shapes[other]
            : ColumnShape.Unknown;
}
