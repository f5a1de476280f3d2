using Enrichment.Consolidation;

namespace Enrichment.Cli.Commands;

/// <summary>What a projection could not take over for a batch, and the report on it.</summary>
/// <param name="Report">Of the consolidation.</param>
/// <param name="Issues">For each column that has any, how many issues the batch has there.</param>
internal sealed record TableOutcome(ConsolidationReport Report, IReadOnlyDictionary<string, long> Issues)
{
    /// <param name="client">Whose batch it is.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="projection">Its projection.</param>
    /// <param name="given">
    /// How the command line names the projection, so that a hint does alike. Null if the caller lists the issues itself.
    /// </param>
    /// <param name="status">Where issues and warnings are said.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<TableOutcome> BringUpToDateAsync(
        EnrichmentClient client,
        Guid batch,
        Projection projection,
        string? given,
        StatusLine status,
        CancellationToken cancellationToken)
    {
        var report = await status.DuringAsync(
            $"consolidating {projection.Name}",
            null,
            () => client.ConsolidateAsync(projection.Name, batch, cancellationToken));
        var outcome = new TableOutcome(report, await IssuesAsync(client, batch, report, cancellationToken));
        outcome.Warn(batch, projection, given, status);
        return outcome;
    }

    /// <summary>How many, and of which columns.</summary>
    public static string Words(IReadOnlyDictionary<string, long> issues) =>
        $"{Plural.Of(issues.Values.Sum(), "issue")} ({string.Join(", ", issues.OrderByDescending(issue => issue.Value).Select(issue => $"{issue.Key} {issue.Value:n0}"))})";

    // A rebuilt table reports on all of its batches.
    private static async Task<IReadOnlyDictionary<string, long>> IssuesAsync(
        EnrichmentClient client,
        Guid batch,
        ConsolidationReport report,
        CancellationToken cancellationToken)
    {
        if (report.Batches == 1)
        {
            return report.Issues;
        }

        var counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await foreach (var issue in client.ReadIssuesAsync(report.Projection, batch, cancellationToken))
        {
            counts[issue.Column] = counts.GetValueOrDefault(issue.Column) + 1;
        }

        return counts;
    }

    private void Warn(Guid batch, Projection projection, string? given, StatusLine status)
    {
        foreach (var warning in Report.Warnings)
        {
            status.Warn($"{projection.Name}: {warning}");
        }

        if (Issues.Count > 0 && given is not null)
        {
            status.Warn(
                $"{projection.Name}: {Words(Issues)}: values that do not fit their column, or columns and keys without a value. 'enrich issues {batch} --projection {Hints.Quoted(given)}' lists them.");
        }
    }
}
