using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What becomes of what the store knows of a worker that does not come back.</summary>
public sealed class ForgottenWorkerTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly TimeSpan Ever = TimeSpan.FromDays(9);

    private readonly FakeClock clock = new();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_host_forgets_workers_that_were_not_seen_for_a_day_and_no_others(string kind)
    {
        await using var engine = await TestEngine.StartAsync(e => _ = kind == "sqlite"
            ? e.UseSqlite(":memory:", new() { Clock = clock })
            : e.UsePostgreSql(database.ConnectionString, new() { Schema = $"forgotten_{Guid.NewGuid():n}"[..40], Clock = clock }));
        for (var worker = 0; worker < 600; worker++)
        {
            await FetchAsync(engine, $"gone/{worker}", limit: 1);
        }

        clock.Advance(TimeSpan.FromHours(1));
        await FetchAsync(engine, "there/1", limit: 7);
        clock.Advance(TimeSpan.FromHours(23));
        await engine.RunUntilDrainedAsync();
        Assert.Equal(607, await WantedAsync(engine));

        // The next turn of what hosts do once an hour.
        clock.Advance(TimeSpan.FromHours(1));
        await engine.RunUntilDrainedAsync();

        Assert.Equal(7, await WantedAsync(engine));
    }

    private static Task<IReadOnlyList<FetchedTask>> FetchAsync(EnrichmentEngine engine, string worker, int limit) =>
        engine.Store.FetchTasksAsync(
            new()
            {
                Step = "python.size",
                Worker = worker,
                Identity = "http:worker",
                Clients = ["*"],
                Limit = limit,
                Hold = TimeSpan.FromMinutes(1),
            },
            default);

    private static async Task<int> WantedAsync(EnrichmentEngine engine) =>
        (await engine.Store.ReadDemandAsync((1, 1), "python.size", "1.0.0", "acme", 1, Ever, default)).Wanted;
}
