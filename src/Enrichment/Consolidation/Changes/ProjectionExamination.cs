using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>Checks invariant 7 of a projection: its table is there, shows every batch, and is what a rebuild makes of it.</summary>
internal sealed class ProjectionExamination(ProjectionSession session, Projection projection)
{
    /// <summary>What is wrong with the live table.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var live = (await ProjectionRegistry.ReadAsync(session, projection, cancellationToken).ConfigureAwait(false))?.Live;
        List<Finding> findings = [.. (await session.UnshownAsync(live?.Version ?? 0, cancellationToken).ConfigureAwait(false))
            .Select(unshown => NotShown(unshown.Batch, unshown.Error))];
        if (live is null)
        {
            return findings;
        }

        findings.AddRange(ComputedFunction.Lacks(live.Projection).Select(Unfilled));
        var published = await PublishedTables.ExamineAsync(session, live, cancellationToken).ConfigureAwait(false);
        findings.AddRange(published);
        if (published.Count == 0)
        {
            findings.AddRange(await PublishedTables.UnindexedAsync(session, live, cancellationToken).ConfigureAwait(false));
        }

        if (published.Count == 0
            && !ComputedFunction.Missing(live.Projection).Any()
            && live.Evaluator == RowEvaluator.Version
            && !await IsAsRebuiltAsync(live, cancellationToken).ConfigureAwait(false))
        {
            findings.Add(NotAsRebuilt(live.Projection));
        }

        return findings;
    }

    // Of batches that work, no one can tell what the table must show. A rebuild is made to compare, and rolled back.
    private async Task<bool> IsAsRebuiltAsync(TableVersion live, CancellationToken cancellationToken)
    {
        var comparable = (await session.NotedAsync(live.Version, cancellationToken).ConfigureAwait(false))
            .Where(noted => noted.IsComparable)
            .Select(noted => noted.Batch)
            .ToList();
        if (live.IsKeyed
            && !live.Projection.FoldsColumns
            && await session.CountAsync(session.Dialect.CountMisfolded(live), [], cancellationToken).ConfigureAwait(false) > 0)
        {
            return false;
        }

        var set = comparable.ToHashSet();
        var stands = await session.HashAsync(live, set, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("savepoint examination", [], cancellationToken).ConfigureAwait(false);
        var scratch = live with { Version = int.MaxValue, Lists = live.Version };
        await VersionChange.CreateAsync(session, scratch, cancellationToken).ConfigureAwait(false);
        if (live.Projection.FoldsColumns)
        {
            await ColumnFold.CompareAsync(session, live, scratch, cancellationToken).ConfigureAwait(false);
            if (await session.CountAsync(session.Dialect.CountMisfolded(live, scratch), [], cancellationToken).ConfigureAwait(false) > 0)
            {
                await session.ExecuteAsync("rollback to savepoint examination", [], cancellationToken).ConfigureAwait(false);
                return false;
            }
        }

        foreach (var batch in comparable)
        {
            while (await new ProjectionPass(session, scratch).AdvanceAsync(batch, PassStart.IfNone, live, cancellationToken)
                .ConfigureAwait(false))
            {
            }
        }

        var rebuilt = await session.HashAsync(scratch, set, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync("rollback to savepoint examination", [], cancellationToken).ConfigureAwait(false);
        return stands.AsSpan().SequenceEqual(rebuilt);
    }

    private Finding NotShown(Guid batch, string? error) => new(
        7,
        "projection",
        $"batch {batch} has ended, but the table '{projection.Table}' of projection '{projection.Name}' does not show it: "
        + (error is null
            ? "no host has filled it yet; let a host with this projection work, or consolidate the batch"
            : $"{error.TrimEnd('.')}; consolidate the batch when the cause is repaired"));

    private Finding Unfilled(string lack) => new(
        7, "projection", $"the table '{projection.Table}' of projection '{projection.Name}' is neither filled nor checked by this host: {lack.TrimEnd('.')}");

    private static Finding NotAsRebuilt(Projection projection) => new(
        7,
        "projection",
        $"the table '{projection.Table}' of projection '{projection.Name}' differs from its rebuild: rebuild it, and look for another program that writes to it");
}
