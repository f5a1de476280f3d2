using System.Globalization;
using System.Runtime.CompilerServices;
using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>The answer of a pruned batch to a reader of its rows.</summary>
internal static class PrunedBatch
{
    /// <exception cref="EnrichmentException">The batch was pruned.</exception>
    public static Batch Unpruned(this Batch batch) =>
        batch.PrunedAt is { } at
            ? throw new EnrichmentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Batch {batch.Id} was pruned on {at.UtcDateTime:yyyy-MM-dd}: its items, states and results are gone. Its progress, events and rows in typed tables are still there; ") + "the event 'pruned' says who pruned it, and where it was archived.")
            : batch;

    /// <summary>
    /// The rows of a batch, all of them: deletion waits for no reader, and a reader must not mistake the remaining rows for the whole
    /// batch.
    /// </summary>
    /// <exception cref="EnrichmentException">At the end, if the batch was pruned meanwhile.</exception>
    public static async IAsyncEnumerable<T> WholeAsync<T>(
        this IAsyncEnumerable<T> rows,
        IBatchStore store,
        Batch batch,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return row;
        }

        (await store.LoadBatchAsync(batch.Key, cancellationToken).ConfigureAwait(false)).Unpruned();
    }
}
