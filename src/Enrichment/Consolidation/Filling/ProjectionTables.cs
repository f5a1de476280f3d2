using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>
/// Brings the tables of a projection up to date, transaction by transaction. Each reads from the registry what is next, so that a lost host
/// loses one of them at most, and any number of hosts may help.
/// </summary>
/// <param name="store">The transactions.</param>
/// <param name="proposed">The host's definition. The registry says whether it is the live one.</param>
internal sealed class ProjectionTables(IProjectionTransactions store, Projection proposed)
{
    /// <summary>
    /// Brings the live table up to date with a batch, and makes it, or builds a compatible change of it, where there is one. A missing view
    /// is put back.
    /// </summary>
    public async Task<ConsolidationReport> ConsolidateAsync(int batch, CancellationToken cancellationToken)
    {
        var report = new TableReport(proposed);
        var (isNew, hasMore, version) = (false, true, (int?)null);
        ConsolidationReport? done = null;
        while (hasMore)
        {
            hasMore = await TransactAsync(
                async session =>
                {
                    var before = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
                    var registry = Writable(await EnsureAsync(session, before, cancellationToken).ConfigureAwait(false));
                    isNew |= before is null;
                    if (registry != before)
                    {
                        return true;
                    }

                    var start = registry.Live.Version == version ? PassStart.Never : PassStart.Anew;
                    if (start == PassStart.Anew)
                    {
                        await PublishedTables.RestoreAsync(session, registry.Live, cancellationToken).ConfigureAwait(false);
                    }

                    version = registry.Live.Version;
                    if (await new ProjectionPass(session, registry.Live).AdvanceAsync(batch, start, null, cancellationToken)
                        .ConfigureAwait(false))
                    {
                        return true;
                    }

                    done = await EndAsync(session, report, registry, isNew, batch, cancellationToken).ConfigureAwait(false);
                    return false;
                },
                cancellationToken).ConfigureAwait(false);
        }

        if (done is not null)
        {
            return done;
        }

        var isBuilt = await BuildAsync(cancellationToken).ConfigureAwait(false);
        return await TransactAsync(
            async session => await report.OfAsync(
                session,
                (await ReadAsync(session, cancellationToken).ConfigureAwait(false))!,
                isNew || isBuilt,
                isBuilt ? null : batch,
                cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Registers the projection, or proposes its change, and finds the ended batches that the live table does not show.</summary>
    public Task<List<int>> FindAsync(CancellationToken cancellationToken) => TransactAsync(
        async session =>
        {
            var before = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
            var live = (await EnsureAsync(session, before, cancellationToken).ConfigureAwait(false)).Live;
            return live.Evaluator > RowEvaluator.Version
                ? []
                : await session.FindBatchesAsync("find_to_project", live.Version, null, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Makes the live table anew beside itself, of every batch that belongs to it, and drops the old one.</summary>
    /// <param name="losesRows">Whether rows of pruned batches may be lost that only a missing table had.</param>
    /// <param name="cancellationToken">Ends the call; a later one goes on.</param>
    public async Task<ConsolidationReport> RebuildAsync(bool losesRows, CancellationToken cancellationToken)
    {
        var report = new TableReport(proposed);
        var (old, building) = await TransactAsync(
                async session =>
                {
                    var before = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
                    var registry = Writable(await EnsureAsync(session, before, cancellationToken).ConfigureAwait(false));
                    await PublishedTables.CopiedFromAsync(session, registry.Live, registry.Kept, losesRows, cancellationToken)
                        .ConfigureAwait(false);
                    return registry.Building switch
                    {
                        null => (
                            registry.Live,
                            await VersionChange.AddAsync(session, registry, registry.Live.Projection, true, cancellationToken)
                                .ConfigureAwait(false)),
                        { Swaps: true } building => (registry.Live, building),
                        { Version: var waiting } => throw new EnrichmentException(
                            $"The table of projection '{proposed.Name}' cannot be rebuilt while version {waiting} waits to be applied. Apply a definition first."),
                    };
                },
                cancellationToken)
            .ConfigureAwait(false);
        await BuildAsync(cancellationToken, losesRows).ConfigureAwait(false);
        if (old.Fingerprint.AsSpan().SequenceEqual(building.Fingerprint))
        {
            await new VersionSweep(store).DropAsync(proposed.Name, old.Version, cancellationToken).ConfigureAwait(false);
        }

        return await TransactAsync(
                async session => await report.OfAsync(
                    session,
                    (await ReadAsync(session, cancellationToken).ConfigureAwait(false))!,
                    true,
                    null,
                    cancellationToken).ConfigureAwait(false),
                cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Goes on with the version that is built, if there is one, until it has every batch. Then it becomes live, unless an operator has to
    /// say so.
    /// </summary>
    /// <returns>Whether it became live.</returns>
    public async Task<bool> BuildAsync(CancellationToken cancellationToken, bool losesRows = false)
    {
        while (true)
        {
            var (version, batches, isLive) = await TransactAsync(
                    session => NextToBuildAsync(session, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            if (isLive is { } done)
            {
                return done;
            }

            foreach (var batch in batches)
            {
                while (await TransactAsync(session => BuildAsync(session, version, batch, losesRows, cancellationToken), cancellationToken)
                    .ConfigureAwait(false))
                {
                }
            }
        }
    }

    private Task<T> TransactAsync<T>(Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken) =>
        store.TransactAsync(proposed.Name, work, cancellationToken);

    private Task<ProjectionRegistry?> ReadAsync(ProjectionSession session, CancellationToken cancellationToken) =>
        ProjectionRegistry.ReadAsync(session, proposed, cancellationToken);

    private ProjectionRegistry Writable(ProjectionRegistry registry) => registry.Live.Evaluator <= RowEvaluator.Version
        ? registry
        : throw new EnrichmentException(
            $"The table of projection '{proposed.Name}' was made by a newer version of this library, which alone can fill it. Update this host.");

    /// <summary>Registers a new projection, and proposes a change that surprises no reader.</summary>
    private async Task<ProjectionRegistry> EnsureAsync(
        ProjectionSession session, ProjectionRegistry? registry, CancellationToken cancellationToken)
    {
        if (registry is null)
        {
            await VersionChange.RegisterAsync(session, proposed, cancellationToken).ConfigureAwait(false);
        }
        else if (registry.Building is null
            && IsProposed(registry)
            && await VersionChange.ObstacleAsync(session, registry, proposed, cancellationToken).ConfigureAwait(false) is null)
        {
            await VersionChange.AddAsync(session, registry, proposed, true, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            return registry;
        }

        return (await ReadAsync(session, cancellationToken).ConfigureAwait(false))!;
    }

    // A definition that was live before, or that an older evaluator reads, is never applied by itself: hosts of two versions would fight,
    // and a rollback would not hold.
    private bool IsProposed(ProjectionRegistry registry) =>
        registry.Find(TableVersion.FingerprintOf(proposed)) is null
        && registry.Live.Evaluator <= RowEvaluator.Version
        && ProjectionChange.Between(registry.Live.Projection, proposed).IsCompatible;

    /// <summary>The live table has the batch. The report, unless there is a version to be built.</summary>
    private static async Task<ConsolidationReport?> EndAsync(
        ProjectionSession session,
        TableReport report,
        ProjectionRegistry registry,
        bool isNew,
        int batch,
        CancellationToken cancellationToken)
    {
        await session.RunAsync(
            "clear_failure", new() { ["projection"] = session.Name, ["batch"] = batch }, cancellationToken).ConfigureAwait(false);
        return registry.Building is null
            ? await report.OfAsync(session, registry, isNew, batch, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>
    /// The next batches to build, or none after tables were analyzed or an index was made, which is work of its own. If all is done:
    /// whether the version became live.
    /// </summary>
    private async Task<(int Version, List<int> Batches, bool? IsLive)> NextToBuildAsync(
        ProjectionSession session, CancellationToken cancellationToken)
    {
        if (await ReadAsync(session, cancellationToken).ConfigureAwait(false) is not { Building: { } building } registry
            || building.Evaluator > RowEvaluator.Version)
        {
            return (0, [], false);
        }

        var batches = await session.FindBatchesAsync("find_to_build", building.Version, registry.Live.Version, cancellationToken)
            .ConfigureAwait(false);
        if (batches.Count > 0
            || await session.Dialect.AnalyzeAsync(session, building, cancellationToken).ConfigureAwait(false)
            || await VersionChange.IndexAsync(session, building, cancellationToken).ConfigureAwait(false))
        {
            return (building.Version, batches, null);
        }

        if (building.Swaps)
        {
            await VersionChange.SwapAsync(session, registry, building, cancellationToken).ConfigureAwait(false);
        }

        return (building.Version, [], building.Swaps);
    }

    private async Task<bool> BuildAsync(
        ProjectionSession session, int version, int batch, bool losesRows, CancellationToken cancellationToken)
    {
        var registry = await ReadAsync(session, cancellationToken).ConfigureAwait(false);
        return registry?.Building is { } building && building.Version == version
            && await new ProjectionPass(session, building) { LosesRows = losesRows }
                .AdvanceAsync(batch, PassStart.IfNone, registry.Live, cancellationToken).ConfigureAwait(false);
    }
}
