namespace Enrichment.Consolidation;

/// <summary>Puts evaluated rows into a projection's table. Rows come in chunks, each of items that no earlier chunk had.</summary>
internal abstract class TableWriter : IAsyncDisposable
{
    /// <summary>How many bytes wait to be written.</summary>
    public abstract int Waiting { get; }

    /// <summary>Takes the row that the evaluator has just made.</summary>
    public abstract void Add(RowEvaluator evaluator);

    /// <summary>Writes what waits. The connection reads nothing meanwhile.</summary>
    public abstract Task FlushAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
