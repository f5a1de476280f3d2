using System.Runtime.CompilerServices;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Retention;
using Enrichment.Storage;

namespace Enrichment;

/// <content>What an operator does to a batch, and sees of it.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>Pauses a batch: no more of its items are claimed; calls in flight end. Without effect on a paused batch.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it has ended.</exception>
    public async Task PauseAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        if (found.Status != BatchStatus.Paused
            && !await store.SetPausedAsync(found.Key, paused: true, cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException($"Batch {batch} cannot be paused: it has ended.");
        }
    }

    /// <summary>Frees a held batch.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it is not held.</exception>
    public async Task ResumeAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        if (!await store.SetPausedAsync(found.Key, paused: false, cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException($"Batch {batch} cannot be resumed: it is not paused but {found.Status.Word()}.");
        }

        signals.Due.Raise();
    }

    /// <summary>
    /// The accounts with vendors that are used up: the client's own, and those that all clients share. Nothing is called with them.
    /// </summary>
    public async Task<IReadOnlyList<UsedUpAccount>> ListUsedUpAccountsAsync(CancellationToken cancellationToken = default) =>
        [.. (await store.ReadAccountsAsync(cancellationToken).ConfigureAwait(false)).Where(account => IsOwn(account.Name))];

    /// <summary>
    /// Lets calls be made with an account again, because more was bought: by all hosts, at once. Without it, one call finds out every
    /// quarter of an hour.
    /// </summary>
    /// <param name="account">
    /// The account's name, as <see cref="ListUsedUpAccountsAsync"/> says it: <c>acme/clay</c>, or <c>*/clay</c> for one that all clients
    /// share.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">It is not used up, or is another client's.</exception>
    public async Task ResumeAccountAsync(string account, CancellationToken cancellationToken = default)
    {
        if (!IsOwn(account)
                || !await store.ResumeAccountAsync(LimitKey.Of(account), probed: false, cancellationToken).ConfigureAwait(false))
        {
            var usedUp = await ListUsedUpAccountsAsync(cancellationToken).ConfigureAwait(false);
            throw new EnrichmentException(
                $"The account '{Excerpt.Of(account)}' is not used up. {(usedUp.Count == 0 ? "No account is used up." : $"Accounts that are used up: {string.Join(", ", usedUp.Select(known => known.Name))}.")}");
        }

        signals.Due.Raise();
    }

    private bool IsOwn(string account) =>
        account.StartsWith($"{Slug}/", StringComparison.Ordinal) || account.StartsWith("*/", StringComparison.Ordinal);

    /// <summary>
    /// Lets the deliveries of a batch that changed nothing, or could not be interpreted, be interpreted again, as after a step was mended.
    /// Workers do it.
    /// </summary>
    /// <returns>How many.</returns>
    /// <exception cref="EnrichmentException">There is no such batch, or it was pruned.</exception>
    public async Task<int> ReinterpretAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var again = await store.ReinterpretAsync(found.Key, cancellationToken).ConfigureAwait(false);
        signals.Delivered.Raise();
        return again;
    }

    /// <summary>Changes a batch's priority, from the next claim on. See <see cref="LaunchOptions.Priority"/>.</summary>
    /// <param name="batch">The batch's id.</param>
    /// <param name="priority">From 1 to 100.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">There is no such batch, it has ended, or there is no such priority.</exception>
    public async Task SetPriorityAsync(Guid batch, int priority, CancellationToken cancellationToken = default)
    {
        RequirePriority(priority);
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        if (!await store.SetPriorityAsync(found.Key, (short)priority, cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException($"Batch {batch} cannot be given another priority: it has ended.");
        }
    }

    /// <summary>Ends a batch: its open items are cancelled, answers that come later complete nothing.</summary>
    /// <exception cref="EnrichmentException">There is no such batch, or it has ended.</exception>
    public async Task CancelAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        var cancelled = await store.CancelAsync(found.Key, cancellationToken).ConfigureAwait(false)
            ?? throw new EnrichmentException($"Batch {batch} cannot be cancelled: it has ended.");
        await telemetry.MovedAsync(plans, cancelled).ConfigureAwait(false);
    }

    /// <summary>
    /// Begins a new generation of items whose pipelines have ended: from a stage on, with all their tries. Earlier answers stay in the
    /// history.
    /// </summary>
    /// <returns>How many items began. Items that are still open are not changed.</returns>
    /// <exception cref="EnrichmentException">
    /// There is no such batch or stage, the batch was pruned or is still being cancelled, a named item is not in it, or the condition names
    /// a field that no record has.
    /// </exception>
    public async Task<int> RetryAsync(Guid batch, RetryOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new();
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var snapshot = PipelineSnapshot.FromJson(found.Snapshot);
        RequireStage(found, options.FromStage, snapshot.Stages.Count);
        await RequireNoCancelUnderwayAsync(found, cancellationToken).ConfigureAwait(false);

        var begun = 0;
        var chosen = await ChooseItemsAsync(found, options, cancellationToken).ConfigureAwait(false);
        foreach (var stage in chosen.GroupBy(item => item.Stage, item => item.Item))
        {
            var sameKey = options.SameKey ?? snapshot.Stage(stage.Key).Manifest.Effects == Effects.SafeToRepeat;
            begun += await store.RetryAsync(found.Key, stage.Key, [.. stage.Distinct()], sameKey, cancellationToken).ConfigureAwait(false);
        }

        signals.Due.Raise();
        return begun;
    }

    /// <summary>
    /// Prunes an ended batch, whatever its age: its items, states and results, and its upload's rows once no other batch needs them. Its
    /// counts, events and typed rows stay.
    /// </summary>
    /// <remarks>May be interrupted and called again: this or any worker then deletes the rest.</remarks>
    /// <param name="batch">The batch's id.</param>
    /// <param name="archive">
    /// A folder into which it is written before it is deleted, as <c>ID.jsonl.gz</c>. Null: nothing is written.
    /// </param>
    /// <param name="cancellationToken">Ends it between two steps.</param>
    /// <returns>How many rows were deleted.</returns>
    /// <exception cref="EnrichmentException">There is no such batch, it has not ended, or a host still holds something of it.</exception>
    public async Task<long> PruneAsync(Guid batch, string? archive = null, CancellationToken cancellationToken = default) =>
        await pruner
            .PruneAsync(
                await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false),
                new() { OlderThan = TimeSpan.Zero, Archive = archive },
                cancellationToken)
            .ConfigureAwait(false);

    /// <summary>The progress of a batch.</summary>
    /// <exception cref="EnrichmentException">There is no such batch.</exception>
    public async Task<BatchProgress> GetProgressAsync(Guid batch, CancellationToken cancellationToken = default)
    {
        var found = await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        var counts = (await store.ReadProgressAsync(found.Key, cancellationToken).ConfigureAwait(false)).ToDictionary(stage => stage.Stage);
        var stages = PipelineSnapshot.FromJson(found.Snapshot).Stages;
        var limits = !found.HasEnded ? await store.ReadLimitsAsync(found.Key, cancellationToken).ConfigureAwait(false) : [];
        return new(found, [.. stages.Select((stage, index) => new StageProgress
        {
            Step = stage.Manifest.Slug,
            Optional = stage.Optional,
            Last = index == stages.Count - 1,
            Counts = counts.GetValueOrDefault((short)(index + 1)) ?? StageCounts.None((short)(index + 1)),
            Limit = limits.FirstOrDefault(limit => limit.Stage == index + 1),
        })]);
    }

    /// <summary>
    /// The progress of a batch, again and again until it has ended; the last one shows its end. Any process may work on it.
    /// </summary>
    /// <param name="batch">The batch's id.</param>
    /// <param name="every">How long to wait between two reads. Null: 200 milliseconds, which looks immediate to a person.</param>
    /// <param name="cancellationToken">Ends the watching, for example of a paused batch.</param>
    /// <exception cref="EnrichmentException">There is no such batch.</exception>
    public async IAsyncEnumerable<BatchProgress> WatchAsync(
        Guid batch,
        TimeSpan? every = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var progress = await GetProgressAsync(batch, cancellationToken).ConfigureAwait(false);
            yield return progress;
            if (progress.Batch.HasEnded)
            {
                yield break;
            }

            await Task.Delay(every ?? TimeSpan.FromMilliseconds(200), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What happened to a batch: launched, paused, resumed, cancelled, retried, skipped, supplied, completed, pruned.</summary>
    /// <exception cref="EnrichmentException">There is no such batch.</exception>
    public async Task<IReadOnlyList<BatchEvent>> ListEventsAsync(Guid batch, CancellationToken cancellationToken = default) =>
        await store
            .ReadEventsAsync((await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Key, cancellationToken)
            .ConfigureAwait(false);

    private static void RequireStage(Batch batch, short? stage, int stages)
    {
        if (stage is { } number && (number < 1 || number > stages))
        {
            throw new EnrichmentException(
                $"Batch {batch.Id} has no stage {number}: its pipeline '{batch.Pipeline}' has the stages 1 to {stages}.");
        }
    }

    /// <summary>
    /// A cancel ends a batch at once and its items bucket by bucket. The store reopens none in between; here the operator is told.
    /// </summary>
    private async Task RequireNoCancelUnderwayAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (batch.Status != BatchStatus.Cancelled)
        {
            return;
        }

        var open = (await store.ReadProgressAsync(batch.Key, cancellationToken).ConfigureAwait(false)).Sum(stage =>
            stage.Pending + stage.InProgress);
        if (open > 0)
        {
            throw new EnrichmentException(
                $"Batch {batch.Id} is still being cancelled: {open} of its items are open. Try again when they have ended. If the process that cancels has stopped, a worker's next sweep ends them.");
        }
    }

    private static void RequirePriority(int priority)
    {
        if (priority is < 1 or > 100)
        {
            throw new EnrichmentException(
                $"A batch cannot have the priority {priority}. Give one from 1 to 100: with 20 it gets twice as much time as one with 10.");
        }
    }

    private async Task<List<(short Stage, int Item)>> ChooseItemsAsync(
        Batch batch,
        RetryOptions options,
        CancellationToken cancellationToken)
    {
        var chosen = new List<(short Stage, int Item)>();
        var named = options.Items?.ToHashSet();
        var strangers = options.Items?.ToHashSet() ?? [];
        var fits = options.Where is null ? null : await FittingAsync(batch, options.Where, cancellationToken).ConfigureAwait(false);
        var states = store.ReadStatesAsync(batch.Key, named is null ? Status.Failed : null, cancellationToken);
        await foreach (var state in states.ConfigureAwait(false))
        {
            strangers.Remove(state.Item);
            if (state.Status == Status.Failed
                && named?.Contains(state.Item) != false
                && fits?.Contains(state.Item) != false
                && (options.ErrorClass is null || state.ErrorClass == options.ErrorClass)
                && (options.FromStage is not { } stage || stage <= state.Stage))
            {
                chosen.Add((options.FromStage ?? state.Stage, state.Item));
            }
        }

        // Named items may be begun again in any terminal state; without names only failed ones are.
        return strangers.Count > 0 ? throw NothingDone([.. strangers.Order().Select(Stranger)])
            : named is not null && options.ErrorClass is null && options.FromStage is { } from
                ? [.. named.Where(item => fits?.Contains(item) != false).Select(item => (from, item))]
            : chosen;
    }

    /// <summary>
    /// A field that no record can have would let the condition choose nothing, or everything, without a word: it is a slip.
    /// </summary>
    internal static void RequireFields(Condition? where, RecordShape shape, string elsewhere)
    {
        const int most = 20;
        var known = shape.Fields.Order(StringComparer.Ordinal).ToList();
        var problems = where
            ?.Fields.Except(known)
            .Select(field =>
                $"The condition names the field '{Excerpt.Of(field)}', which no record has: no column of the upload feeds it, and {elsewhere}.{Nearest.Hint(field, known)}")
            .ToList();
        if (problems is { Count: > 0 })
        {
            throw new EnrichmentException(
                $"Nothing was done. {string.Join(" ", problems)} Fields here: {string.Join(", ", known.Take(most))}{(known.Count > most ? $" and {known.Count - most} more" : "")}.");
        }
    }

    private async Task<HashSet<int>> FittingAsync(Batch batch, Condition where, CancellationToken cancellationToken)
    {
        var upload = await GetUploadAsync(batch.UploadId, cancellationToken).ConfigureAwait(false);
        var shape = PipelineSnapshot.FromJson(batch.Snapshot).FinalShape(upload);
        RequireFields(where, shape, "no stage of the pipeline produces it");
        var fits = new HashSet<int>();
        await foreach (var item in store.ReadItemsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            if (where.Holds(new ItemRecord(shape, item.Raw, item.Results)))
            {
                fits.Add(item.Item);
            }
        }

        return fits;
    }
}
