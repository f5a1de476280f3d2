using System.Runtime.CompilerServices;
using Enrichment.Pipelines;
using Enrichment.Retention;

namespace Enrichment;

/// <content>What a batch has brought: states, timelines, results, records.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>The states of a batch's items, ascending by item and stage.</summary>
    /// <param name="batch">The batch's id.</param>
    /// <param name="status">Only those of this status; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async IAsyncEnumerable<ItemState> ReadStatesAsync(
        Guid batch,
        Status? status = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var states = store.ReadStatesAsync(found.Key, status, cancellationToken).WholeAsync(store, found, cancellationToken);
        await foreach (var state in states.ConfigureAwait(false))
        {
            yield return state;
        }
    }

    /// <summary>Everything that happened to one item, in order of time.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async Task<IReadOnlyList<TimelineEntry>> GetTimelineAsync(Guid batch, int item, CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        return await store
            .ReadTimelineAsync(found.Key, (short)Bucket.Of(found.UploadId, item), item, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The results that completed a batch's states, ascending by item and stage.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async IAsyncEnumerable<StoredResult> ReadResultsAsync(
        Guid batch,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var results = store.ReadResultsAsync(found.Key, cancellationToken).WholeAsync(store, found, cancellationToken);
        await foreach (var result in results.ConfigureAwait(false))
        {
            yield return result;
        }
    }

    /// <summary>What vendors delivered for a batch and what became of it, ascending by item and time.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async IAsyncEnumerable<StoredDelivery> ReadDeliveriesAsync(
        Guid batch,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var deliveries = store.ReadDeliveriesAsync(found.Key, cancellationToken).WholeAsync(store, found, cancellationToken);
        await foreach (var delivery in deliveries.ConfigureAwait(false))
        {
            yield return delivery;
        }
    }

    /// <summary>
    /// The calls that shared and stored answers have saved a batch: a line for each stage whose step has an entity and has answered. Reads
    /// the
    /// batch's results.
    /// </summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async Task<IReadOnlyList<EntitySavings>> ListSavingsAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        return PipelineSnapshot.FromJson(found.Snapshot).Stages.Any(stage => stage.Entity is not null)
            ? await store.ReadSavingsAsync(found.Key, cancellationToken).ConfigureAwait(false)
            : [];
    }

    /// <summary>A batch's items with every raw column and every produced field, one an item, in the order of the file.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async Task<BatchRecords> ReadRecordsAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var upload = await GetUploadAsync(found.UploadId, cancellationToken).ConfigureAwait(false);
        return new(store, found, upload, PipelineSnapshot.FromJson(found.Snapshot));
    }
}
