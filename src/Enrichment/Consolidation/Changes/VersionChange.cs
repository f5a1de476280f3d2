using System.Data.Common;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>What becomes of versions of a projection, each in one transaction: registered, live, replaced, dropped.</summary>
internal static class VersionChange
{
    /// <summary>PostgreSQL's code for a lock that was not given in time.</summary>
    private const string LockNotAvailable = "55P03";

    /// <summary>Registers a projection, and makes its first table, which is live and has no rows yet.</summary>
    public static async Task RegisterAsync(ProjectionSession session, Projection projection, CancellationToken cancellationToken)
    {
        await RequireFreeAsync(session, projection, null, cancellationToken).ConfigureAwait(false);
        await session.RunAsync(
            "add_projection",
            new() { ["projection"] = projection.Name, ["table"] = projection.Table },
            cancellationToken).ConfigureAwait(false);
        await AddAsync(session, projection, 1, VersionStatus.Live, false, cancellationToken).ConfigureAwait(false);
        var registry = (await ProjectionRegistry.ReadAsync(session, projection, cancellationToken).ConfigureAwait(false))!;
        await CreateAsync(session, registry.Live, cancellationToken).ConfigureAwait(false);
        while (await IndexAsync(session, registry.Live, cancellationToken).ConfigureAwait(false))
        {
        }

        await ShowAsync(session, registry.Live, null, false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes the first index that a version lacks. Of a version that is built that is done when it is filled: an index is made faster of
    /// all rows than kept with each.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> IndexAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        var indexes = session.Dialect.Indexes(version).ToList();
        var known = indexes.Count == 0
            ? []
            : await session.FindTablesAsync(indexes.Select(index => index.Name), version.Number, cancellationToken).ConfigureAwait(false);
        if (indexes.FirstOrDefault(index => !known.ContainsKey(index.Name)) is { Create: { } create })
        {
            await session.ExecuteAsync(create, [], cancellationToken).ConfigureAwait(false);
            return true;
        }

        return false;
    }

    /// <summary>Adds a version that is built beside the live one.</summary>
    public static async Task<TableVersion> AddAsync(
        ProjectionSession session,
        ProjectionRegistry registry,
        Projection projection,
        bool swaps,
        CancellationToken cancellationToken)
    {
        await RequireFreeAsync(session, projection, registry, cancellationToken).ConfigureAwait(false);

        await AddAsync(session, projection, registry.NextVersion, VersionStatus.Building, swaps, cancellationToken).ConfigureAwait(false);
        var building = (await ProjectionRegistry.ReadAsync(session, projection, cancellationToken).ConfigureAwait(false))!.Building!;
        await CreateAsync(session, building, cancellationToken).ConfigureAwait(false);
        return building;
    }

    /// <summary>Why a definition cannot replace the live one; null if it can.</summary>
    public static async Task<string?> ObstacleAsync(
        ProjectionSession session, ProjectionRegistry registry, Projection projection, CancellationToken cancellationToken)
    {
        if (!ProjectionDialect.AreFoldedAlike(registry.Live.Projection, projection)
            && await session.FindBatchesAsync("find_to_carry", 0, registry.Live.Version, cancellationToken).ConfigureAwait(false)
                is { Count: > 0 } pruned)
        {
            var (what, only) = registry.Live.Projection.Key.SequenceEqual(projection.Key)
                ? ("be folded in another way", "table as it is folded now")
                : ("have another key", "table by the old key");
            return $"Projection '{projection.Name}' cannot {what}: {pruned.Count} of its batches were pruned, and only the {only} has their rows. "
                + "Give the changed projection another name and table; the old one stays as it is.";
        }

        var proposed = registry.Live with { Known = projection };
        var views = Views(session, proposed, registry).Where(view => view.Before is not null).ToList();
        var dropped = registry.Live.Projection.Children.Select(child => child.Table).Except(views.Select(view => view.Before!));
        foreach (var (view, before) in views.Concat(dropped.Select(table => (new TableView("", [], [], ""), (string?)table))))
        {
            if (await session.Dialect.ObstacleAsync(session, view, before!, cancellationToken).ConfigureAwait(false) is { } obstacle)
            {
                return obstacle;
            }
        }

        return null;
    }

    /// <summary>Lets the view show another version, and keeps the table of the one that was live.</summary>
    public static async Task SwapAsync(
        ProjectionSession session, ProjectionRegistry registry, TableVersion version, CancellationToken cancellationToken)
    {
        var isRollback = version.Status == VersionStatus.Kept;
        await RequireFreeAsync(session, version.Projection, registry, cancellationToken).ConfigureAwait(false);

        if (await session.FindTableAsync(registry.View, registry.Number, cancellationToken).ConfigureAwait(false) == false)
        {
            throw new EnrichmentException(
                $"'{registry.View}' is not the view of projection '{session.Name}': another program has put something else in its place. Rename that, and try again.");
        }

        try
        {
            await ShowAsync(session, version, registry, isRollback, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException exception) when (exception.SqlState == LockNotAvailable)
        {
            throw new EnrichmentException(
                $"The view '{registry.View}' cannot show version {version.Version} of projection '{session.Name}' yet: a statement has been reading it for some seconds. Nothing is lost; try again.",
                exception);
        }

        await SetStatusAsync(session, registry.Live, VersionStatus.Kept, cancellationToken).ConfigureAwait(false);
        await SetStatusAsync(session, version, VersionStatus.Live, cancellationToken).ConfigureAwait(false);
        await session.RunAsync(
            "set_live_version",
            new(session.Bound(version.Version)) { ["table"] = version.Projection.Table },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops a replaced version's table.</summary>
    public static async Task DropAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        try
        {
            await session.ExecuteAsync(session.Dialect.Drop(version), [], cancellationToken).ConfigureAwait(false);
        }
        catch (DbException exception) when (exception.SqlState == LockNotAvailable)
        {
            throw new EnrichmentException(
                $"The table '{version.Table}' of projection '{session.Name}' cannot be dropped yet: a statement has been reading it for some seconds. Nothing is lost; try again.",
                exception);
        }

        await SetStatusAsync(session, version, VersionStatus.Dropped, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a version that was never live.</summary>
    public static async Task RemoveAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(session.Dialect.Drop(version), [], cancellationToken).ConfigureAwait(false);
        foreach (var bucket in ProjectionSession.EveryBucket)
        {
            await ForgetAsync(session, version.Version, bucket, cancellationToken).ConfigureAwait(false);
        }

        await session.RunAsync("forget_version_lists", session.Bound(version.Version), cancellationToken).ConfigureAwait(false);
        await session.RunAsync("forget_version_batches", session.Bound(version.Version), cancellationToken).ConfigureAwait(false);
        await session.RunAsync("remove_version", session.Bound(version.Version), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets what a version has in a bucket beside its tables: issues, and what is known of its lists.</summary>
    public static async Task<int> ForgetAsync(ProjectionSession session, int version, short bucket, CancellationToken cancellationToken)
    {
        var rows = 0;
        foreach (var operation in new[] { "forget_version_issues", "forget_version_values", "forget_version_list_changes" })
        {
            rows += await session.RunAsync(operation, new(session.Bound(version)) { ["bucket"] = bucket }, cancellationToken)
                .ConfigureAwait(false);
        }

        return rows;
    }

    /// <summary>Notes what has become of a version.</summary>
    public static Task<int> SetStatusAsync(
        ProjectionSession session, TableVersion version, VersionStatus status, CancellationToken cancellationToken, bool swaps = false) =>
        session.RunAsync(
            "set_version_status",
            session.Timed(new(session.Bound(version.Version)) { ["status"] = (short)status, ["swaps"] = swaps }),
            cancellationToken);

    /// <summary>Makes a version's tables.</summary>
    public static async Task CreateAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        foreach (var statement in session.Dialect.Create(version))
        {
            await session.ExecuteAsync(statement, [], cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task<int> AddAsync(
        ProjectionSession session,
        Projection projection,
        int version,
        VersionStatus status,
        bool swaps,
        CancellationToken cancellationToken) => session.RunAsync(
        "add_projection_version",
        session.Timed(new(session.Bound(version))
        {
            ["definition"] = System.Text.Encoding.UTF8.GetString(projection.Definition.Span),
            ["fingerprint"] = TableVersion.FingerprintOf(projection),
            ["evaluator"] = RowEvaluator.Version,
            ["status"] = (short)status,
            ["swaps"] = swaps,
        }),
        cancellationToken);

    // The view of a child table is that of the child with its name, whatever its table is called.
    private static IEnumerable<(TableView View, string? Before)> Views(
        ProjectionSession session, TableVersion version, ProjectionRegistry? registry)
    {
        var views = session.Dialect.Views(version).ToList();
        yield return (views[0], registry?.View);
        foreach (var (view, child) in views.Skip(1).Zip(version.Projection.Children))
        {
            yield return (view, registry?.Live.Projection.Children.FirstOrDefault(known => known.Name == child.Name)?.Table);
        }
    }

    private static async Task ShowAsync(
        ProjectionSession session,
        TableVersion version,
        ProjectionRegistry? registry,
        bool isRollback,
        CancellationToken cancellationToken)
    {
        var left = registry?.Live.Projection.Children.Select(child => child.Table).ToHashSet(StringComparer.Ordinal) ?? [];
        foreach (var (view, before) in Views(session, version, registry))
        {
            await session.Dialect.ShowAsync(session, view, before, isRollback, cancellationToken).ConfigureAwait(false);
            left.Remove(before ?? "");
        }

        foreach (var view in left)
        {
            await session.ExecuteAsync($"drop view if exists {session.Dialect.Table(view)}", [], cancellationToken).ConfigureAwait(false);
        }
    }

    // The engine touches only what it has made.
    private static async Task RequireFreeAsync(
        ProjectionSession session, Projection projection, ProjectionRegistry? registry, CancellationToken cancellationToken)
    {
        string[] own = registry is null ? [] : [registry.View, .. registry.Live.Projection.Children.Select(child => child.Table)];
        foreach (var table in projection.Children.Select(child => child.Table).Prepend(projection.Table).Except(own))
        {
            if (await session.FindTableAsync(table, registry?.Number ?? 0, cancellationToken).ConfigureAwait(false) is not null)
            {
                var owner = await OwnerAsync(session, table, cancellationToken).ConfigureAwait(false);
                throw new EnrichmentException(
                    $"Projection '{projection.Name}' cannot have the table '{table}': {owner} has that name already. Choose another name with 'table'.");
            }
        }
    }

    private static async Task<string> OwnerAsync(ProjectionSession session, string table, CancellationToken cancellationToken)
    {
        foreach (var other in await RegisteredProjection.ListAsync(session, cancellationToken).ConfigureAwait(false))
        {
            if (await session.FindTableAsync(table, other.Number, cancellationToken).ConfigureAwait(false) == true)
            {
                return other.Table == table ? $"the table of projection '{other.Name}'" : $"a child table of projection '{other.Name}'";
            }
        }

        return "another table";
    }
}
