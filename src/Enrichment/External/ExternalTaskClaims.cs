using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>Puts due items into a worker's hands: a lease on an interval, what may be called for of it, and their attempts.</summary>
internal sealed class ExternalTaskClaims(
    ILeaseStore leases,
    IOutcomeStore attempts,
    TokenKeys keys,
    OutcomeWriter writer,
    WorkerLimits limits,
    WorkSignal signal,
    WorkerOptions options)
{
    /// <returns>Null if another was faster, or nothing in the interval may be called for now.</returns>
    public async Task<ExternalTask?> TryAsync(WorkRequest request, Candidate candidate, StagePlan stage)
    {
        // Before anything is leased: without them it could not be named.
        var ring = await keys.ReadAsync(CancellationToken.None).ConfigureAwait(false);

        // Not cancelled half-way: a lease that was won and not heard of would count as lost.
        var claim = await leases.ClaimAsync(
            new()
            {
                Candidate = candidate,
                Owner = request.Worker,
                Lease = request.Lease,
                Limit = stage.Stage.Limits is { } stated ? PermitRequest.FittingWorker(stated, request.Limit) : request.Limit,
                ByteLimit = options.ClaimBytes,
                Upload = stage.Batch.Upload,
                Sources = stage.Sources,
            },
            CancellationToken.None).ConfigureAwait(false);
        if (claim is null)
        {
            return null;
        }

        // As late as can be, because its first call may leave at once; and for what is wanted, so that none is left over.
        var wanted = await WantedAsync(request, claim, stage).ConfigureAwait(false);
        var block =
            stage.Stage.Limits is { } limited && wanted.Count > 0
                ? await limits.LeaseAsync(stage, limited, request, wanted.Count).ConfigureAwait(false)
                : null;
        var called = stage.Stage.Limits is null ? wanted : [.. wanted.Take(block?.Calls ?? 0)];
        var begun =
            called.Count == 0
                ? []
                : (
                    await attempts
                        .BeginAttemptsAsync(
                            claim.Lease,
                            request.Worker,
                            [.. called.Select(item => new AttemptStart(item.Item, item.Generation, item.Attempt + 1))],
                            CancellationToken.None)
                        .ConfigureAwait(false)).ToHashSet();
        if (begun.Count == 0)
        {
            await leases.ReleaseAsync(claim.Lease, evenIfDue: true, CancellationToken.None).ConfigureAwait(false);
            await limits.ForgoAsync(stage, block).ConfigureAwait(false);
            return null;
        }

        IReadOnlyList<ExternalTaskItem> items =
        [
            .. called.Where(item => begun.Contains(item.Item)).Select(item => ExternalTaskItem.Of(stage, item)),
        ];
        return new(
            new LeaseHandle(claim.Lease, block?.Number ?? 0, request.Worker).Sign(ring),
            stage.Batch.Id,
            stage.Number,
            stage.Stage.Manifest.Slug,
            stage.Stage.Manifest.Version,
            stage.Stage.Settings,
            block?.Hand(items) ?? items);
    }

    /// <summary>The items for which the stage's condition holds; the others are skipped.</summary>
    private async Task<List<ClaimedItem>> WantedAsync(WorkRequest request, Claim claim, StagePlan stage)
    {
        var wanted = claim.Items.ToLookup(stage.ConditionHolds);
        if (wanted[false].Any())
        {
            await writer
                .CommitAsync(
                    stage,
                    new(claim.Lease, request.Worker, AttemptsAreOpen: false, [.. wanted[false].Select(stage.OutcomeRules.ConditionFalse)]),
                    renewal: null)
                .ConfigureAwait(false);
            signal.Raise();
        }

        return [.. wanted[true]];
    }
}
