using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <summary>Puts evaluated rows into the table of a version. Rows come in chunks, each of items that no earlier chunk had.</summary>
internal abstract class TableWriter : IAsyncDisposable
{
    /// <summary>How many bytes wait to be written.</summary>
    public abstract int Waiting { get; }

    /// <summary>Takes the item that the evaluator has just evaluated, with its row, if it has one.</summary>
    public abstract void Add(RowEvaluator evaluator);

    /// <summary>Writes what waits. The connection reads nothing meanwhile.</summary>
    public abstract Task FlushAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
