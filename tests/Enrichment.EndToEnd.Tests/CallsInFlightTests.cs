using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>
/// Calls in flight are bounded by the host's option, never by how work is spread over ranges and batches; and one client's calls keep no
/// other from calling.
/// </summary>
public sealed class CallsInFlightTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const int Calls = 120;

    // Only a test that fails waits so long.
    [Theory]
    [InlineData("sqlite", "test.gathering-company")]
    [InlineData("postgres", "test.gathering-company")]
    [InlineData("sqlite", "test.gathering")]
    [InlineData("postgres", "test.gathering")]
    public async Task All_calls_of_a_batch_are_in_flight_at_once(string store, string step)
    {
        var vendor = new GatheringVendor(Calls);
        await using var engine = await StartAsync(store, step, vendor);
        var batch = await LaunchAsync(engine, "acme", Enumerable.Repeat("slow", Calls));

        await DrainAsync(engine, vendor);

        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData("sqlite", "test.gathering")]
    [InlineData("postgres", "test.gathering")]
    [InlineData("sqlite", "test.gathering-pure")]
    public async Task All_calls_of_many_small_batches_are_in_flight_at_once(string store, string step)
    {
        var vendor = new GatheringVendor(Calls);
        await using var engine = await StartAsync(store, step, vendor);
        for (var batch = 0; batch < Calls / 2; batch++)
        {
            await LaunchAsync(engine, "acme", ["slow", "slow"]);
        }

        await DrainAsync(engine, vendor);

        await foreach (var batch in engine.Client("acme").ListBatchesAsync())
        {
            Assert.Equal(BatchStatus.Completed, batch.Status);
        }

        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData("sqlite", "test.gathering", false)]
    [InlineData("postgres", "test.gathering", false)]
    [InlineData("sqlite", "test.gathering", true)]
    [InlineData("sqlite", "test.gathering-pure", true)]
    public async Task Ten_rows_end_and_an_upload_goes_through_while_all_that_another_client_may_call_hangs(
        string store,
        string step,
        bool blocks)
    {
        // As many as one client may have in flight; of those that block their threads fewer.
        var vendor = new GatheringVendor(blocks ? 2 * Environment.ProcessorCount : 875) { AnswersThen = false, Blocks = blocks };
        await using var engine = await StartAsync(store, step, vendor);
        await engine.WhileWorkingAsync(
            async () =>
            {
                // The first answer tells how large answers are: before it a host has fewer calls in flight.
                await EndAsync(engine, "acme", await LaunchAsync(engine, "acme", ["quick"]));
                await LaunchAsync(engine, "acme", Enumerable.Repeat("slow", 3000));
                await vendor.Gathered.WaitAsync(Wait.Patience);

                var batch = await LaunchAsync(engine, "globex", Enumerable.Repeat("quick", 10));
                await EndAsync(engine, "globex", batch);

                Assert.True(blocks || vendor.Waiting == 875, $"{vendor.Waiting} calls of one client are in flight.");
            },
            vendor.Answer);

        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_tick_waits_for_the_calls_in_flight_and_does_what_they_make_due()
    {
        var vendor = new GatheringVendor(Calls);
        await using var engine = await StartAsync("sqlite", "test.gathering", vendor);
        var batch = await LaunchAsync(engine, "acme", Enumerable.Repeat("slow", Calls));

        var report = await engine.TickAsync(Wait.Patience);

        Assert.True(report.IsIdle);
        Assert.Equal((2 * Calls, 1), (report.Outcomes, report.Batches));
        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
    }

    private static async Task EndAsync(EnrichmentEngine engine, string client, Batch batch) =>
        Assert.Equal(BatchStatus.Completed, (await engine.Client(client).EndOfAsync(batch)).Status);

    private static async Task DrainAsync(EnrichmentEngine engine, GatheringVendor vendor)
    {
        var working = engine.RunUntilDrainedAsync();
        await Task.WhenAny(working, Task.Delay(Wait.Patience, TimeProvider.System));
        var waiting = vendor.Waiting;
        vendor.Answer();
        Assert.True(vendor.Gathered.IsCompleted, $"Of {Calls} calls only {waiting} were in flight at once.");
        await working;
    }

    private static Task<Batch> LaunchAsync(EnrichmentEngine engine, string client, IEnumerable<string> companies) =>
        engine
            .Client(client)
            .LaunchAsync(
                "Company Name,Website\n" + string.Concat(companies.Select((name, row) => $"{name},https://company-{row}.com\n")),
                "gathering");

    private Task<EnrichmentEngine> StartAsync(string store, string step, GatheringVendor vendor) =>
        TestEngine.StartAsync(e =>
            (
                store == "sqlite"
                    ? e.UseSqlite(":memory:")
                    : e.UsePostgreSql(database.ConnectionString, new() { Schema = $"c_{Guid.NewGuid():n}" }))
                .AddStep<GatheringStep>()
                .AddStep<GatheringCompanyStep>()
                .AddStep<GatheringPureStep>()
                .AddStep<DomainStep>()
                .AddPipeline("gathering", p => p.Step(step, s => s.Options(vendor.Options())).Step("test.domain")));
}
