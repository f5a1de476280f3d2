using System.Collections.Concurrent;
using System.Text.Json;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>
/// Items of a stage with an entity that no request serves: they have no key, or what the step reads of them is too large. They call for
/// themselves, like any item.
/// </summary>
public sealed class OwnCallTests : IDisposable
{
    // Two fields of this size are more than a request may hold.
    private const int Large = 600_000;

    // Two calls may be made, and no other while the test runs.
    private static readonly object TwoCalls = new { rate = 2, per = "1.00:00:00", burst = 2 };

    private readonly FakeClock clock = new();
    private readonly ConcurrentQueue<string> calls = [];
    private readonly string script = Guid.NewGuid().ToString("n");
    private readonly string folder = Directory.CreateTempSubdirectory("own-calls-").FullName;

    [Fact]
    public async Task An_item_too_large_for_a_request_calls_under_the_limit_of_its_stage()
    {
        await using var engine = await StartAsync("test.company-large", TwoCalls);
        var batch = await LaunchAsync(engine, Enumerable.Range(1, 6).Select(row => (new string('x', Large), $"company-{row}.com")));

        await engine.TickAsync(TimeSpan.FromMinutes(1));

        Assert.InRange(calls.Count, 1, 4); // The rate, and its burst.
        var states = await StatesAsync(engine, batch, stage: 2);
        Assert.Equal(calls.Count, states.Count(state => state.Status == Status.Completed));
        Assert.All(
            states.Where(state => state.Status != Status.Completed),
            state => Assert.Equal((Status.Pending, "rate_limit", 0), (state.Status, state.Reason, state.Tries)));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_host_without_the_step_leaves_an_item_too_large_for_a_request_to_others()
    {
        Batch batch;
        await using (var launching = await StartAsync("test.company-large"))
        {
            batch = await LaunchAsync(
                launching,
                [
                    .. Enumerable.Range(1, 5).Select(row => (new string('x', Large), $"company-{row}.com")),
                    ("Small", "company-6.com"),
                    ("Small", "company-7.com"),
                ]);
        }

        await using (var without = EnrichmentEngine.Create(e => Use(e).AddStep<DoublingStep>()))
        {
            await without.RunUntilDrainedAsync(clock.Advance);

            var states = await StatesAsync(without, batch, stage: 2);
            Assert.All(states[..5], state => Assert.Equal((Status.Pending, "capable_host", 0), (state.Status, state.Reason, state.Tries)));
            Assert.All(states[..5], state => Assert.NotNull(state.ActsAt));
            Assert.All(states[5..], state => Assert.Equal((Status.InProgress, "entity"), (state.Status, state.Reason)));
            Assert.Contains(
                await without.ListMissingStepsAsync(),
                missing => missing.Step == "test.company-large" && missing.Batch == batch.Id);
            Assert.Empty(await without.ExamineAsync());
        }

        clock.Advance(TimeSpan.FromMinutes(1));
        await using var with = await StartAsync("test.company-large");
        await with.RunUntilDrainedAsync(clock.Advance);
        Assert.Equal(7, calls.Count);
        Assert.All(await StatesAsync(with, batch, stage: 2), state => Assert.Equal(Status.Completed, state.Status));
    }

    [Fact]
    public async Task Requests_are_made_however_few_calls_a_limit_allows_items_without_a_key()
    {
        await using var engine = await StartAsync("test.company-own", TwoCalls);
        var batch = await LaunchAsync(engine, Enumerable.Range(1, 1000).Select(row => ("Small", row % 2 == 0 ? $"company-{row}.com" : "")));

        await engine.TickAsync(TimeSpan.FromMinutes(1));

        var states = await StatesAsync(engine, batch, stage: 2);
        Assert.InRange(calls.Count, 1, 4);
        Assert.All(
            states.Where(state => state.Item % 2 == 0 && state.Status != Status.Completed),
            state => Assert.Equal((Status.InProgress, "entity"), (state.Status, state.Reason)));
        Assert.All(
            states.Where(state => state.Item % 2 == 1 && state.Status != Status.Completed),
            state => Assert.Equal((Status.Pending, "rate_limit"), (state.Status, state.Reason)));
        Assert.Empty(await engine.ExamineAsync());
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static Task<Batch> LaunchAsync(EnrichmentEngine engine, IEnumerable<(string Name, string Website)> rows) =>
        engine
            .Client("acme")
            .LaunchAsync("Company Name,Website\n" + string.Concat(rows.Select(row => $"{row.Name},{row.Website}\n")), "companies");

    private static async Task<List<ItemState>> StatesAsync(EnrichmentEngine engine, Batch batch, short stage) =>
        await engine
            .Client("acme")
            .ReadStatesAsync(batch.Id)
            .Where(state => state.Stage == stage)
            .OrderBy(state => state.Item)
            .ToListAsync();

    private EnrichmentBuilder Use(EnrichmentBuilder e) =>
        e.UseSqlite(Path.Combine(folder, "leads.db"), new() { Clock = clock })
            .ConfigureWorker(
                new()
                {
                    CommitDelay = TimeSpan.Zero,
                    ClaimSize = 4,
                    PollInterval = TimeSpan.FromMilliseconds(10),
                    SweepInterval = TimeSpan.FromMilliseconds(50),
                });

    private async Task<EnrichmentEngine> StartAsync(string step, object? limits = null)
    {
        var settings = JsonSerializer.SerializeToNode(CompanyStep.Script(script, context =>
        {
            calls.Enqueue(context.IdempotencyKey);
            return StepOutcome.Completed("company.size", "42");
        }))!.AsObject();
        if (limits is not null)
        {
            settings["limits"] = JsonSerializer.SerializeToNode(limits);
        }

        var engine = EnrichmentEngine.Create(e => Use(e).AddStep<DoublingStep>().AddStep<LargeStep>().AddStep<OwnStep>()
            .AddPipeline("companies", p => p.Step("test.doubling").Step(step, s => s.Options(settings))));
        await engine.MigrateAsync();
        return engine;
    }

    /// <summary>Gives a row a second field as large as its name.</summary>
    [EnrichmentStep("test.doubling", "1.0.0", Reads = ["company.name"], Produces = ["company.answer"], Pure = true)]
    private sealed class DoublingStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Completed("company.answer", context.Record.Text("company.name")!));
    }

    [EnrichmentStep(
        "test.company-large",
        "1.0.0",
        Reads = ["company.website", "company.name", "company.answer"],
        Produces = ["company.size"],
        SafeToRepeat = true,
        Options = typeof(ScriptOptions))]
    [Entity("company", "company.website")]
    private sealed class LargeStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => CompanyStep.Play(context);
    }

    [EnrichmentStep(
        "test.company-own",
        "1.0.0",
        Reads = ["company.website"],
        Produces = ["company.size"],
        SafeToRepeat = true,
        Options = typeof(ScriptOptions))]
    [Entity("company", "company.website", CallsWithoutKey = true)]
    private sealed class OwnStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => CompanyStep.Play(context);
    }
}
