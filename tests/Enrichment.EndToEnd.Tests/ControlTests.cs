using System.Collections.Concurrent;
using Enrichment.Pipelines;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment.EndToEnd.Tests;

public sealed class ControlTests
{
    private static readonly object Answers = ScriptedStep.Script(context => context.Named());

    [Fact]
    public async Task A_paused_batch_waits_and_goes_on_when_resumed()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a", "b"]);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        await bench.Client.PauseAsync(batch.Id);
        await bench.Engine.RunUntilDrainedAsync();
        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal((Status.Pending, "paused"), (state.Status, state.Reason)));

        await bench.Client.ResumeAsync(batch.Id);
        await bench.Engine.RunUntilDrainedAsync();
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Equal(["launched", "paused", "resumed", "completed"], (await bench.Client.ListEventsAsync(batch.Id)).Select(e => e.Kind));
    }

    [Fact]
    public async Task A_batch_cancelled_from_inside_a_call_ends_cancelled_and_the_answer_completes_nothing()
    {
        Bench? bench = null;
        var id = Guid.Empty;
        bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                bench!.Client.CancelAsync(id).GetAwaiter().GetResult();
                return context.Named();
            }))).Step("test.domain"),
            ["a"]);
        await using var _ = bench;
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        id = batch.Id;

        await bench.Engine.RunUntilDrainedAsync();

        Assert.Equal(BatchStatus.Cancelled, (await bench.Client.GetBatchAsync(id)).Status);
        Assert.Equal(Status.Cancelled, (await bench.StatesAsync(batch)).Single().Status);
        Assert.Empty(await bench.Client.ReadResultsAsync(id).ToListAsync());
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task A_retry_chooses_by_error_class_by_item_and_by_condition()
    {
        var mended = false;
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step("test.domain")
                    .Step(
                        "test.scripted",
                        s =>
                            s.Retry(tries: 1)
                                .Options(
                                    ScriptedStep.Script(context =>
                                        mended ? context.Named()
                                        : context.Is("a", "b") ? StepOutcome.Retry("503")
                                        : context.Is("c") ? StepOutcome.Failed("bad key", ErrorClass.Configuration)
                                        : context.Named()))),
            ["a", "b", "c", "d"]);
        var batch = await bench.RunAsync();
        mended = true;

        Assert.Equal(1, await bench.Client.RetryAsync(batch.Id, new() { ErrorClass = ErrorClass.Configuration }));
        Assert.Equal(
            1,
            await bench.Client.RetryAsync(batch.Id, new() { Where = Condition.Eq("company.domain", "a.example.com"), FromStage = 1 }));
        Assert.Equal(1, await bench.Client.RetryAsync(batch.Id, new() { Items = [4], FromStage = 2 }));
        await bench.Engine.RunUntilDrainedAsync();

        var states = await bench.StatesAsync(batch);
        Assert.Equal(
            [(1, 2), (1, 2), (2, 1), (2, 1), (3, 1), (3, 2), (4, 1), (4, 2)],
            states.Select(state => (state.Item, (int)state.Generation)));
        Assert.Equal([2], states.Where(state => state.Status == Status.Failed).Select(state => state.Item));
        Assert.Equal(BatchStatus.CompletedWithFailures, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Empty(await bench.Engine.ExamineAsync());
        Assert.Equal(2, (await bench.Client.ListEventsAsync(batch.Id)).Count(e => e.Kind == "completed"));
    }

    [Fact]
    public async Task A_retry_of_an_unknown_outcome_keeps_the_idempotency_key_of_a_step_that_is_safe_to_repeat()
    {
        var keys = new ConcurrentQueue<string>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Retry(tries: 1).Options(ScriptedStep.Script(context =>
            {
                keys.Enqueue(context.IdempotencyKey);
                return StepOutcome.Unknown("timed out");
            }))),
            ["a"]);
        var batch = await bench.RunAsync();

        foreach (var sameKey in new bool?[] { null, true, false, null })
        {
            Assert.Equal(1, await bench.Client.RetryAsync(batch.Id, new() { SameKey = sameKey }));
            await bench.Engine.RunUntilDrainedAsync();
        }

        var called = keys.ToArray();
        Assert.Equal([called[0], called[0], called[0], called[3], called[3]], called);
        Assert.NotEqual(called[0], called[3]);
        Assert.Equal(
            3,
            (await bench.Client.ListEventsAsync(batch.Id)).Count(e => e.Detail?.Contains("sameKey", StringComparison.Ordinal) == true));
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task A_retry_does_not_lift_a_pause()
    {
        var mended = false;
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                        "test.scripted",
                        s =>
                            s.Options(
                                ScriptedStep.Script(context =>
                                    mended || context.Is("a") ? context.Named() : StepOutcome.RateLimited("429", TimeSpan.FromHours(1)))))
                    .Step("test.domain"),
            ["a", "b"]);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        await bench.Engine.WhileWorkingAsync(() => Wait.UntilAsync(async () => (await bench.Client.GetProgressAsync(batch.Id)).Ended == 1));
        await bench.Client.PauseAsync(batch.Id);

        Assert.Equal(1, await bench.Client.RetryAsync(batch.Id, new() { Items = [1], FromStage = 1 }));

        Assert.Equal(BatchStatus.Paused, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        await bench.Client.ResumeAsync(batch.Id);
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task A_batch_that_is_still_being_cancelled_is_not_reopened_and_the_operator_is_told()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("enrichment").FullName, "half.db");
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Answers)),
            ["a", "b"],
            store: e => e.UseSqlite(path));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=false"))
        {
            // As whoever cancels leaves it who dies before the first bucket.
            await connection.OpenAsync();
            await using var command = new SqliteCommand(
                "update batches set status = 5, version = version + 1, completed_at = created_at",
                connection);
            await command.ExecuteNonQueryAsync();
        }

        var expected =
            $"Batch {batch.Id} is still being cancelled: 2 of its items are open. Try again when they have ended. If the process that cancels has stopped, a worker's next sweep ends them.";
        Assert.Equal(expected, (await Assert.ThrowsAsync<EnrichmentException>(() => bench.Client.RetryAsync(batch.Id))).Message);
        Assert.Equal(
            expected,
            (await Assert.ThrowsAsync<EnrichmentException>(() => bench.Client.SkipAsync(batch.Id, new() { Items = [1] }))).Message);
        await bench.Engine.RunUntilDrainedAsync();

        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal(Status.Cancelled, state.Status));
        Assert.Equal(1, await bench.Client.RetryAsync(batch.Id, new() { Items = [1], FromStage = 1 }));
    }

    [Fact]
    public async Task A_host_works_by_itself_and_drains_when_it_stops()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("enrichment").FullName, "host.db");
        var inside = new TaskCompletionSource();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddEnrichment(e => e.UseSqlite(path)
            .AddStep<ScriptedStep>()
            .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                inside.TrySetResult();
                return context.Named();
            }))))
            .AddWorker(new WorkerOptions { PollInterval = TimeSpan.FromMilliseconds(20) }));
        using var host = builder.Build();
        var engine = host.Services.GetRequiredService<EnrichmentEngine>();
        await engine.MigrateAsync();
        await host.StartAsync();
        var client = engine.Client("acme");
        var batch = await client.LaunchAsync("Company Name\na\n", "scripted");
        await inside.Task.WaitAsync(Wait.Patience);
        await host.StopAsync();

        Assert.Equal(Status.Completed, (await client.ReadStatesAsync(batch.Id).ToListAsync()).Single().Status);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task Work_for_a_step_that_this_host_lacks_is_left_to_others()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("enrichment").FullName, "shared.db");
        await using var able = await TestEngine.StartAsync(e => e.UseSqlite(path).AddStep<ScriptedStep>().AddStep<DomainStep>()
            .AddPipeline("scripted", p => p.Step("test.domain").Step("test.scripted", s => s.Options(Answers))));
        var client = able.Client("acme");
        var batch = await client.LaunchAsync("Company Name,Website\na,https://a.example.com\n", "scripted");

        await using (var lacking = EnrichmentEngine.Create(e => e.UseSqlite(path).AddStep<DomainStep>()))
        {
            await lacking.RunUntilDrainedAsync();
        }

        Assert.Equal(
            [Status.Completed, Status.Pending],
            (await client.ReadStatesAsync(batch.Id).ToListAsync()).Select(state => state.Status));
        await able.RunUntilDrainedAsync();
        Assert.Equal(BatchStatus.Completed, (await client.GetBatchAsync(batch.Id)).Status);
    }
}
