using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>What an operator does with the versions of a projection: apply the host's definition, or go back.</summary>
/// <param name="store">The transactions.</param>
/// <param name="proposed">The host's definition.</param>
internal sealed class VersionOperations(IProjectionTransactions store, Projection proposed)
{
    private readonly ProjectionTables tables = new(store, proposed);

    /// <summary>The missing views that the last application has put back.</summary>
    public IReadOnlyList<string> Restored { get; private set; } = [];

    /// <summary>All versions, the oldest first.</summary>
    public Task<IReadOnlyList<ProjectionVersion>> ListAsync(CancellationToken cancellationToken) => store.LookAsync(
        proposed.Name,
        async Task<IReadOnlyList<ProjectionVersion>> (session) =>
            await ReadAsync(session, cancellationToken).ConfigureAwait(false) is { } registry
            ? [.. registry.Versions.Select(version => new ProjectionVersion(
                version.Version,
                version.Status.ToString().ToLowerInvariant(),
                new(version.ChangedAt, TimeSpan.Zero),
                version.Definition,
                version.Fingerprint.AsSpan().SequenceEqual(TableVersion.FingerprintOf(proposed)),
                version is { Status: VersionStatus.Building, Swaps: false }))]
            : [],
        cancellationToken);

    /// <summary>Builds the host's definition beside the live table, compares both, and lets the view show it.</summary>
    /// <param name="hold">Whether it stops before the last.</param>
    /// <param name="cancellationToken">Ends the call; a later one goes on.</param>
    /// <returns>Null if the definition is live already.</returns>
    public async Task<ProjectionDiff?> ApplyAsync(bool hold, CancellationToken cancellationToken)
    {
        (var begun, Restored) = await TransactAsync(session => BeginAsync(session, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        if (begun is not { } version)
        {
            return null;
        }

        while (true)
        {
            await tables.BuildAsync(cancellationToken).ConfigureAwait(false);
            var diff = await store.LookAsync(
                proposed.Name, session => CompareAsync(session, version, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (hold)
            {
                return diff;
            }

            // Batches may have ended since: they are done first.
            if (await TransactAsync(session => SwapAsync(session, version, cancellationToken), cancellationToken).ConfigureAwait(false))
            {
                return diff with { IsLive = true };
            }
        }
    }

    /// <summary>Lets the view show a version again whose table is kept.</summary>
    /// <param name="to">The version; null: the one that was live before.</param>
    /// <param name="cancellationToken">Ends the call; a later one goes on.</param>
    public async Task<ProjectionRollback> RollBackAsync(int? to, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (version, batches, done) = await TransactAsync(
                session => BeginRollbackAsync(session, to, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (done is not null)
            {
                return done;
            }

            to = version;
            foreach (var batch in batches)
            {
                while (await TransactAsync(session => CarryAsync(session, version, batch, cancellationToken), cancellationToken)
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

    private async Task<ProjectionRegistry> RequireAsync(ProjectionSession session, CancellationToken cancellationToken) =>
        await ReadAsync(session, cancellationToken).ConfigureAwait(false)
        ?? throw new EnrichmentException($"Projection '{proposed.Name}' has no table yet: consolidate a batch into it first.");

    /// <summary>
    /// Registers the version that is built, or takes over the one that is being built; none if it is live. Puts missing views back.
    /// </summary>
    private async Task<(int? Version, IReadOnlyList<string> Restored)> BeginAsync(
        ProjectionSession session, CancellationToken cancellationToken)
    {
        if (await ReadAsync(session, cancellationToken).ConfigureAwait(false) is not { } registry)
        {
            await VersionChange.RegisterAsync(session, proposed, cancellationToken).ConfigureAwait(false);
            return (null, []);
        }

        var restored = await PublishedTables.RestoreAsync(session, registry.Live, cancellationToken).ConfigureAwait(false);
        var fingerprint = TableVersion.FingerprintOf(proposed);
        if (registry.Live.Fingerprint.AsSpan().SequenceEqual(fingerprint))
        {
            return (null, restored);
        }

        if (registry.Building is { } building)
        {
            if (building.Fingerprint.AsSpan().SequenceEqual(fingerprint))
            {
                await VersionChange.SetStatusAsync(session, building, VersionStatus.Building, cancellationToken).ConfigureAwait(false);
                return (building.Version, restored);
            }

            await VersionChange.RemoveAsync(session, building, cancellationToken).ConfigureAwait(false);
        }

        if (await VersionChange.ObstacleAsync(session, registry, proposed, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            throw new EnrichmentException(obstacle);
        }

        var added = await VersionChange.AddAsync(session, registry, proposed, false, cancellationToken).ConfigureAwait(false);
        return (added.Version, restored);
    }

    private async Task<ProjectionDiff> CompareAsync(ProjectionSession session, int version, CancellationToken cancellationToken)
    {
        var registry = await RequireAsync(session, cancellationToken).ConfigureAwait(false);
        return await new VersionComparison(session, registry.Live, Of(registry, version)).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> SwapAsync(ProjectionSession session, int version, CancellationToken cancellationToken)
    {
        var registry = await RequireAsync(session, cancellationToken).ConfigureAwait(false);
        var building = Of(registry, version);
        if ((await session.FindBatchesAsync("find_to_build", version, registry.Live.Version, cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            return false;
        }

        await VersionChange.SwapAsync(session, registry, building, cancellationToken).ConfigureAwait(false);
        return true;
    }

    // Another operator may have applied another definition meanwhile.
    private TableVersion Of(ProjectionRegistry registry, int version) =>
        registry.Building is { } building && building.Version == version ? building : throw new EnrichmentException(
            $"Version {version} of projection '{proposed.Name}' is no longer being built: another call has applied or replaced it. List the versions.");

    private async Task<(int Version, List<int> Batches, ProjectionRollback? Done)> BeginRollbackAsync(
        ProjectionSession session, int? to, CancellationToken cancellationToken)
    {
        var registry = await RequireAsync(session, cancellationToken).ConfigureAwait(false);
        var kept = Kept(registry, to);
        await PublishedTables.RequireKeptAsync(session, kept, cancellationToken).ConfigureAwait(false);
        var batches = await session.FindBatchesAsync("find_to_carry", kept.Version, registry.Live.Version, cancellationToken)
            .ConfigureAwait(false);
        if (batches.Count > 0 && !ProjectionDialect.AreFoldedAlike(kept.Projection, registry.Live.Projection))
        {
            var (what, only) = kept.Projection.Key.SequenceEqual(registry.Live.Projection.Key)
                ? ("is folded in another way", $"table as version {registry.Live.Version} folds it")
                : ("has another key", $"table by the key of version {registry.Live.Version}");
            throw new EnrichmentException(
                $"Projection '{proposed.Name}' cannot go back to version {kept.Version}, which {what}: {batches.Count} of its batches were pruned since, and only the {only} has their rows. "
                + "Give the definition of the older version another name and table; this one stays as it is.");
        }

        // What was about to be applied by itself waits now, or the rollback would not hold.
        if (registry.Building is { Swaps: true } building)
        {
            await VersionChange.SetStatusAsync(session, building, VersionStatus.Building, cancellationToken).ConfigureAwait(false);
        }

        if (batches.Count > 0)
        {
            return (kept.Version, batches, null);
        }

        var done = await ReportAsync(session, registry.Live, kept, cancellationToken).ConfigureAwait(false);
        await VersionChange.SwapAsync(session, registry, kept, cancellationToken).ConfigureAwait(false);
        return (kept.Version, [], done);
    }

    private static async Task<ProjectionRollback> ReportAsync(
        ProjectionSession session, TableVersion live, TableVersion kept, CancellationToken cancellationToken)
    {
        var (carried, outdated) = (0, 0);
        await using var command = session.Command(
            session.Dialect.Sql["find_carried"], new(session.Bound(kept.Version)) { ["live"] = live.Version });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (kept.Projection.TakesRowsOf(reader.GetString(0)) && live.Projection.TakesRowsOf(reader.GetString(0)))
            {
                (carried, outdated) = reader.GetBoolean(1) ? (carried, outdated + 1) : (carried + 1, outdated);
            }
        }

        return new()
        {
            From = live.Version,
            To = kept.Version,
            CarriedBatches = carried,
            EmptyColumns = carried == 0 ? [] :
            [
                .. kept.Projection.Stored
                    .Where(column => !column.IsBeside
                        && !live.Projection.Stored.Any(other =>
                            other.Name == column.Name && ProjectionDialect.IsSame(other.Type, column.Type)))
                    .Select(column => column.Name),
            ],
            OutdatedBatches = outdated,
            MissingFunctions = [.. ComputedFunction.Missing(kept.Projection).Select(function => function.Words)],
        };
    }

    private TableVersion Kept(ProjectionRegistry registry, int? to)
    {
        if (registry.Kept.FirstOrDefault(version => to is null || version.Version == to) is { } kept)
        {
            return kept;
        }

        var named = registry.Versions.FirstOrDefault(version => version.Version == to);
        var others = registry.Kept.Count == 0
            ? "No earlier version of it still has its table."
            : $"Versions whose tables are kept: {string.Join(", ", registry.Kept.Select(version => version.Version).Order())}.";
        throw new EnrichmentException((to, named?.Status) switch
        {
            (null, _) => $"Projection '{proposed.Name}' cannot go back: no earlier version of it still has its table.",
            (_, VersionStatus.Live) => $"Version {to} of projection '{proposed.Name}' is live already. {others}",
            (_, VersionStatus.Building) => $"Version {to} of projection '{proposed.Name}' was never live: apply its definition. {others}",
            (_, VersionStatus.Dropped) =>
                $"Projection '{proposed.Name}' cannot go back to version {to}: its table was dropped. Apply its definition to have it made anew. {others}",
            _ => $"Projection '{proposed.Name}' has no version {to}. {others}",
        });
    }

    private async Task<bool> CarryAsync(ProjectionSession session, int version, int batch, CancellationToken cancellationToken)
    {
        var registry = await RequireAsync(session, cancellationToken).ConfigureAwait(false);
        return registry.Kept.FirstOrDefault(kept => kept.Version == version) is { } kept && await new ProjectionPass(session, kept)
            .AdvanceAsync(batch, PassStart.IfNone, registry.Live, cancellationToken).ConfigureAwait(false);
    }
}
