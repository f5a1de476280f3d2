using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <summary>Whether the database still has what a live version consists of: its tables, and the views by which users read them.</summary>
internal static class PublishedTables
{
    /// <summary>What is missing, or was replaced by another program.</summary>
    public static async Task<List<Finding>> ExamineAsync(
        ProjectionSession session, TableVersion live, CancellationToken cancellationToken)
    {
        // The definition of a newer library need not be one that this library reads.
        if (live.Evaluator > RowEvaluator.Version)
        {
            return [];
        }

        var found = await FindAsync(session, live, cancellationToken).ConfigureAwait(false);
        if (live.Tables.Where(table => !found.ContainsKey(table)).ToList() is { Count: > 0 } missing)
        {
            var lost = await LostAsync(session, live, missing, cancellationToken).ConfigureAwait(false);
            return
            [
                new(7, "projection", $"the {Sentence(session, live, missing[0])}{(lost == 0 ? "" : $". {Loss(lost)}, so it needs --yes")}"),
            ];
        }

        var findings = new List<Finding>();
        foreach (var view in session.Dialect.Views(live))
        {
            var isThere = found.TryGetValue(view.Name, out var isOwn);
            if (!isOwn)
            {
                findings.Add(new(
                    7,
                    "projection",
                    !isThere
                        ? $"the view '{view.Name}' of projection '{session.Name}' is missing: 'enrich projection apply {session.Name}' puts it back"
                        : $"'{view.Name}' is not the view of projection '{session.Name}': another program has put something else in its place; "
                        + $"rename that, then 'enrich projection apply {session.Name}' puts the view back"));
            }
        }

        return findings;
    }

    /// <summary>Indexes that the definition asks for and another program has dropped. Queries are right without them, and slow.</summary>
    public static async Task<IEnumerable<Finding>> UnindexedAsync(
        ProjectionSession session, TableVersion live, CancellationToken cancellationToken)
    {
        var indexes = session.Dialect.Indexes(live).Select(index => index.Name).ToList();
        var missing = await MissingAsync(session, live, indexes, cancellationToken).ConfigureAwait(false);
        return missing.Select(index => new Finding(
            7,
            "projection",
            $"the index '{index}' of projection '{session.Name}' is missing, so that queries are slow: "
            + $"'enrich consolidate BATCH --projection {session.Name} --rebuild' makes it again"));
    }

    /// <summary>Puts missing views back, and names them. What another program has put in the place of one stays.</summary>
    /// <exception cref="EnrichmentException">A table is missing.</exception>
    public static async Task<IReadOnlyList<string>> RestoreAsync(
        ProjectionSession session, TableVersion live, CancellationToken cancellationToken)
    {
        var found = await FindAsync(session, live, cancellationToken).ConfigureAwait(false);
        Require(session, live, live.Tables.Where(table => !found.ContainsKey(table)));
        var restored = new List<string>();
        foreach (var view in session.Dialect.Views(live).Where(view => !found.ContainsKey(view.Name)))
        {
            await session.Dialect.ShowAsync(session, view, null, false, cancellationToken).ConfigureAwait(false);
            restored.Add(view.Name);
        }

        return restored;
    }

    /// <exception cref="EnrichmentException">One of the version's tables is missing.</exception>
    public static async Task RequireAsync(
        ProjectionSession session, TableVersion version, IEnumerable<string> tables, CancellationToken cancellationToken) =>
        Require(session, version, await MissingAsync(session, version, tables, cancellationToken).ConfigureAwait(false));

    /// <exception cref="EnrichmentException">One of the tables of a version that is to be live again is missing.</exception>
    public static async Task RequireKeptAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        if (await MissingAsync(session, version, version.Tables, cancellationToken).ConfigureAwait(false) is { Count: > 0 } missing)
        {
            throw new EnrichmentException(
                $"Projection '{session.Name}' cannot go back to version {version.Version}: another program has dropped its table '{missing[0]}'. Apply its definition to have it made anew.");
        }
    }

    /// <summary>A version from which rows of pruned batches are copied, with those of its tables that are missing.</summary>
    /// <param name="session">The statements.</param>
    /// <param name="live">The version.</param>
    /// <param name="kept">Versions that may have these rows too.</param>
    /// <param name="losesRows">Whether an operator has accepted that rows are lost.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">The missing table had rows of pruned batches, and the caller has not accepted that they are lost.</exception>
    public static async Task<TableVersion> CopiedFromAsync(
        ProjectionSession session,
        TableVersion live,
        IReadOnlyList<TableVersion> kept,
        bool losesRows,
        CancellationToken cancellationToken)
    {
        var missing = await MissingAsync(session, live, live.Tables, cancellationToken).ConfigureAwait(false);
        var lost = await LostAsync(session, live, missing, cancellationToken).ConfigureAwait(false);
        if (lost == 0 || losesRows)
        {
            return live with { Lost = missing };
        }

        var hint = "";
        foreach (var version in kept.Where(version => version.Projection.Key.SequenceEqual(live.Projection.Key)))
        {
            var lacking = await session.FindBatchesAsync("find_to_carry", version.Version, live.Version, cancellationToken)
                .ConfigureAwait(false);
            if (lacking.Count == 0)
            {
                hint = $" Version {version.Version} has rows of them too: 'enrich projection rollback {session.Name} --to {version.Version}' lets readers see it.";
                break;
            }
        }

        throw new EnrichmentException(
            $"The table '{missing.First(live.BaseTables.Contains)}' of version {live.Version} of projection '{session.Name}' is missing. {Loss(lost)}. "
            + $"'enrich consolidate BATCH --projection {session.Name} --rebuild --yes' makes the table again without them.{hint}");
    }

    /// <summary>What there is by the names of a version's tables and views.</summary>
    private static Task<Dictionary<string, bool>> FindAsync(
        ProjectionSession session, TableVersion version, CancellationToken cancellationToken) =>
        session.FindTablesAsync(
            [.. version.Tables, .. session.Dialect.Views(version).Select(view => view.Name)], version.Number, cancellationToken);

    private static async Task<List<string>> MissingAsync(
        ProjectionSession session, TableVersion version, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var found = await session.FindTablesAsync(tables, version.Number, cancellationToken).ConfigureAwait(false);
        return [.. tables.Where(table => !found.ContainsKey(table))];
    }

    private static void Require(ProjectionSession session, TableVersion version, IEnumerable<string> missing)
    {
        if (missing.FirstOrDefault() is { } table)
        {
            throw new EnrichmentException($"The {Sentence(session, version, table)}.");
        }
    }

    // How many pruned batches there are of which a missing table had rows.
    private static async Task<int> LostAsync(
        ProjectionSession session, TableVersion live, List<string> missing, CancellationToken cancellationToken) =>
        live.BaseTables.Any(missing.Contains)
            ? (await session.FindBatchesAsync("find_to_carry", 0, live.Version, cancellationToken).ConfigureAwait(false)).Count
            : 0;

    private static string Sentence(ProjectionSession session, TableVersion version, string table) =>
        $"table '{table}' of version {version.Version} of projection '{session.Name}' is missing: "
        + $"'enrich consolidate BATCH --projection {session.Name} --rebuild' makes it again";

    private static string Loss(int batches) =>
        $"It had rows of {(batches == 1 ? "a pruned batch, and nothing is" : $"{batches:n0} pruned batches, and nothing is")} left to make them of";
}
