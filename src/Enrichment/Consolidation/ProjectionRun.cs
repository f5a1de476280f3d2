using System.Data.Common;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Enrichment.Consolidation;

/// <summary>
/// Consolidates inside a transaction that the store has begun, and in which no other caller consolidates the same projection.
/// </summary>
/// <remarks>
/// After each operation the table equals its rebuild: a function of rows, results, definition, and the set of batches
/// consolidated so far.
/// A failure rolls back to the table as it was.
/// </remarks>
internal sealed class ProjectionRun(DbConnection connection, DbTransaction? transaction, ProjectionDialect dialect, Projection projection)
{
    private readonly ProjectionSession session = new(connection, transaction, dialect, projection);
    private readonly long started = Stopwatch.GetTimestamp();

    // An index of a table with a key: free to be made again once the old table is gone.
    private string IndexName => $"enrichment_ix_{Mark}";

    private string BuildingName => $"enrichment_new_{Mark}";

    private string Mark => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(projection.Name)))[..16];

    /// <summary>Brings the table up to date with a batch. Rebuilds it if it was made from another definition.</summary>
    /// <param name="batch">The batch's inner key.</param>
    /// <param name="now">For the record, as the store writes it; null for the database's clock. No row depends on it.</param>
    /// <param name="cancellationToken">Ends the call; the store rolls back.</param>
    public async Task<ConsolidationReport> ConsolidateAsync(int batch, object? now, CancellationToken cancellationToken)
    {
        var planned = await session.PlanAsync(batch, cancellationToken).ConfigureAwait(false);
        var registered = await RegisterAsync(now, cancellationToken).ConfigureAwait(false);
        var again = await session.ExecuteAsync(dialect.Sql["add_projection_batch"],
            new() { ["projection"] = projection.Name, ["batch"] = batch }, cancellationToken).ConfigureAwait(false) == 0;
        return registered.IsCurrent && await RefreshAsync(planned, again, cancellationToken).ConfigureAwait(false)
            ? await ReportAsync(false, [planned], cancellationToken).ConfigureAwait(false)
            : await RebuildAsync(registered, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes the table from nothing, of every batch that was ever consolidated into it; what it has of pruned ones stays.
    /// </summary>
    public async Task<ConsolidationReport> RebuildAsync(object? now, CancellationToken cancellationToken) =>
        await RebuildAsync(await RegisterAsync(now, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>What is wrong with the table: batches that it does not show, and that it is not what a rebuild makes of it.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(object? now, CancellationToken cancellationToken)
    {
        List<Finding> findings = [.. (await session.UnshownAsync(now, cancellationToken).ConfigureAwait(false))
            .Select(batch => NotShown(projection, batch))];
        if (!await IsAsRebuiltAsync(now, cancellationToken).ConfigureAwait(false))
        {
            findings.Add(NotAsRebuilt(projection));
        }

        return findings;
    }

    /// <summary>Whether the table equals its rebuild. Makes a rebuild to compare, and rolls it back.</summary>
    /// <returns>True also if there is no table of this definition yet: the next consolidation makes it.</returns>
    private async Task<bool> IsAsRebuiltAsync(object? now, CancellationToken cancellationToken)
    {
        if (await session.FindAsync(cancellationToken).ConfigureAwait(false) is not { } held
            || !held.Hash.AsSpan().SequenceEqual(projection.Hash.Span)
            || !await session.ExistsAsync(projection.Table, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        var stands = await session.HashAsync(cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("savepoint examination", [], cancellationToken).ConfigureAwait(false);
        await RebuildAsync(now, cancellationToken).ConfigureAwait(false);
        var rebuilt = await session.HashAsync(cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("rollback to savepoint examination", [], cancellationToken).ConfigureAwait(false);
        return stands.AsSpan().SequenceEqual(rebuilt);
    }

    private async Task<Registered> RegisterAsync(object? now, CancellationToken cancellationToken)
    {
        var held = await session.FindAsync(cancellationToken).ConfigureAwait(false);
        var exists = await session.ExistsAsync(projection.Table, cancellationToken).ConfigureAwait(false);
        if (exists && held?.Table != projection.Table)
        {
            throw new EnrichmentException(
                $"Projection '{projection.Name}' cannot have the table '{projection.Table}': another table has that name already. Choose another name.");
        }

        var stale = held is not null && held.Table != projection.Table && await session.ExistsAsync(held.Table, cancellationToken)
            .ConfigureAwait(false) ? held.Table : null;
        await session.ExecuteAsync(dialect.Sql["register_projection"], new()
        {
            ["projection"] = projection.Name,
            ["table"] = projection.Table,
            ["definition"] = Encoding.UTF8.GetString(projection.Definition.Span),
            ["hash"] = projection.Hash.ToArray(),
            ["now"] = now ?? DBNull.Value,
        }, cancellationToken).ConfigureAwait(false);
        return new(exists && held!.Hash.AsSpan().SequenceEqual(projection.Hash.Span), exists ? projection.Table : stale);
    }

    /// <summary>
    /// Consolidates one batch into the table that is there. Returns false if that is not enough: a key lost its youngest item, and which
    /// one is next only the older batches know.
    /// </summary>
    private async Task<bool> RefreshAsync(PlannedBatch batch, bool again, CancellationToken cancellationToken)
    {
        // By key, whether an item has a row depends on other items: all of them are read again.
        var keyed = projection.Key.Count > 0;
        if (!keyed && batch.Shown is { } shown)
        {
            await FillChangedAsync(batch, shown, cancellationToken).ConfigureAwait(false);
            return true;
        }

        if (again)
        {
            await session.InEveryBucketAsync(dialect.Sql["forget_issues"], batch.Key, cancellationToken).ConfigureAwait(false);
        }

        if (again && keyed)
        {
            await session.InEveryBucketAsync(dialect.MarkStale(projection.Table), batch.Key, cancellationToken).ConfigureAwait(false);
        }

        await FillAsync(projection.Table, batch, merge: again || keyed, cancellationToken).ConfigureAwait(false);
        return !again || !keyed || await session.InEveryBucketAsync(dialect.RemoveStale(projection.Table), batch.Key, cancellationToken)
            .ConfigureAwait(false) == 0;
    }

    // Rows of pruned batches stay, because their sources are deleted. With the same definition the table is filled again in place, so that
    // views and grants on it stay; readers see the old rows until the commit. With another definition a new table is built beside the old
    // one and takes its name.
    private async Task<ConsolidationReport> RebuildAsync(Registered registered, CancellationToken cancellationToken)
    {
        if (registered is { IsCurrent: false, OldTable: not null } && await session.BatchesAsync(pruned: true, cancellationToken)
            .ConfigureAwait(false) is { Count: > 0 } lost)
        {
            throw new EnrichmentException(
                $"The table of projection '{projection.Name}' cannot be rebuilt by its changed definition: {lost.Count} of its batches were pruned, and only the old table has their rows. "
                + "Give the changed projection another name and table; the old one stays as it is.");
        }

        var target = registered.IsCurrent ? projection.Table : BuildingName;
        if (registered.IsCurrent)
        {
            await session.InEveryBucketAsync(dialect.Clear(target), null, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await session.ExecuteAsync(dialect.Create(projection, target), [], cancellationToken).ConfigureAwait(false);
        }

        var batches = new List<PlannedBatch>();
        await session.InEveryBucketAsync(dialect.Sql["forget_issues"], null, cancellationToken).ConfigureAwait(false);
        foreach (var batch in await session.BatchesAsync(pruned: false, cancellationToken).ConfigureAwait(false))
        {
            batches.Add(await session.PlanAsync(batch, cancellationToken).ConfigureAwait(false));
            await FillAsync(target, batches[^1], merge: projection.Key.Count > 0, cancellationToken).ConfigureAwait(false);
        }

        if (!registered.IsCurrent)
        {
            await SwapAsync(registered.OldTable, cancellationToken).ConfigureAwait(false);
        }

        return await ReportAsync(true, batches, cancellationToken).ConfigureAwait(false);
    }

    private async Task SwapAsync(string? old, CancellationToken cancellationToken)
    {
        if (old is not null)
        {
            await session.ExecuteAsync(dialect.Drop(old), [], cancellationToken).ConfigureAwait(false);
        }

        await session.ExecuteAsync(dialect.Rename(BuildingName, projection.Table), [], cancellationToken).ConfigureAwait(false);
        if (projection.Key.Count > 0)
        {
            await session.ExecuteAsync(dialect.CreateIndex(projection, IndexName), [], cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task FillAsync(string table, PlannedBatch batch, bool merge, CancellationToken cancellationToken)
    {
        await FillAsync(table, batch, session.ItemsAsync(batch, cancellationToken), merge, replaceIssues: false, cancellationToken)
            .ConfigureAwait(false);
        await session.NoteAsync(batch, batch.Ended, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Consolidates what has changed since an ended version of the batch: the items that were retried, each of which the history names.
    /// </summary>
    private async Task FillChangedAsync(PlannedBatch batch, int shown, CancellationToken cancellationToken)
    {
        var changed = session.RetriedAsync(batch.Key, shown, cancellationToken);
        await FillAsync(projection.Table, batch, changed, merge: true, replaceIssues: true, cancellationToken).ConfigureAwait(false);

        // A batch that works again is noted when it has ended: until then each consolidation takes the same items once more.
        await session.NoteAsync(batch, batch.Ended ?? shown, cancellationToken).ConfigureAwait(false);
    }

    private async Task FillAsync(
        string table,
        PlannedBatch batch,
        IAsyncEnumerable<IReadOnlyList<(short Bucket, int Item)>> chunks,
        bool merge,
        bool replaceIssues,
        CancellationToken cancellationToken)
    {
        await using (var writer = await dialect.OpenAsync(session, batch, table, merge, cancellationToken).ConfigureAwait(false))
        {
            await new ProjectionFill(session, dialect, batch).RunAsync(writer, chunks, replaceIssues, cancellationToken)
                .ConfigureAwait(false);
        }

        // Pruning waits for no reader. If it began during this read, rows would be missing: then everything is rolled back.
        await session.PlanAsync(batch.Key, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ConsolidationReport> ReportAsync(bool rebuilt, List<PlannedBatch> batches, CancellationToken cancellationToken)
    {
        var rows = 0L;
        var issues = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var batch in batches)
        {
            rows += projection.Key.Count == 0 ? batch.Items : await session.CountAsync(batch.Key, cancellationToken).ConfigureAwait(false);
            await session.CountIssuesAsync(issues, batch.Key, cancellationToken).ConfigureAwait(false);
        }

        return new()
        {
            Projection = projection.Name,
            Rebuilt = rebuilt,
            Batches = batches.Count,
            Rows = rows,
            Issues = issues,
            Warnings = [.. batches.SelectMany(batch => batch.Plan.Warnings).Distinct()],
            Duration = Stopwatch.GetElapsedTime(started),
        };
    }

    private sealed record Registered(bool IsCurrent, string? OldTable);

    private static Finding NotShown(Projection projection, Guid batch) => new(
        7,
        "projection",
        $"batch {batch} has ended, but the table '{projection.Table}' of projection '{projection.Name}' does not show it: "
        + "the hosts' logs give the reason; consolidate the batch when the cause is repaired");

    private static Finding NotAsRebuilt(Projection projection) => new(
        7,
        "projection",
        $"the table '{projection.Table}' of projection '{projection.Name}' differs from its rebuild: rebuild it, and look for another program that writes to it");
}
