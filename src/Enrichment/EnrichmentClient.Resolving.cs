using System.Text.Json;
using Enrichment.External;
using Enrichment.Json;
using Enrichment.Outcomes;
using Enrichment.Pipelines;
using Enrichment.Retention;
using Enrichment.Storage;

namespace Enrichment;

/// <content>
/// An operator's decisions in place of a step: items that wait for review are skipped, or get a result from the operator.
/// </content>
public sealed partial class EnrichmentClient
{
    /// <summary>
    /// Lets items pass the stage at which they failed, or wait to begin, without a result. Their old state moves to the history, and the
    /// batch is open again until they have ended.
    /// </summary>
    /// <param name="batch">The batch's id.</param>
    /// <param name="options">Which items. Null: all that failed.</param>
    /// <param name="cancellationToken">Ends the call; stages that were done stay done.</param>
    /// <returns>How many items.</returns>
    /// <exception cref="EnrichmentException">
    /// There is no such batch or stage, the batch was pruned or is still being cancelled, a named item cannot be skipped, or the condition
    /// names a field that no record has: the message says why.
    /// </exception>
    public Task<int> SkipAsync(Guid batch, ResolveOptions? options = null, CancellationToken cancellationToken = default) =>
        ResolveAsync(batch, null, options ?? new(), cancellationToken);

    /// <summary>
    /// Completes items at the stage at which they failed, or wait to begin, with a result that the caller gives. Their old state moves to
    /// the history, and the batch is open again until they have ended.
    /// </summary>
    /// <param name="batch">The batch's id.</param>
    /// <param name="fields">A JSON object of fields that the stage's step produces, each by its name; the same for every item.</param>
    /// <param name="options">
    /// Which items; one of <see cref="ResolveOptions.Items"/>, <see cref="ResolveOptions.ErrorClass"/> and
    /// <see cref="ResolveOptions.Where"/> has to say it.
    /// </param>
    /// <param name="cancellationToken">Ends the call; stages that were done stay done.</param>
    /// <returns>How many items.</returns>
    /// <exception cref="EnrichmentException">
    /// As for a skip, or the step does not produce such fields, or they may not be stored.
    /// </exception>
    public Task<int> SupplyAsync(Guid batch, JsonElement fields, ResolveOptions options, CancellationToken cancellationToken = default) =>
        options is { Items: null, ErrorClass: null, Where: null }
            ? throw new EnrichmentException(
                "A result can be supplied for chosen items only. Give their numbers, the class of their error, or a condition.")
            : ResolveAsync(batch, fields, options, cancellationToken);

    private async Task<int> ResolveAsync(Guid batch, JsonElement? fields, ResolveOptions options, CancellationToken cancellationToken)
    {
        var found = (await GetBatchAsync(batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        var stages = PipelineSnapshot.FromJson(found.Snapshot).Stages;
        RequireStage(found, options.Stage, stages.Count);
        await RequireNoCancelUnderwayAsync(found, cancellationToken).ConfigureAwait(false);
        if (options.Reason is { } reason && JsonGate.Refuse(reason) is { } refusal)
        {
            throw new EnrichmentException($"The reason cannot be stored. {refusal.Reason}");
        }

        var chosen = await ChooseAsync(found, options, cancellationToken).ConfigureAwait(false);
        List<ResolveRequest> requests = [.. chosen.GroupBy(item => item.Stage, item => item.Item).Select(stage => new ResolveRequest
        {
            Batch = found.Key,
            Stage = stage.Key,
            Items = [.. stage],
            Result = fields is { } given ? SuppliedResult.Of(stages[stage.Key - 1].Manifest, given, gate) : default,
            Advances = stage.Key < stages.Count,
            Reason = options.Reason,
        })];

        var ended = 0;
        foreach (var request in requests)
        {
            if (stages[request.Stage - 1].Manifest.External)
            {
                await WithdrawAsync(found, request, cancellationToken).ConfigureAwait(false);
            }

            var count = await store.ResolveAsync(request, cancellationToken).ConfigureAwait(false);
            if (count > 0)
            {
                await telemetry.MovedAsync(plans, [new(request.Batch, request.Stage, request.Status, count)]).ConfigureAwait(false);
                ended += count;
            }
        }

        signals.Due.Raise();
        return options.Items is null || ended == chosen.Count
            ? ended
            : throw new EnrichmentException(
                $"{ended} of {chosen.Count} items were ended. The others are held by a host, or their state has changed since. Look at their states, and try again when no host holds them.");
    }

    /// <summary>Takes the unfetched tasks of items back.</summary>
    private async Task WithdrawAsync(Batch batch, ResolveRequest request, CancellationToken cancellationToken)
    {
        foreach (var bucket in request.Items.GroupBy(item => Bucket.Of(batch.UploadId, item)))
        {
            await TaskWithdrawal
                .WithdrawAsync(store, store, new((short)bucket.Key, batch.Key, request.Stage), [.. bucket], cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<List<(short Stage, int Item)>> ChooseAsync(Batch batch, ResolveOptions options, CancellationToken cancellationToken)
    {
        var fits = options.Where is null ? null : await FittingAsync(batch, options.Where, cancellationToken).ConfigureAwait(false);
        var standing = options.Items is null
            ? await store
                .ReadStatesAsync(batch.Key, Status.Failed, cancellationToken)
                .Where(state => options.Stage is not { } stage || stage == state.Stage)
                .ToListAsync(cancellationToken)
                .ConfigureAwait(false)
            : await NamedAsync(batch, options, cancellationToken).ConfigureAwait(false);
        return
        [
            .. standing
                .Where(state =>
                    fits?.Contains(state.Item) != false && (options.ErrorClass is null || state.ErrorClass == options.ErrorClass))
                .Select(state => (state.Stage, state.Item)),
        ];
    }

    /// <summary>The current state of each named item.</summary>
    /// <exception cref="EnrichmentException">One of them cannot be ended there.</exception>
    private async Task<IEnumerable<ItemState>> NamedAsync(Batch batch, ResolveOptions options, CancellationToken cancellationToken)
    {
        var named = options.Items!.ToHashSet();
        var last = new SortedDictionary<int, ItemState>();
        await foreach (var state in store.ReadStatesAsync(batch.Key, null, cancellationToken).ConfigureAwait(false))
        {
            if (named.Contains(state.Item))
            {
                last[state.Item] = state; // They come by stage: the last is where the item stands.
            }
        }

        var refused = named.Order().Select(item => Refusal(item, last.GetValueOrDefault(item), options.Stage)).OfType<string>().ToList();
        return refused.Count == 0 ? last.Values : throw NothingDone(refused);
    }

    private static EnrichmentException NothingDone(List<string> refused)
    {
        const int most = 10;
        return new(
            $"Nothing was done. {string.Join(" ", refused.Take(most))}{(refused.Count > most ? $" And {refused.Count - most} more." : "")}");
    }

    private static string Stranger(int item) => $"Item {item} is not in the batch.";

    private static string? Refusal(int item, ItemState? state, short? stage) =>
        state switch
        {
            null => Stranger(item),
            _ when stage is { } asked && asked != state.Stage => $"Item {item} is at stage {state.Stage}, not {asked}.",
            { Status: Status.Pending or Status.Failed } => null,
            { Status: Status.Queued } =>
                $"Item {item} is held by a host at stage {state.Stage}: pause the batch, and try again when the host has given it back.",
            { Status: Status.InProgress, Reason: "worker" } => null, // Its task is withdrawn, unless a worker has it.
            { Status: Status.InProgress } =>
                $"Item {item} waits at stage {state.Stage} for the answer to a call. If none comes by its deadline, it is put up for review.",
            _ => $"Item {item} is {state.Status.ToString().ToLowerInvariant()} at stage {state.Stage}, which only a retry changes.",
        };
}
