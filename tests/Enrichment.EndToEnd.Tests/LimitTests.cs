using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Hosting;
using Enrichment.Sqlite;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>
/// What a vendor allows, kept by the engine: on one host and in real time. That hosts keep it together is shown by the conformance suite
/// and by tests/Enrichment.Chaos.Tests.
/// </summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Calls_leave_no_faster_than_the_rate_and_all_of_them_leave()
    {
        var times = new ConcurrentQueue<TimeSpan>();
        var began = TimeProvider.System.GetTimestamp();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Limited(new { rate = 100, burst = 20 }, context =>
            {
                times.Enqueue(TimeProvider.System.GetElapsedTime(began));
                return context.Named();
            }))),
            Companies(120));

        var batch = await bench.RunAsync();

        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal((Status.Completed, 1), (state.Status, state.Tries)));
        Assert.Equal(120, times.Count);
        Assert.True(times.Max() >= TimeSpan.FromSeconds(1), $"A hundred calls besides a burst of 20 left within {times.Max()}.");
    }

    [Fact]
    public async Task No_more_calls_are_in_flight_than_a_step_says_its_vendor_allows()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.slow"), Companies(20), e => e.AddStep<SlowStep>());

        var batch = await bench.RunAsync();

        Assert.Equal(3, SlowStep.Most);
        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal(Status.Completed, state.Status));
    }

    [Fact]
    public async Task No_more_jobs_are_out_with_a_polled_vendor_than_it_allows_and_all_are_done()
    {
        var (jobs, most) = (0, 0);
        var polls = new ConcurrentDictionary<string, int>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.job", s => s.Options(WithLimits(
                JobStep.Script(
                    context =>
                    {
                        lock (polls)
                        {
                            most = Math.Max(most, ++jobs);
                        }

                        return StepOutcome.AwaitingPoll($"job {context.Item}");
                    },
                    context =>
                    {
                        if (polls.AddOrUpdate(context.Reference!, 1, (_, earlier) => earlier + 1) < 3)
                        {
                            return StepOutcome.AwaitingPoll();
                        }

                        lock (polls)
                        {
                            jobs--;
                        }

                        return StepOutcome.Completed("company.answer", "done");
                    }),
                new { concurrency = 2 }))),
            Companies(8),
            e => e.AddStep<JobStep>());

        var batch = await bench.RunAsync();

        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal((Status.Completed, 1), (state.Status, state.Tries)));
        Assert.Equal(2, most);
    }

    [Fact]
    public async Task Where_a_limit_is_about_calls_alone_jobs_that_are_out_hold_no_places()
    {
        var jobs = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.job", s => s.Options(WithLimits(
                JobStep.Script(
                    _ =>
                    {
                        Interlocked.Increment(ref jobs);
                        return StepOutcome.AwaitingPoll("job");
                    },
                    _ => jobs < 8 ? StepOutcome.AwaitingPoll() : StepOutcome.Completed("company.answer", "done")),
                new { concurrency = 2, untilAnswered = false }))),
            Companies(8),
            e => e.AddStep<JobStep>());

        // No job is done before all have begun.
        var batch = await bench.RunAsync();

        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal(Status.Completed, state.Status));
    }

    [Fact]
    public async Task One_item_that_is_told_to_wait_holds_all_that_share_the_limit_and_no_try_is_burnt()
    {
        var told = false;
        var times = new ConcurrentQueue<TimeSpan>();
        var began = TimeProvider.System.GetTimestamp();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Limited(new { rate = 50, concurrency = 1 }, context =>
            {
                times.Enqueue(TimeProvider.System.GetElapsedTime(began));
                return times.Count == 3 && !Interlocked.Exchange(ref told, true) ? StepOutcome.RateLimited("429", TimeSpan.FromSeconds(1))
                    : context.Named();
            }))),
            Companies(30));

        var batch = await bench.RunAsync();

        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal((Status.Completed, 1), (state.Status, state.Tries)));
        Assert.Equal(31, times.Count);
        var sorted = times.Order().ToList();
        Assert.True(sorted[3] - sorted[2] >= TimeSpan.FromSeconds(0.9),
            $"The next call left {sorted[3] - sorted[2]} after the one that was told to wait a second.");
    }

    [Fact]
    public async Task A_vendor_that_fails_again_and_again_is_left_alone_and_the_rows_say_so()
    {
        var calls = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Limited(new { breakAfter = 5, concurrency = 2 }, _ =>
            {
                Interlocked.Increment(ref calls);
                return StepOutcome.Retry("503");
            })).Retry(tries: 100, baseDelay: TimeSpan.FromMilliseconds(1))),
            Companies(40));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        await bench.Engine.TickAsync(Wait.Patience);

        Assert.InRange(calls, 5, 8); // What was in flight when the fifth failed.
        var states = await bench.StatesAsync(batch);
        Assert.All(states, state => Assert.Equal(Status.Pending, state.Status));
        Assert.Equal(calls, states.Sum(state => state.Tries));
        Assert.Contains(states, state => state.Reason == "breaker" && state.Tries == 0);
        var limit = Assert.Single((await bench.Client.GetProgressAsync(batch.Id)).Stages).Limit;
        Assert.Equal((1, "acme/test.scripted", "breaker"), (limit!.Stage, limit.Name, limit.Reason));
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task Other_stages_go_on_while_one_waits_for_its_limit()
    {
        // A few calls are made, and no other while the test runs.
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.scripted",
                    s =>
                        s.Options(
                            Limited(
                                new
                                {
                                    rate = 2,
                                    per = "1.00:00:00",
                                    burst = 2,
                                },
                                context => context.Named()))),
            Companies(5),
            e => e.AddPipeline("free", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named())))));
        var limited = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        var free = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "free" });

        await bench.Engine.TickAsync(Wait.Patience);

        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(free.Id)).Status);
        Assert.Contains(await bench.StatesAsync(limited), state => (state.Status, state.Reason) == (Status.Pending, "rate_limit"));
    }

    [Fact]
    public async Task A_tick_waits_for_the_next_calls_of_a_limit()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Limited(new { rate = 20 }, context => context.Named()))), Companies(25));
        await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        Assert.Equal(new(25, 0, 1, IsIdle: true), await bench.Engine.TickAsync(Wait.Patience));
    }

    [Fact]
    public async Task A_tick_waits_for_them_also_where_looking_takes_longer_than_a_limit_rests()
    {
        using var real = new SqliteStore(":memory:");
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Limited(new { rate = 50 }, context => context.Named()))), Companies(60),
                store: e => e.UseStore(_ => new SlowLookStore(real)));
        await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        Assert.Equal(new(60, 0, 1, IsIdle: true), await bench.Engine.TickAsync(Wait.Patience));
    }

    [Fact]
    public async Task An_exception_of_a_step_tells_a_limit_nothing()
    {
        var calls = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s =>
                s.Options(Limited(new { breakAfter = 2, concurrency = 1 }, _ => Interlocked.Increment(ref calls) switch
            {
                2 => throw new InvalidOperationException("A fault of its own."),
                _ => StepOutcome.Retry("503"),
            })).Retry(tries: 100, baseDelay: TimeSpan.FromMilliseconds(1))),
            Companies(4));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        await bench.Engine.TickAsync(Wait.Patience);

        Assert.Equal(3, calls);
        Assert.Equal("breaker", Assert.Single((await bench.Client.GetProgressAsync(batch.Id)).Stages).Limit?.Reason);
    }

    [Fact]
    public async Task A_call_of_several_items_is_one_call()
    {
        var calls = new ConcurrentQueue<int>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.bulk", s => s.Options(WithLimits(
                BulkStep.Script(contexts =>
                {
                    calls.Enqueue(contexts.Count);
                    return contexts.ToDictionary(context => context.IdempotencyKey, context => context.Named());
                }),
                new { rate = 1, per = "1.00:00:00" }))),
            Companies(30),
            e => e.AddStep<BulkStep>());
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        await bench.Engine.TickAsync(Wait.Patience);

        // One call a day: what it answers is all that it held, and not one item.
        Assert.Equal(3, Assert.Single(calls));
        Assert.Equal(3, (await bench.StatesAsync(batch)).Count(state => state.Status == Status.Completed));
    }

    private static string[] Companies(int count) => [.. Enumerable.Range(1, count).Select(number => $"Company {number}")];

    private static JsonObject Limited(object limits, Func<StepContext, StepOutcome> behaviour) =>
        WithLimits(ScriptedStep.Script(behaviour), limits);

    private static JsonObject WithLimits(object options, object limits)
    {
        var settings = JsonSerializer.SerializeToNode(options)!.AsObject();
        settings["limits"] = JsonSerializer.SerializeToNode(limits);
        return settings;
    }

    /// <summary>Waits for so many calls as may be in flight, and then a moment for any that may not.</summary>
    [EnrichmentStep("test.slow", "1.0.0", Limits = """{"concurrency": 3}""")]
    public sealed class SlowStep : IEnrichmentStep
    {
        private static readonly TaskCompletionSource Full = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private static int now;
        private static int most;

        /// <summary>How many calls were in flight at once at most.</summary>
        public static int Most => most;

        public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
        {
            var inFlight = Interlocked.Increment(ref now);
            for (var seen = Volatile.Read(ref most); inFlight > seen; seen = Volatile.Read(ref most))
            {
                Interlocked.CompareExchange(ref most, inFlight, seen);
            }

            if (inFlight == 3)
            {
                Full.TrySetResult();
            }

            await Full.Task.WaitAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(20), context.TimeProvider, cancellationToken);
            Interlocked.Decrement(ref now);
            return StepOutcome.NotFound();
        }
    }

    /// <summary>A store in which it takes long to see what is due.</summary>
    private sealed class SlowLookStore(IEnrichmentStore real) : StoreDouble(real)
    {
        public override async Task<DueWork> FindDueAsync(
            IReadOnlyCollection<(int Batch, short Stage)> except,
            CancellationToken cancellationToken)
        {
            var seen = await base.FindDueAsync(except, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(60), TimeProvider.System, cancellationToken);
            return seen;
        }
    }
}
