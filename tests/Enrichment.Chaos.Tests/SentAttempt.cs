using System.Globalization;
using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>An attempt at a vendor stage, as it stands in the store.</summary>
public sealed record SentAttempt(
    int Batch,
    int Stage,
    int Item,
    int Number,
    string TokenHash,
    StepOutcomeKind? Outcome,
    DateTimeOffset Began,
    DateTimeOffset Deadline)
{
    public string Vendor => Stage == LeadsEngine.CompanyStage ? "company" : "person";

    public (int Batch, int Item) Row => (Batch, Item);

    /// <summary>All of them, by what finds them: the hash of the token.</summary>
    public static async Task<IReadOnlyDictionary<string, SentAttempt>> ReadAsync(ChaosStore store) =>
        (
            await store.QueryAsync(
                $"select batch, stage, item, attempt, encode(token, 'hex'), outcome, started_at, deadline_at from attempts where stage in ({LeadsEngine.CompanyStage}, {LeadsEngine.PersonStage})"))
            .Select(row => new SentAttempt(
                Int(row[0]),
                Int(row[1]),
                Int(row[2]),
                Int(row[3]),
                (string)row[4]!,
                row[5] is DBNull ? null : (StepOutcomeKind)Int(row[5]),
                Date(row[6]),
                Date(row[7])))
            .ToDictionary(attempt => attempt.TokenHash);

    private static int Int(object? cell) => Convert.ToInt32(cell, CultureInfo.InvariantCulture);

    private static DateTimeOffset Date(object? cell) => new((DateTime)cell!);
}
