using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <summary>Puts folded rows into the table of a version by key.</summary>
internal abstract class FoldWriter : IAsyncDisposable
{
    /// <summary>Takes the row at hand.</summary>
    /// <param name="client">The key's client.</param>
    /// <param name="batch">The batch of its youngest item.</param>
    /// <param name="cells">The row.</param>
    public abstract void Add(int client, int batch, FoldedCells cells);

    /// <summary>Writes what waits. The connection reads nothing meanwhile.</summary>
    public abstract Task FlushAsync(CancellationToken cancellationToken);

    /// <inheritdoc />
    public abstract ValueTask DisposeAsync();
}
