using System.Collections.Concurrent;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class PollingTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private readonly FakeClock clock = new();

    [Fact]
    public async Task A_job_is_polled_by_its_reference_until_it_is_done_and_the_next_stage_begins()
    {
        var polls = new ConcurrentBag<(string? Reference, string Key, int Attempt)>();
        var keys = new ConcurrentBag<string>();
        await using var bench = await StartAsync(
            context =>
            {
                keys.Add(context.IdempotencyKey);
                return StepOutcome.AwaitingPoll($"job {context.Item}");
            },
            context =>
            {
                polls.Add((context.Reference, context.IdempotencyKey, context.Attempt));
                return polls.Count(poll => poll.Reference == context.Reference) < 3
                    ? StepOutcome.AwaitingPoll()
                    : StepOutcome.Completed("company.answer", context.Reference);
            });

        var batch = await bench.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(4, (await bench.StatesAsync(batch)).Count(state => state.Status == Status.Completed));
        Assert.Equal(6, polls.Count);
        Assert.All(polls, poll => Assert.Contains(poll.Key, keys));
        Assert.Equal(["job 1", "job 2"], polls.Select(poll => poll.Reference).Distinct().Order());
    }

    [Fact]
    public async Task A_step_that_may_be_answered_later_may_answer_at_once()
    {
        await using var bench = await StartAsync(
            context => context.Named(),
            context => throw new InvalidOperationException("there is nothing to poll"));

        Assert.Equal(BatchStatus.Completed, (await bench.RunAsync()).Status);
    }

    [Fact]
    public async Task A_call_that_is_still_being_made_is_not_polled()
    {
        using var begun = new SemaphoreSlim(0);
        using var answer = new ManualResetEventSlim();
        var polls = new ConcurrentBag<string?>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.job", s => s.Options(JobStep.Script(
                context =>
                {
                    begun.Release();
                    answer.Wait();
                    return StepOutcome.AwaitingPoll("job");
                },
                context =>
                {
                    polls.Add(context.Reference);
                    return StepOutcome.Completed("company.answer", "done");
                }))),
            ["Globex"],
            e => e.AddStep<JobStep>(),
            e => e.UsePostgreSql(database.ConnectionString, new() { Clock = clock }));
        await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        var calling = Task.Run(() => bench.Engine.TickAsync(TimeSpan.FromMinutes(5)));
        await begun.WaitAsync();

        clock.Advance(TimeSpan.FromSeconds(10));
        var meanwhile = await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));
        answer.Set();
        await calling;
        clock.Advance(TimeSpan.FromSeconds(10));
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(new(0, 0, 0, IsIdle: true), meanwhile);
        Assert.Equal(["job"], polls);
    }

    [Fact]
    public async Task A_call_that_is_declined_is_made_again_with_the_same_key_under_a_new_number()
    {
        var calls = new ConcurrentBag<(string Key, int Attempt)>();
        await using var bench = await StartAsync(
            context =>
            {
                calls.Add((context.IdempotencyKey, context.Attempt));
                return context.Attempt == 1
                    ? StepOutcome.RateLimited("slow down", TimeSpan.FromMilliseconds(1))
                    : StepOutcome.AwaitingPoll("job");
            },
            _ => StepOutcome.Completed("company.answer", "done"));

        var batch = await bench.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal([1, 1, 2, 2], calls.Select(call => call.Attempt).Order());
        Assert.Equal(2, calls.Select(call => call.Key).Distinct().Count());
        Assert.All(
            (await bench.StatesAsync(batch)).Where(state => state.Stage == 1),
            state => Assert.Equal((2, 1), (state.Attempt, state.Tries)));
    }

    [Fact]
    public async Task A_poll_that_is_rate_limited_or_hangs_is_made_again_and_the_call_is_not()
    {
        var calls = 0;
        var polls = new ConcurrentDictionary<int, int>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.brief-job", s => s.Options(JobStep.Script(
                context =>
                {
                    Interlocked.Increment(ref calls);
                    return StepOutcome.AwaitingPoll("job");
                },
                async (context, cancellation) =>
                {
                    switch (polls.AddOrUpdate(context.Item, 1, (_, before) => before + 1))
                    {
                        case 1: return StepOutcome.RateLimited("slow down", TimeSpan.FromMilliseconds(1));
                        case 2:
                            await new TaskCompletionSource().Task;
                            return null!;
                        default: return StepOutcome.Completed("company.answer", "done");
                    }
                }))),
            ["Globex"],
            e => e.AddStep<BriefJobStep>());

        Assert.Equal(BatchStatus.Completed, (await bench.RunAsync()).Status);
        Assert.Equal((1, 3), (calls, polls[1]));
    }

    [Fact]
    public async Task A_poll_that_throws_is_made_again_and_the_call_is_not()
    {
        var (calls, polls) = (0, 0);
        await using var bench = await StartAsync(
            _ =>
            {
                Interlocked.Increment(ref calls);
                return StepOutcome.AwaitingPoll("job");
            },
            context => Interlocked.Increment(ref polls) switch
            {
                1 => throw new InvalidOperationException("broken"),
                2 => null!,
                _ => StepOutcome.Completed("company.answer", "done"),
            });

        Assert.Equal(BatchStatus.Completed, (await bench.RunAsync()).Status);
        Assert.Equal((2, 4), (calls, polls));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_nobody_polled_until_its_deadline_is_polled_a_last_time(bool done)
    {
        var polls = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.job", s => s.Options(JobStep.Script(
                _ => StepOutcome.AwaitingPoll("job"),
                _ =>
                {
                    polls++;
                    return done ? StepOutcome.Completed("company.answer", "done") : StepOutcome.Unknown("the vendor is being mended");
                }))),
            ["Globex"],
            e => e.AddStep<JobStep>().ConfigureWorker(new() { DrainTimeout = TimeSpan.Zero }),
            e => e.UseSqlite(":memory:", new() { Clock = clock }));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));

        clock.Advance(TimeSpan.FromMinutes(11));
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));

        var state = Assert.Single(await bench.StatesAsync(batch));
        Assert.Equal((1, done ? Status.Completed : Status.Failed), (polls, state.Status));
        Assert.Equal(done ? null : ErrorClass.OutcomeUnknown, state.ErrorClass);
        Assert.Equal(!done, state.Error?.Contains("The last poll said: the vendor is being mended", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task A_reference_that_cannot_be_stored_costs_neither_the_call_nor_its_neighbours()
    {
        var references = new ConcurrentBag<string?>();
        await using var bench = await StartAsync(
            context => StepOutcome.AwaitingPoll(context.Item == 1 ? "job\0 1" : new string('x', 1001)),
            context =>
            {
                references.Add(context.Reference);
                return StepOutcome.Completed("company.answer", "done");
            });

        Assert.Equal(BatchStatus.Completed, (await bench.RunAsync()).Status);
        Assert.Equal([null, null], references);
    }

    [Fact]
    public async Task A_poll_that_blocks_its_thread_is_left_behind()
    {
        using var ended = new ManualResetEventSlim();
        var polls = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.brief-job", s => s.Options(JobStep.Script(
                _ => StepOutcome.AwaitingPoll("job"),
                _ =>
                {
                    if (Interlocked.Increment(ref polls) == 1)
                    {
                        ended.Wait();
                    }

                    return StepOutcome.Completed("company.answer", "done");
                }))),
            ["Globex"],
            e => e.AddStep<BriefJobStep>());

        Assert.Equal(BatchStatus.Completed, (await bench.RunAsync()).Status);
        Assert.Equal(2, polls);
        ended.Set();
    }

    [Fact]
    public async Task A_call_that_no_poll_answers_until_the_deadline_is_put_up_for_review()
    {
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.short-job",
                    s => s.Options(JobStep.Script(_ => StepOutcome.AwaitingPoll("job"), _ => StepOutcome.AwaitingPoll()))),
            ["Globex"],
            e => e.AddStep<ShortJobStep>());

        var state = Assert.Single(await bench.StatesAsync(await bench.RunAsync()));

        Assert.Equal((Status.Failed, ErrorClass.OutcomeUnknown), (state.Status, state.ErrorClass));
    }

    [Theory]
    [InlineData("sqlite", false)]
    [InlineData("postgres", false)]
    [InlineData("sqlite", true)]
    public async Task Polls_of_one_client_that_hang_keep_no_others_polls_and_deadlines_waiting(string store, bool blocks)
    {
        var hanging = new TaskCompletionSource();
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var count = 0;
        var most = blocks ? 32 : 70;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.job", s => s.Options(JobStep.Script(
                context => StepOutcome.AwaitingPoll(context.Record.Text("company.name")),
                async (context, _) =>
                {
                    if (context.Reference != "slow")
                    {
                        return context.Reference == "silent" ? StepOutcome.AwaitingPoll() : StepOutcome.Completed("company.answer", "done");
                    }

                    if (Interlocked.Increment(ref count) == most)
                    {
                        hanging.SetResult();
                    }

                    if (blocks)
                    {
                        open.Task.GetAwaiter().GetResult();
                    }

                    await open.Task;
                    return StepOutcome.Completed("company.answer", "done");
                }))),
            [.. Enumerable.Repeat("slow", 1000)],
            e =>
                e.AddStep<JobStep>()
                    .AddStep<ShortJobStep>()
                    .ConfigureWorker(new() { MaxConcurrentCalls = 80 })
                    .AddPipeline(
                        "short",
                        p =>
                            p.Step(
                                "test.short-job",
                                s => s.Options(JobStep.Script(_ => StepOutcome.AwaitingPoll("silent"), _ => StepOutcome.AwaitingPoll())))),
            e => _ = store == "sqlite" ? e.UseSqlite(":memory:") : e.UsePostgreSql(database.ConnectionString, new() { Schema = "polls" }));
        await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        await bench.Engine.WhileWorkingAsync(
            async () =>
            {
                await hanging.Task.WaitAsync(Wait.Patience, TimeProvider.System);
                var other = bench.Engine.Client("globex");
                var upload = await other.StageAsync("Company Name\na\nb\n");

                foreach (
                    var (pipeline, expected) in new[] { ("scripted", BatchStatus.Completed), ("short", BatchStatus.CompletedWithFailures) })
                {
                    var batch = await other.LaunchAsync(upload.Id, new() { Pipeline = pipeline });
                    Assert.Equal(expected, (await other.EndOfAsync(batch)).Status);
                }
            },
            open.SetResult);
    }

    [Fact]
    public async Task A_step_without_a_receiving_half_may_not_wait_for_a_delivery()
    {
        await using var bench = await StartAsync(_ => StepOutcome.AwaitingCallback(), _ => StepOutcome.AwaitingPoll());

        var states = await bench.StatesAsync(await bench.RunAsync());

        Assert.All(states, state => Assert.Equal((Status.Failed, ErrorClass.InvalidOutput), (state.Status, state.ErrorClass)));
    }

    [Fact]
    public async Task A_host_that_cannot_poll_leaves_the_call_to_one_that_can()
    {
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.db");
        try
        {
            await using var able = EngineOn(
                file,
                e =>
                    e.AddStep<JobStep>()
                        .AddPipeline(
                            "job",
                            p =>
                                p.Step(
                                    "test.job",
                                    s =>
                                        s.Options(
                                            JobStep.Script(
                                                _ => StepOutcome.AwaitingPoll("job", TimeSpan.FromMinutes(5)),
                                                _ => StepOutcome.Completed("company.answer", "done"))))));
            await able.MigrateAsync();
            var client = able.Client("acme");
            var batch = await client.LaunchAsync("Company Name\nGlobex\n", "job");
            Assert.Equal(1, (await able.TickAsync(TimeSpan.FromMinutes(1))).Outcomes);
            clock.Advance(TimeSpan.FromMinutes(5));

            await using (var unable = EngineOn(file, _ => { }))
            {
                Assert.Equal(0, (await unable.TickAsync(TimeSpan.FromMinutes(1))).Outcomes);
                await unable.RunUntilDrainedAsync().WaitAsync(Wait.Patience); // It does not wait for what it cannot do.
            }

            Assert.Equal(1, (await able.TickAsync(TimeSpan.FromMinutes(1))).Outcomes);
            Assert.Equal(Status.Completed, (await client.ReadStatesAsync(batch.Id).SingleAsync()).Status);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private EnrichmentEngine EngineOn(string file, Action<EnrichmentBuilder> more) => EnrichmentEngine.Create(e =>
    {
        e.UseSqlite(file, new() { Clock = clock });
        more(e);
    });

    private static Task<Bench> StartAsync(Func<StepContext, StepOutcome> call, Func<AttemptContext, StepOutcome> poll) =>
        Bench.StartAsync(
            p =>
                p.Step("test.job", s => s.Options(JobStep.Script(call, poll)))
                    .Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))),
            ["Globex", "Initech"],
            e => e.AddStep<JobStep>());
}
