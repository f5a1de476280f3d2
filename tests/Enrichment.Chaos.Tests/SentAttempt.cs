using System.Globalization;
using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>An attempt at a vendor stage, as it stands in the store.</summary>
public sealed record SentAttempt(int Stage, int Item, int Number, string TokenHash, StepOutcomeKind? Outcome, DateTimeOffset Began, DateTimeOffset Deadline)
{
    public string Vendor => Stage == LeadsEngine.CompanyStage ? "company" : "person";

    /// <summary>All of them, by what finds them: the hash of the token.</summary>
    public static async Task<IReadOnlyDictionary<string, SentAttempt>> ReadAsync(ChaosStore store) =>
        (await store.QueryAsync($"select stage, item, attempt, encode(token, 'hex'), outcome, started_at, deadline_at from attempts where stage in ({LeadsEngine.CompanyStage}, {LeadsEngine.PersonStage})"))
            .Select(row => new SentAttempt(Int(row[0]), Int(row[1]), Int(row[2]), (string)row[3]!, row[4] is DBNull ? null : (StepOutcomeKind)Int(row[4]), Date(row[5]), Date(row[6])))
            .ToDictionary(attempt => attempt.TokenHash);

    private static int Int(object? cell) => Convert.ToInt32(cell, CultureInfo.InvariantCulture);

    private static DateTimeOffset Date(object? cell) => new((DateTime)cell!);
}
