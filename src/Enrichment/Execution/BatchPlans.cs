using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>What this host knows of the batches that it works on, read once each: a batch's snapshot and upload never change.</summary>
internal sealed class BatchPlans(IEnrichmentStore store, JsonGate gate)
{
    // Enough for every batch that is open at once; above it the oldest knowledge is simply read again.
    private const int MostRemembered = 1000;

    private readonly ConcurrentDictionary<int, IReadOnlyList<StagePlan>> plans = new();
    private readonly ConcurrentDictionary<int, Lazy<Task<IReadOnlyList<StagePlan>>>> reads = new();

    public async ValueTask<StagePlan> FindAsync(RangeKey range, CancellationToken cancellationToken) => await FindOrNullAsync(range, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"There is no stage {range.Stage} of batch {range.Batch}.");

    /// <summary>The same for a range that somebody outside has named: null if there is none.</summary>
    public async ValueTask<StagePlan?> FindOrNullAsync(RangeKey range, CancellationToken cancellationToken)
    {
        var stages = plans.TryGetValue(range.Batch, out var known) ? known : await ReadOnceAsync(range.Batch, cancellationToken).ConfigureAwait(false);
        return range.Stage >= 1 && range.Stage <= stages.Count ? stages[range.Stage - 1] : null;
    }

    /// <summary>Those who ask at once share a read: the storm of deliveries that a host meets when it comes back would else take every connection for it.</summary>
    private async Task<IReadOnlyList<StagePlan>> ReadOnceAsync(int key, CancellationToken cancellationToken)
    {
        var read = reads.GetOrAdd(key, static (key, plans) => new(() => plans.LoadAsync(key)), this);
        try
        {
            return await read.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            reads.TryRemove(KeyValuePair.Create(key, read));
        }
    }

    // For all who wait: none of them may cancel it.
    private async Task<IReadOnlyList<StagePlan>> LoadAsync(int key)
    {
        if (await store.FindBatchAsync(key, CancellationToken.None).ConfigureAwait(false) is not { } batch)
        {
            return [];
        }

        var upload = await store.FindUploadAsync(batch.Client, batch.UploadId, CancellationToken.None).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Batch {batch.Id} refers to upload {batch.UploadId}, which is not there.");
        var snapshot = PipelineSnapshot.FromJson(batch.Snapshot);
        if (plans.Count >= MostRemembered)
        {
            plans.Clear();
        }

        return plans.GetOrAdd(key, [.. snapshot.Stages.Select((_, index) => new StagePlan(batch, upload, snapshot, (short)(index + 1), gate))]);
    }
}
