using System.Collections.Concurrent;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment.Plans;

/// <summary>What this host knows of the batches that it works on, read once each: a batch's snapshot and upload never change.</summary>
internal sealed class BatchPlans(IBatchStore batches, IUploadStore uploads, JsonGate gate, TimeProvider time) : IDisposable
{
    // Enough for every batch that is open at once; above it the oldest knowledge is simply read again.
    private const int MostRemembered = 1000;

    // How many reads for outside callers run at once, and how many wait: invented names must take neither the store's connections nor
    // memory from the work.
    private const int MostNamedAtOnce = 4;
    private const int MostNamed = 64;

    // Tokens outlive their batches: deliveries for a pruned batch may arrive for years, and each would read the store.
    private static readonly TimeSpan UnknownFor = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, IReadOnlyList<StagePlan>> plans = new();
    private readonly ConcurrentDictionary<int, long> unknown = new();
    private readonly ConcurrentDictionary<int, Lazy<Task<IReadOnlyList<StagePlan>?>>> reads = new();
    private readonly ConcurrentDictionary<int, Lazy<Task<IReadOnlyList<StagePlan>?>>> named = new();
    private readonly SemaphoreSlim turns = new(MostNamedAtOnce);
    private int namedNow;

    public async ValueTask<StagePlan> FindAsync(RangeKey range, CancellationToken cancellationToken)
    {
        var stages = await StagesAsync(range.Batch, cancellationToken).ConfigureAwait(false);
        return stages.ElementAtOrDefault(range.Stage - 1)
            ?? throw new InvalidOperationException($"There is no stage {range.Stage} of batch {range.Batch}.");
    }

    /// <summary>The stages of a batch, in order; none if there is no such batch.</summary>
    public async ValueTask<IReadOnlyList<StagePlan>> StagesAsync(int batch, CancellationToken cancellationToken) =>
        plans.TryGetValue(batch, out var known)
            ? known
            : (await OnceAsync(reads, batch, ReadAsync, cancellationToken).ConfigureAwait(false))!;

    /// <summary>
    /// The stages of a batch that an outside caller has named. They are not remembered, so that names alone evict nothing:
    /// see <see cref="Remember"/>.
    /// </summary>
    /// <returns>Empty if there is no such batch; null if too many unknown batches are being read.</returns>
    public async ValueTask<IReadOnlyList<StagePlan>?> NamedAsync(int batch, CancellationToken cancellationToken)
    {
        if (plans.TryGetValue(batch, out var known))
        {
            return known;
        }

        return unknown.TryGetValue(batch, out var since) && time.GetElapsedTime(since) < UnknownFor
            ? []
            : await OnceAsync(named, batch, ReadInTurnAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Remembers a batch, once its name has proved to be genuine.</summary>
    public void Remember(int batch, IReadOnlyList<StagePlan> stages)
    {
        if (plans.ContainsKey(batch))
        {
            return;
        }

        MakeRoom(plans);
        plans.TryAdd(batch, stages);
    }

    public void Dispose() => turns.Dispose();

    private static void MakeRoom<T>(ConcurrentDictionary<int, T> remembered)
    {
        if (remembered.Count >= MostRemembered)
        {
            remembered.Clear();
        }
    }

    /// <summary>
    /// Concurrent callers share one read: otherwise the many deliveries after a restart of the host would take every connection.
    /// </summary>
    private static async Task<IReadOnlyList<StagePlan>?> OnceAsync(
        ConcurrentDictionary<int, Lazy<Task<IReadOnlyList<StagePlan>?>>> reads,
        int batch,
        Func<int, Task<IReadOnlyList<StagePlan>?>> load,
        CancellationToken cancellationToken)
    {
        var read = reads.GetOrAdd(batch, static (batch, load) => new(() => load(batch)), load);
        try
        {
            return await read.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            reads.TryRemove(KeyValuePair.Create(batch, read));
        }
    }

    private async Task<IReadOnlyList<StagePlan>?> ReadAsync(int batch)
    {
        var stages = await LoadAsync(batch).ConfigureAwait(false);
        if (stages.Count > 0)
        {
            Remember(batch, stages);
        }

        return stages;
    }

    private async Task<IReadOnlyList<StagePlan>?> ReadInTurnAsync(int batch)
    {
        try
        {
            if (Interlocked.Increment(ref namedNow) > MostNamed)
            {
                return null;
            }

            await turns.WaitAsync().ConfigureAwait(false);
            try
            {
                var stages = await LoadAsync(batch).ConfigureAwait(false);
                if (stages.Count == 0)
                {
                    MakeRoom(unknown);
                    unknown[batch] = time.GetTimestamp();
                }

                return stages;
            }
            finally
            {
                turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref namedNow);
        }
    }

    // For all waiting callers: none of them may cancel it.
    private async Task<IReadOnlyList<StagePlan>> LoadAsync(int key)
    {
        if (await batches.FindBatchAsync(key, CancellationToken.None).ConfigureAwait(false) is not { } batch)
        {
            return [];
        }

        var upload = await uploads.FindUploadAsync(batch.Client, batch.UploadId, CancellationToken.None).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Batch {batch.Id} refers to upload {batch.UploadId}, which does not exist.");
        var snapshot = PipelineSnapshot.FromJson(batch.Snapshot);
        return [.. snapshot.Stages.Select((_, index) => new StagePlan(batch, upload, snapshot, (short)(index + 1), gate))];
    }
}
