using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed partial class EntityTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const int Rows = 1000;
    private const int Companies = 100;

    private readonly FakeClock clock = new();
    private readonly string script = Guid.NewGuid().ToString("n");
    private readonly ConcurrentBag<string> calls = [];
    private string file = ":memory:";

    private static WorkerOptions Quick { get; } =
        new()
        {
            CommitDelay = TimeSpan.Zero,
            ClaimSize = 250,
            PollInterval = TimeSpan.FromMilliseconds(10),
            SweepInterval = TimeSpan.FromMilliseconds(50),
        };

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_thousand_people_of_a_hundred_companies_make_a_hundred_calls_and_the_next_batch_none(string store)
    {
        await using var engine = await StartAsync(store, "test.company", Size);
        Assert.Equal((Rows, Companies, 0, Companies, Rows - Companies), await PreviewAsync(engine, Csv(Rows)));
        Assert.Empty(calls);

        var batch = await RunAsync(engine, Csv(Rows));

        Assert.Equal(Companies, calls.Count);
        Assert.Equal(Companies, calls.Distinct().Count());
        Assert.Equal(Rows, (await engine.Client("acme").GetProgressAsync(batch.Id)).Stages[^1].Completed);
        var records = await (await engine.Client("acme").ReadRecordsAsync(batch.Id)).ReadAsync().ToListAsync();
        Assert.All(records, record => Assert.Equal($"size of {record[1]}", record[^1]));
        Assert.Equal([new(1, Rows, Rows - Companies, (Rows - Companies) * 2m)], await engine.Client("acme").ListSavingsAsync(batch.Id));

        clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal((Rows, Companies, Companies, 0, Rows), await PreviewAsync(engine, Csv(Rows, "again")));
        Assert.Equal((Rows, Companies, 0, Companies, Rows - Companies), await PreviewAsync(engine, Csv(Rows, "again"), refresh: true));
        var second = await RunAsync(engine, Csv(Rows, "again"));

        Assert.Equal(Companies, calls.Count);
        Assert.Equal(Rows, (await engine.Client("acme").GetProgressAsync(second.Id)).Stages[^1].Completed);
        Assert.Equal(Rows, Assert.Single(await engine.Client("acme").ListSavingsAsync(second.Id)).CallsSaved);

        clock.Advance(TimeSpan.FromDays(20));
        Assert.Equal((Rows, Companies, 0, Companies, Rows - Companies), await PreviewAsync(engine, Csv(Rows, "later")));
        await RunAsync(engine, Csv(Rows, "later"));

        Assert.Equal(2 * Companies, calls.Count);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_vendor_who_answers_later_is_asked_once_for_each_company(string store)
    {
        await using var engine = await StartAsync(store, "test.company-job", null);

        var batch = await RunAsync(engine, Csv(Rows));

        Assert.Equal(Companies, CompanyJobStep.Calls[script].Distinct().Count());
        Assert.Equal(Companies, CompanyJobStep.Calls[script].Count);
        Assert.Equal(Rows, (await engine.Client("acme").GetProgressAsync(batch.Id)).Stages[^1].Completed);
    }

    [Fact]
    public async Task An_answer_that_nothing_was_found_serves_for_its_own_window()
    {
        await using var engine = await StartAsync("sqlite", "test.company", _ => StepOutcome.NotFound());

        await RunAsync(engine, Csv(10));
        clock.Advance(TimeSpan.FromDays(6));
        await RunAsync(engine, Csv(10, "again"));
        Assert.Equal(10, calls.Count);

        clock.Advance(TimeSpan.FromDays(2));
        await RunAsync(engine, Csv(10, "later"));
        Assert.Equal(20, calls.Count);
    }

    [Fact]
    public async Task A_company_that_fails_fails_its_people_and_a_retry_asks_again()
    {
        var broken = true;
        await using var engine = await StartAsync(
            "sqlite",
            "test.company",
            context =>
                broken && context.Record.Text("company.website") == "company-1.com"
                    ? StepOutcome.Failed("the vendor refused")
                    : Size(context));

        var batch = await RunAsync(
            engine,
            "Company Name,Website\nAnn,company-1.com\nBob,http://www.company-1.com/about\nEve,company-2.com\n"
        );

        Assert.Equal(BatchStatus.CompletedWithFailures, batch.Status);
        Assert.Equal(2, calls.Count);
        var states = await engine.Client("acme").ReadStatesAsync(batch.Id).ToListAsync();
        Assert.Equal(
            [Status.Failed, Status.Failed, Status.Completed],
            states.Where(state => state.Stage == 1).Select(state => state.Status));
        Assert.All(states.Where(state => state.Status == Status.Failed), state => Assert.Equal("the vendor refused", state.Error));

        broken = false;
        await engine.Client("acme").RetryAsync(batch.Id, new());
        await engine.RunUntilDrainedAsync(clock.Advance);

        Assert.Equal(3, calls.Count);
        Assert.All(
            await engine.Client("acme").ReadStatesAsync(batch.Id).ToListAsync(),
            state => Assert.Equal(Status.Completed, state.Status));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task Items_without_a_key_are_skipped_with_the_reason_or_call_for_themselves()
    {
        await using var skips = await StartAsync("sqlite", "test.company", Size);
        var batch = await RunAsync(skips, "Company Name,Website\nAnn,\nBob,gmail.com\nEve,company-2.com\n");
        var states = (await skips.Client("acme").ReadStatesAsync(batch.Id).ToListAsync()).Where(state => state.Stage == 1).ToList();
        Assert.Equal([Status.Skipped, Status.Skipped, Status.Completed], states.Select(state => state.Status));
        Assert.Equal("company.website contains no key of a company; the step was skipped.", states[0].Error);
        Assert.Single(calls);

        await using var own = await StartAsync("sqlite", "test.company-job", null);
        await RunAsync(own, "Company Name,Website\nAnn,gmail.com\nBob,gmail.com\nEve,company-2.com\nAda,company-2.com\n");
        Assert.Equal(3, CompanyJobStep.Calls[script].Count);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Requests_are_made_as_their_launch_says_and_their_answers_serve_the_others(string store)
    {
        var timeouts = new ConcurrentDictionary<string, TimeSpan>();
        await using var engine = await StartAsync(
            store,
            "test.company",
            context =>
            {
                timeouts[context.Record.Text("company.website")!] = context.Timeout;
                return Size(context);
            },
            e => e.AddPipeline("patient", p => p.Step("test.company", s => s.Options(new { script }).Timeout(TimeSpan.FromMinutes(7)))));

        await RunAsync(engine, "Company Name,Website\nAnn,company-1.com\n");
        await RunAsync(engine, "Company Name,Website\nAnn,company-1.com\nBob,company-2.com\n", new() { Pipeline = "patient" });
        await RunAsync(engine, "Company Name,Website\nBob,company-2.com\nEve,company-3.com\n");

        Assert.Equal(3, calls.Count);
        Assert.Equal(TimeSpan.FromMinutes(7), timeouts["company-2.com"]);
        Assert.Equal(timeouts["company-1.com"], timeouts["company-3.com"]);
        Assert.NotEqual(timeouts["company-2.com"], timeouts["company-3.com"]);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_call_of_unknown_effect_is_not_made_again_until_an_operator_says_so(string store)
    {
        var known = false;
        await using var engine = await StartAsync(
            store,
            "test.company-order",
            context => known ? Size(context) : StepOutcome.Unknown("the line went dead"));
        var client = engine.Client("acme");

        var first = await RunAsync(engine, "Company Name,Website\nAnn,company-1.com\n");
        var second = await RunAsync(engine, "Company Name,Website\nBob,company-1.com\nEve,company-1.com\n");

        Assert.Single(calls);
        foreach (var batch in (Batch[])[first, second])
        {
            Assert.All(
                await client.ReadStatesAsync(batch.Id).ToListAsync(),
                state =>
                    Assert.Equal(
                        (Status.Failed, ErrorClass.OutcomeUnknown, "the line went dead"),
                        (state.Status, state.ErrorClass, state.Error)));
        }

        known = true;
        await client.RetryAsync(second.Id, new());
        await engine.RunUntilDrainedAsync(clock.Advance);

        Assert.Equal(2, calls.Count);
        Assert.All(await client.ReadStatesAsync(second.Id).ToListAsync(), state => Assert.Equal(Status.Completed, state.Status));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task Refresh_requests_anew_once_for_all_items_of_the_batch()
    {
        await using var engine = await StartAsync("sqlite", "test.company", Size);
        await RunAsync(engine, Csv(50));
        clock.Advance(TimeSpan.FromMinutes(1));

        await RunAsync(engine, Csv(50, "again"), new() { Refresh = true });

        Assert.Equal(100, calls.Count);
    }

    [Fact]
    public async Task Cancelling_one_batch_leaves_the_call_to_another()
    {
        using var begun = new SemaphoreSlim(0);
        using var answer = new ManualResetEventSlim();
        await using var engine = await StartAsync("postgres", "test.company", context =>
        {
            begun.Release();
            answer.Wait();
            return Size(context);
        });
        var client = engine.Client("acme");
        var first = await client.LaunchAsync(Csv(1), "people");
        var working = Task.Run(() => engine.RunUntilDrainedAsync());
        await begun.WaitAsync();
        var second = await client.LaunchAsync(Csv(1, "again"), "people");
        await Wait.UntilAsync(async () => await client.ReadStatesAsync(second.Id).AnyAsync(state => state.Reason == "entity"));

        await client.CancelAsync(first.Id);
        answer.Set();
        await working;

        Assert.Single(calls);
        Assert.Equal(BatchStatus.Completed, (await client.GetBatchAsync(second.Id)).Status);
        Assert.All(await client.ReadStatesAsync(first.Id).ToListAsync(), state => Assert.Equal(Status.Cancelled, state.Status));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_host_without_the_step_asks_and_does_not_wait_for_a_call_that_others_have_to_make(string store)
    {
        var folder = Directory.CreateTempSubdirectory("entities-").FullName;
        file = Path.Combine(folder, "leads.db");
        await using (var launching = await StartAsync(store, "test.company", Size))
        {
            await launching.Client("acme").LaunchAsync(Csv(5), "people");
        }

        await using (var without = EnrichmentEngine.Create(e => Use(e, store, clock).ConfigureWorker(Quick)))
        {
            for (var again = 0; again < 2; again++)
            {
                await without.RunUntilDrainedAsync(clock.Advance);
            }

            var batch = await without.Client("acme").ListBatchesAsync().SingleAsync();
            Assert.All(
                await without.Client("acme").ReadStatesAsync(batch.Id).ToListAsync(),
                state => Assert.Equal((Status.InProgress, "entity"), (state.Status, state.Reason)));
            Assert.Equal("test.company", Assert.Single((await without.ListMissingStepsAsync()).Select(missing => missing.Step).Distinct()));
            Assert.Empty(await without.ExamineAsync());
        }

        await using (var with = await StartAsync(store, "test.company", Size))
        {
            await with.RunUntilDrainedAsync(clock.Advance);
            Assert.Equal(5, calls.Count);
            Assert.Equal(BatchStatus.Completed, (await with.Client("acme").ListBatchesAsync().SingleAsync()).Status);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<(int Rows, int? Entities, int Answered, int Calls, int Saved)> PreviewAsync(
        EnrichmentEngine engine,
        string csv,
        bool refresh = false)
    {
        var upload = await engine.Client("acme").StageAsync(csv);
        var preview = await engine.Client("acme").PreviewLaunchAsync(upload.Id, new() { Pipeline = "people", Refresh = refresh });
        var stage = Assert.Single(preview.Stages);
        return (stage.Rows, stage.Entities, stage.Answered, stage.Calls, stage.CallsSaved);
    }

    private static string Csv(int rows, string note = "first")
    {
        var csv = new StringBuilder("Company Name,Website,Note\n");
        for (var row = 1; row <= rows; row++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"Person {row},company-{row % Companies}.com,{note}\n");
        }

        return csv.ToString();
    }

    private static Dictionary<string, JsonElement> Entity(string json) =>
        new Dictionary<string, JsonElement> { ["$entity"] = JsonSerializer.Deserialize<JsonElement>(json) };

    private static StepOutcome Size(StepContext context) =>
        StepOutcome.Completed("company.size", $"size of {context.Record.Text("company.website")}").WithCost(2);

    private Task<Batch> RunAsync(EnrichmentEngine engine, string csv, LaunchOptions? options = null, string client = "acme") =>
        engine.RunAsync(csv, options?.Pipeline ?? "people", options, client, clock.Advance);

    private EnrichmentBuilder Use(EnrichmentBuilder e, string store, TimeProvider time) =>
        store == "postgres"
            ? e.UsePostgreSql(database.ConnectionString, new() { Clock = time, Schema = $"e_{script}" })
            : e.UseSqlite(file, new() { Clock = time });

    private async Task<EnrichmentEngine> StartAsync(
        string store,
        string step,
        Func<StepContext, StepOutcome>? answer,
        Action<EnrichmentBuilder>? more = null)
    {
        CompanyStep.Script(script, context =>
        {
            calls.Add(context.IdempotencyKey);
            return answer!(context);
        });

        // Polls come at dates, for which time has to pass.
        var time = answer is null ? TimeProvider.System : clock;
        var engine = EnrichmentEngine.Create(e =>
        {
            Use(e, store, time).AddStep<CompanyStep>().AddStep<CompanyToldStep>().AddStep<CompanyOrderStep>().AddStep<CompanyJobStep>()
                .AddPipeline("people", p => p.Step(step, s => s.Options(new { script })))
                .ConfigureWorker(Quick);
            more?.Invoke(e);
        });
        await engine.MigrateAsync();
        return engine;
    }
}
