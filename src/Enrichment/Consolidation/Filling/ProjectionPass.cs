using System.Diagnostics;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>Whether a chunk may begin a pass.</summary>
internal enum PassStart
{
    /// <summary>A pass that began on other states begins again: what follows is newer than the call.</summary>
    Anew,

    /// <summary>If no pass is under way.</summary>
    IfNone,

    /// <summary>If no pass is under way, it has ended.</summary>
    Never,
}

/// <summary>
/// One chunk of the passes that bring a version's table up to date with a batch: a transaction reads how far the pass is, does the next
/// items, and notes them. So a lost host costs one chunk, and hosts that work on one batch follow each other.
/// </summary>
internal sealed class ProjectionPass(ProjectionSession session, TableVersion version)
{
    // About as many rows as a chunk's, of a batch that is copied bucket by bucket.
    private const int CopiedAtOnce = 20_000;

    // A batch of so many makes a table grow by more than a planner overlooks.
    private const int ManyItems = 10_000;

    // What the table has of the batch after the chunk, noted with how far the pass is; empty if it is not known.
    private string counted = "";

    /// <summary>Whether rows of pruned batches are left out that only a missing table had.</summary>
    public bool LosesRows { get; init; }

    /// <summary>Does the next chunk.</summary>
    /// <param name="batch">The inner key.</param>
    /// <param name="start">Whether it may begin a pass.</param>
    /// <param name="live">The version that has the rows of a pruned batch; null if it cannot be pruned.</param>
    /// <param name="cancellationToken">Ends the call; the store rolls back.</param>
    /// <returns>Whether there is more to do.</returns>
    public async Task<bool> AdvanceAsync(int batch, PassStart start, TableVersion? live, CancellationToken cancellationToken)
    {
        var planned = await session.PlanAsync(version.Projection, version.Version, batch, cancellationToken, version.Lists)
            .ConfigureAwait(false);
        if (live is not null && planned.IsPruned)
        {
            return await CopyAsync(planned, live, cancellationToken).ConfigureAwait(false);
        }

        planned.Unpruned();
        if (Next(planned, start) is not { } progress)
        {
            return false;
        }

        if (progress != planned.Progress)
        {
            await BeginAsync(planned, progress, cancellationToken).ConfigureAwait(false);
        }

        var last = await FillAsync(planned, progress, cancellationToken).ConfigureAwait(false);

        // Pruning waits for no reader. If it began during this read, rows would be missing: then everything is rolled back.
        (await session.PlanAsync(version.Projection, version.Version, batch, cancellationToken).ConfigureAwait(false)).Unpruned();
        if (last is null && progress.Shown is null && planned.Items >= ManyItems)
        {
            await session.Dialect.AnalyzeAsync(session, version, cancellationToken).ConfigureAwait(false);
        }

        await (last is { } done
                ? MoveAsync(planned, done.Bucket, done.Item, cancellationToken)
                : EndAsync(planned, ShownAfter(planned, progress), cancellationToken))
            .ConfigureAwait(false);
        return last is not null;
    }

    /// <summary>Fills sets of items for a short time. Returns the last item, if there are more.</summary>
    private async Task<(short Bucket, int Item)?> FillAsync(
        PlannedBatch batch, FillProgress progress, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var following = new ProjectionItems(session, batch);
        var changed = progress.ListsSince is { } count
            ? await new ProjectionLists(session, version.Lists, batch.Client).ChangedAsync(count, cancellationToken).ConfigureAwait(false)
            : [];
        var affected = changed is { Count: > 0 } ? new AffectedItems(session, version, batch, changed) : null;

        // More changed values than can be looked for may be in any row: all items are taken.
        var since = changed is null ? null : progress.Shown;
        await using var fill = new ProjectionFill(session, version, batch, progress.Again || progress.Shown is not null);
        var (bucket, item) = (progress.Bucket, progress.Item);
        while (batch.Plan.HasItems)
        {
            var next = await following.AfterAsync(bucket, item, since, cancellationToken).ConfigureAwait(false);
            var (items, hasMore) = affected is null
                ? next
                : await affected.AfterAsync(bucket, item, next, cancellationToken).ConfigureAwait(false);
            if (items.Count > 0)
            {
                await fill.RunAsync(items, cancellationToken).ConfigureAwait(false);
            }

            if (!hasMore)
            {
                break;
            }

            (bucket, item) = items[^1];
            if (Stopwatch.GetElapsedTime(began) >= session.ChunkTime)
            {
                await CountAsync(batch, progress, fill, cancellationToken).ConfigureAwait(false);
                return (bucket, item);
            }
        }

        await CountAsync(batch, progress, fill, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private async Task CountAsync(
        PlannedBatch batch, FillProgress progress, ProjectionFill fill, CancellationToken cancellationToken)
    {
        await CountPlacesAsync(batch, progress, fill, cancellationToken).ConfigureAwait(false);
        if (!version.IsKeyed && (batch.Counted is not null || !progress.Again))
        {
            fill.Counts.Add(batch.Counted ?? "[]");
            counted = fill.Counts.ToJson();
        }
    }

    // For drift: of all items, or not at all. A pass over the items that were retried does not know what the others have.
    private async Task CountPlacesAsync(
        PlannedBatch batch, FillProgress progress, ProjectionFill fill, CancellationToken cancellationToken)
    {
        if (progress.Shown is null && batch.Plan.Stages.Count > 0)
        {
            var places = FilledPlaces.FromJson(progress == batch.Progress ? batch.Filled : null);
            fill.AddTo(places);
            await session.RunAsync(
                "count_filled",
                new(session.Bound(version.Version, batch.Key)) { ["filled"] = places.ToJson() },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The pass to go on with; null if there is nothing to do.</summary>
    private static FillProgress? Next(PlannedBatch batch, PassStart start)
    {
        var progress = batch.Progress;
        var isUnderWay = progress?.Filling is not null;

        // A value that a list has gained or lost has the items done again that looked it up.
        var isStale = progress is not null && progress.Lists < batch.ListChanges;
        if (isUnderWay && (start != PassStart.Anew || (batch.HasEnded && progress!.Filling == batch.Version)))
        {
            return progress;
        }

        var isShown = batch.HasEnded && progress?.Noted == batch.Version && progress.Shown == batch.Version && !isStale;
        if (!isUnderWay && (start == PassStart.Never || isShown))
        {
            return null;
        }

        return new(progress?.Noted, progress?.Shown, batch.Version, progress is not null, 0, 0, batch.ListChanges)
        {
            ListsSince = progress?.Shown is null ? null : progress.ListsSince ?? (isStale ? progress.Lists : null),
        };
    }

    // Only if the batch had ended when the pass began, and did nothing since, the next pass may take what was retried since. A batch that
    // works again keeps the version from which on the history tells what was retried.
    private static int? ShownAfter(PlannedBatch batch, FillProgress progress) =>
        batch.HasEnded && batch.Version == progress.Filling ? batch.Version : progress.Shown;

    private Task<int> BeginAsync(PlannedBatch batch, FillProgress progress, CancellationToken cancellationToken) => session.RunAsync(
        "begin_pass",
        new(session.Bound(version.Version, batch.Key))
        {
            ["filling"] = progress.Filling!,
            ["again"] = progress.Again,
            ["bucket"] = progress.Bucket,
            ["item"] = progress.Item,
            ["lists"] = progress.Lists,
            ["since"] = progress.ListsSince ?? -1,
            ["whole"] = progress.Shown is null,
        },
        cancellationToken);

    private Task<int> MoveAsync(PlannedBatch batch, short bucket, int item, CancellationToken cancellationToken) => session.RunAsync(
        "move_pass",
        new(session.Bound(version.Version, batch.Key)) { ["bucket"] = bucket, ["item"] = item, ["counted"] = counted },
        cancellationToken);

    private Task<int> EndAsync(PlannedBatch batch, int? shown, CancellationToken cancellationToken) => session.RunAsync(
        "end_pass",
        new(session.Bound(version.Version, batch.Key)) { ["shown"] = shown ?? -1, ["counted"] = counted },
        cancellationToken);

    /// <summary>Copies rows of a pruned batch, of which only another version has them. What this one has already stays.</summary>
    private async Task<bool> CopyAsync(PlannedBatch batch, TableVersion from, CancellationToken cancellationToken)
    {
        var begun = batch.Progress is { Filling: not null, Item: FillProgress.Copying };
        if (!begun)
        {
            await BeginAsync(
                batch,
                new(null, null, batch.Version, true, FillProgress.Copying, FillProgress.Copying, batch.ListChanges),
                cancellationToken).ConfigureAwait(false);
        }

        from = await PublishedTables.CopiedFromAsync(session, from, [], LosesRows, cancellationToken).ConfigureAwait(false);
        var bucket = begun ? batch.Progress!.Bucket : (short)-1;
        for (var rows = 0; rows < CopiedAtOnce && bucket < Bucket.Count - 1;)
        {
            bucket++;
            rows += batch.Plan.HasRows
                ? await session.Dialect.CopyAsync(session, from, version, batch, bucket, cancellationToken).ConfigureAwait(false)
                : 0;
            await new ProjectionLists(session, version.Version, batch.Client)
                .CarryAsync(from, version, batch.Key, bucket, cancellationToken)
                .ConfigureAwait(false);
            await session.RunAsync(
                "carry_issues",
                new(session.Bound(version.Version, batch.Key)) { ["bucket"] = bucket, ["from"] = from.Version },
                cancellationToken).ConfigureAwait(false);
        }

        var hasMore = bucket < Bucket.Count - 1;
        if (!hasMore && !version.IsKeyed)
        {
            var counts = new CellCounts(CellCounts.PlacesOf(version.Projection).Count);
            counts.Add(await session.CountsAsync(
                session.Dialect.CountBatch(version, batch.Buckets),
                new() { ["client"] = batch.Client, ["batch"] = batch.Key },
                cancellationToken).ConfigureAwait(false));
            counted = counts.ToJson();
        }

        await (hasMore
                ? MoveAsync(batch, bucket, FillProgress.Copying, cancellationToken)
                : EndAsync(batch, null, cancellationToken))
            .ConfigureAwait(false);
        return hasMore;
    }
}
