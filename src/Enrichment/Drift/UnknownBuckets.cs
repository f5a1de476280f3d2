using System.Security.Cryptography;
using System.Text;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Drift;

/// <summary>Finds values of a batch that no bucket of a table has.</summary>
internal static class UnknownBuckets
{
    // As of new places: of a rarer value it is true too, but nobody acts on it.
    private const double LeastShare = 0.01;

    private const int HashBytes = 8;

    /// <param name="tables">The transactions of typed tables.</param>
    /// <param name="batch">A batch that has ended. What its tables do not show yet is not found.</param>
    /// <param name="known">The client's findings. One that was accepted is not found again.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<IReadOnlyList<StepProfile>> FindAsync(
        IProjectionTransactions tables, Batch batch, IReadOnlyList<StoredDrift> known, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(tables, batch, cancellationToken).ConfigureAwait(false);
        var ours = known.Where(drift => drift.Drift.Kind == DriftKind.UnknownBucket).ToList();
        var accepted = ours.Where(drift => drift.Status == DriftStatus.Accepted).Select(Name).ToHashSet();
        var shown = found.Select(drift => (drift.Projection, drift.Drift.Path, drift.Drift.Detail)).ToHashSet();
        var withdrawn = ours
            .Where(drift => drift.Status == DriftStatus.Open
                && drift.First.Key == batch.Key && drift.Last.Key == batch.Key && !shown.Contains(Name(drift)))
            .ToLookup(drift => drift.Step, drift => drift.Number);
        return
        [
            .. found
                .Where(drift => !accepted.Contains((drift.Projection, drift.Drift.Path, drift.Drift.Detail)))
                .GroupBy(drift => drift.Projection, drift => drift.Drift)
                .Select(projection => new StepProfile(projection.Key, "", null, [.. projection], [])),
            .. withdrawn.Select(projection => new StepProfile(projection.Key, "", null, [], [.. projection])),
        ];
    }

    private static (string Projection, string Column, string Detail) Name(StoredDrift drift) =>
        (drift.Step, drift.Drift.Path, drift.Drift.Detail);

    private static Task<List<(string Projection, DetectedDrift Drift)>> ReadAsync(
        IProjectionTransactions tables, Batch batch, CancellationToken cancellationToken) => tables.LookAsync(
        "",
        async session =>
        {
            await using var command = session.Command(session.Dialect.Sql["find_unknown_buckets"], new()
            {
                ["batch"] = batch.Key,
                ["reason"] = IssueReason.UnknownBucket,
                ["least"] = (int)Math.Ceiling(LeastShare * batch.Items),
            });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            var found = new List<(string, DetectedDrift)>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                found.Add((reader.GetString(0), Drift(reader.GetString(1), reader.GetString(2), reader.GetInt32(3), batch.Items)));
            }

            return found;
        },
        cancellationToken);

    // The value is personal data, perhaps: only the sample has it, which is deleted with the batch.
    private static DetectedDrift Drift(string column, string value, int items, int of) => new(
        DriftKind.UnknownBucket,
        column,
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)).AsSpan(0, HashBytes)),
        new() { SeenBefore = 0, Before = 0, SeenNow = items, Now = of, Kind = JsonKind.String },
        value);
}
