using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class TickTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_tick_does_what_is_due_stage_after_stage_and_ends()
    {
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named())))
                    .Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))),
            ["Globex", "Initech"]);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        var report = await bench.Engine.TickAsync(Long);

        Assert.Equal(new(4, 0, 1, IsIdle: true), report);
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Equal(new(0, 0, 0, IsIdle: true), await bench.Engine.TickAsync(Long));
    }

    [Fact]
    public async Task A_range_that_cannot_be_advanced_keeps_no_other_batch_from_ending()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))),
            ["Globex"]);
        var store = bench.Engine.Store;
        var damaged = await store.OpenRequestBatchAsync(
            new()
            {
                Client = "acme",
                Answers = new byte[32],
                Key = "entity-requests/damaged",
                Id = Guid.CreateVersion7(),
                UploadId = Guid.CreateVersion7(),
                Fields = ["name"],
                Pipeline = "damaged",
                Snapshot = "[]",
            },
            default);
        await store.RequestAsync(
            new()
            {
                Batch = damaged!,
                WaiterBucket = 0,
                Entities = [new(0, "a", "[null]"u8.ToArray())],
                Fresh = TimeSpan.Zero,
                FreshNotFound = TimeSpan.Zero,
            },
            default);
        await store.CancelAsync(damaged!.Batch, default);
        Assert.Single(await store.FindToAdvanceAsync(10, default));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        var report = await bench.Engine.TickAsync(Long);

        Assert.Equal(new(1, 0, 1, IsIdle: true), report);
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Single(await store.FindToAdvanceAsync(10, default));
    }

    [Fact]
    public async Task A_tick_on_a_store_without_a_schema_says_what_to_call()
    {
        await using var engine = EnrichmentEngine.Create(e => e.UseSqlite(":memory:"));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => engine.TickAsync(Long));

        Assert.Contains("MigrateAsync", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_that_waits_for_a_date_is_left_to_a_later_tick()
    {
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.scripted",
                    s => s.Options(ScriptedStep.Script(context => StepOutcome.RateLimited("later", TimeSpan.FromHours(1))))),
            ["Globex"]);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        Assert.Equal(new(1, 0, 0, IsIdle: true), await bench.Engine.TickAsync(Long));

        var state = Assert.Single(await bench.StatesAsync(batch));
        Assert.Equal((Status.Pending, "rate_limit"), (state.Status, state.Reason));
    }

    [Fact]
    public async Task A_tick_that_is_ended_early_gives_back_what_it_had_not_begun_and_the_next_goes_on()
    {
        var calls = 0;
        using var over = new CancellationTokenSource();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                if (Interlocked.Increment(ref calls) == 40)
                {
                    over.Cancel();
                }

                return context.Named();
            }))),
            [.. Enumerable.Range(0, 400).Select(number => $"Company {number}")],
            e =>
                e.ConfigureWorker(
                    new WorkerOptions
                    {
                        ClaimSize = 4,
                        MaxConcurrentCalls = 4,
                        SweepInterval = TimeSpan.FromMilliseconds(50),
                    }));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        var first = await bench.Engine.TickAsync(Long, over.Token);
        Assert.False(first.IsIdle);
        Assert.InRange(first.Outcomes, 1, 399);
        Assert.Empty(await bench.Engine.ExamineAsync());
        Assert.False((await bench.Engine.TickAsync(TimeSpan.Zero)).IsIdle);

        var second = await bench.Engine.TickAsync(Long);
        Assert.True(second.IsIdle);
        Assert.Equal((400, 400L), (calls, first.Outcomes + second.Outcomes));
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Ticks_that_overlap_do_everything_once(string kind)
    {
        var calls = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                Interlocked.Increment(ref calls);
                return context.Named();
            }))),
            [.. Enumerable.Range(0, 100).Select(number => $"Company {number}")],
            e => e.ConfigureWorker(new WorkerOptions { ClaimSize = 10, SweepInterval = TimeSpan.FromMilliseconds(50) }),
            e => _ = kind == "sqlite" ? e.UseSqlite(":memory:") : e.UsePostgreSql(database.ConnectionString));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => bench.Engine.TickAsync(Long))));

        Assert.Equal((100, 100L, 1), (calls, reports.Sum(report => report.Outcomes), reports.Sum(report => report.Batches)));
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task Polls_that_are_due_are_made_by_ticks()
    {
        var done = false;
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.job",
                    s =>
                        s.Options(
                            JobStep.Script(
                                _ => StepOutcome.AwaitingPoll("job", TimeSpan.FromMilliseconds(1)),
                                _ =>
                                    done
                                        ? StepOutcome.Completed("company.answer", "done")
                                        : StepOutcome.AwaitingPoll("job", TimeSpan.FromHours(1))))),
            ["Globex"],
            e => e.AddStep<JobStep>());
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        WorkReport report;
        long outcomes = 0;
        do
        {
            report = await bench.Engine.TickAsync(Long);
            outcomes += report.Outcomes;
        }
        while (outcomes < 2);

        Assert.Equal(
            (Status.InProgress, "poll"),
            ((await bench.StatesAsync(batch)).Single().Status, (await bench.StatesAsync(batch)).Single().Reason));
        done = true;
        Assert.Equal(new(0, 0, 0, IsIdle: true), await bench.Engine.TickAsync(Long));
    }
}
