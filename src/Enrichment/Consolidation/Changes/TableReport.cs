using System.Diagnostics;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>Tells what a consolidation has done, from the tables as they are now.</summary>
internal sealed class TableReport(Projection proposed)
{
    private readonly long started = Stopwatch.GetTimestamp();

    /// <param name="session">The statements.</param>
    /// <param name="registry">What is registered.</param>
    /// <param name="isRebuilt">Whether the table was made anew.</param>
    /// <param name="only">The batch; null for all that the live table shows and could be read again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<ConsolidationReport> OfAsync(
        ProjectionSession session, ProjectionRegistry registry, bool isRebuilt, int? only, CancellationToken cancellationToken)
    {
        var live = registry.Live;
        var batches = only is { } one ? [one] : await NotedAsync(session, live, cancellationToken).ConfigureAwait(false);
        var (rows, warnings) = (0L, new List<string>(Waiting(registry)));
        var issues = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var workstreams = new HashSet<string>(StringComparer.Ordinal);
        foreach (var batch in batches)
        {
            var planned = await session.PlanAsync(live.Projection, live.Version, batch, cancellationToken).ConfigureAwait(false);
            rows += live.IsKeyed
                ? await session.CountAsync(session.Dialect.Count(live.Table), new() { ["batch"] = batch }, cancellationToken)
                    .ConfigureAwait(false)
                : planned.Plan.HasRows ? planned.Items : 0;
            warnings.AddRange(planned.Plan.Warnings);
            if (only is not null && !planned.Plan.HasRows)
            {
                warnings.Add(
                    $"The table has no rows of batch {planned.Id}: it is of the workstream '{Excerpt.Of(planned.Plan.Pipeline.Workstream)}', which 'from' does not name.");
            }

            await session.CountIssuesAsync(issues, live.Version, batch, cancellationToken).ConfigureAwait(false);
            workstreams.Add(planned.Plan.Pipeline.Workstream);
        }

        if (live.Projection.Lists.Any(list => !workstreams.Contains(list.Workstream)))
        {
            workstreams.UnionWith(await session.WorkstreamsAsync(cancellationToken).ConfigureAwait(false));
            warnings.AddRange(ListRules.Without(live.Projection.Lists, workstreams));
        }

        return new()
        {
            Projection = proposed.Name,
            Rebuilt = isRebuilt,
            Batches = batches.Count,
            Rows = rows,
            Issues = issues,
            Warnings = [.. warnings.Distinct()],
            Duration = Stopwatch.GetElapsedTime(started),
        };
    }

    private static async Task<List<int>> NotedAsync(ProjectionSession session, TableVersion live, CancellationToken cancellationToken) =>
        [.. (await session.NotedAsync(live.Version, cancellationToken).ConfigureAwait(false))
            .Where(noted => !noted.IsPruned).Select(noted => noted.Batch)];

    // The table is filled by its own definition, until an operator says otherwise.
    private IEnumerable<string> Waiting(ProjectionRegistry registry)
    {
        var live = registry.Live;
        if (!live.Projection.Hash.Span.SequenceEqual(proposed.Hash.Span))
        {
            yield return registry.Find(TableVersion.FingerprintOf(proposed)) is { Status: not VersionStatus.Building } known
                ? $"The table has version {live.Version} of projection '{proposed.Name}'. This definition was version {known.Version} and was replaced: apply it to have it again."
                : $"The table has version {live.Version} of projection '{proposed.Name}'. This definition differs from it and waits to be applied: 'enrich projection apply {proposed.Name}' applies it.";
        }

        foreach (var lack in ComputedFunction.Lacks(live.Projection))
        {
            yield return $"This host leaves new batches out. {lack}";
        }
    }
}
