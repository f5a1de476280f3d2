namespace Enrichment.Consolidation.Tests;

/// <summary>A format that keeps what it is given: one that a host adds.</summary>
/// <param name="onRow">Called with the number of each row, from 1.</param>
internal sealed class TakenRows(Func<int, Task>? onRow = null) : IExportFormat
{
    public string Name => "taken";

    public IReadOnlyList<ExportColumn> Columns { get; private set; } = [];

    public List<IReadOnlyList<object?>> Rows { get; } = [];

    public async Task WriteAsync(
        IReadOnlyList<ExportColumn> columns,
        IAsyncEnumerable<IReadOnlyList<object?>> rows,
        Stream output,
        CancellationToken cancellationToken)
    {
        Columns = columns;
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            Rows.Add(row);
            await (onRow?.Invoke(Rows.Count) ?? Task.CompletedTask);
            output.WriteByte((byte)Rows.Count);
        }
    }
}
