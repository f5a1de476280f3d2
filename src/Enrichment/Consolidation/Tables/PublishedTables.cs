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

        if (await MissingTableAsync(session, live, live.Tables, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            return [new(7, "projection", missing)];
        }

        var findings = new List<Finding>();
        foreach (var view in session.Dialect.Views(live))
        {
            var isOwn = await session.FindTableAsync(view.Name, live.Number, cancellationToken).ConfigureAwait(false);
            if (isOwn != true)
            {
                findings.Add(new(
                    7,
                    "projection",
                    isOwn is null
                        ? $"the view '{view.Name}' of projection '{session.Name}' is missing: 'enrich projection apply {session.Name}' puts it back"
                        : $"'{view.Name}' is not the view of projection '{session.Name}': another program has put something else in its place; "
                        + $"rename that, then 'enrich projection apply {session.Name}' puts the view back"));
            }
        }

        return findings;
    }

    /// <summary>Puts missing views back. What another program has put in the place of one stays.</summary>
    /// <exception cref="EnrichmentException">A table is missing.</exception>
    public static async Task RestoreAsync(ProjectionSession session, TableVersion live, CancellationToken cancellationToken)
    {
        await RequireAsync(session, live, live.Tables, cancellationToken).ConfigureAwait(false);
        foreach (var view in session.Dialect.Views(live))
        {
            if (await session.FindTableAsync(view.Name, live.Number, cancellationToken).ConfigureAwait(false) is null)
            {
                await session.Dialect.ShowAsync(session, view, null, false, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <exception cref="EnrichmentException">One of the version's tables is missing.</exception>
    public static async Task RequireAsync(
        ProjectionSession session, TableVersion version, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        if (await MissingTableAsync(session, version, tables, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            throw new EnrichmentException($"{char.ToUpperInvariant(missing[0])}{missing[1..]}.");
        }
    }

    private static async Task<string?> MissingTableAsync(
        ProjectionSession session, TableVersion version, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
        {
            if (await session.FindTableAsync(table, version.Number, cancellationToken).ConfigureAwait(false) is null)
            {
                return $"the table '{table}' of version {version.Version} of projection '{session.Name}' is missing: "
                    + $"'enrich consolidate BATCH --projection {session.Name} --rebuild' makes it again";
            }
        }

        return null;
    }
}
