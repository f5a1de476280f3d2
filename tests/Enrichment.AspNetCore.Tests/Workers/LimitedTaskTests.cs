using System.Text.Json;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>Tasks whose calls a vendor's limit holds back.</summary>
public sealed class LimitedTaskTests
{
    [Fact]
    public async Task No_more_tasks_are_out_than_calls_may_be_in_flight_and_each_report_lets_the_next_out()
    {
        await using var host = await WorkersHost.StartAsync(
            Limited("""{"concurrency":1}"""), "Globex", "Initech", "Umbrella");

        for (var done = 0; done < 3; done++)
        {
            List<FetchedTask> tasks = [];
            await host.AdvanceUntilAsync(
                async () =>
                {
                    tasks.AddRange(await host.TryFetchAsync(lockSeconds: 3600));
                    return tasks.Count > 0;
                },
                TimeSpan.FromMilliseconds(10));
            Assert.Single(tasks);
            Assert.Equal(1, (await host.Client.GetProgressAsync(host.Batch.Id)).Stages.Sum(stage => stage.InProgress));
            Assert.Empty(await host.CompleteAsync(tasks));
        }

        Assert.Equal(BatchStatus.Completed, (await host.EndAsync()).Status);
    }

    [Fact]
    public async Task A_vendor_that_asks_for_patience_is_left_alone_and_no_try_is_lost()
    {
        await using var host = await WorkersHost.StartAsync(
            Limited("""{"rate":100,"burst":10000}"""),
            "Globex",
            "Initech");
        IReadOnlyList<FetchedTask> tasks = [];
        await Wait.UntilAsync(async () => (tasks = await host.TryFetchAsync(limit: 1)).Count > 0);
        Assert.NotNull(tasks[0].CallAfterSeconds);
        Assert.True(tasks[0].CallBySeconds > tasks[0].CallAfterSeconds);

        Assert.Empty(
            await host.ReportAsync("defer", [new { task = tasks[0].Task, reason = "429", why = "slowDown", afterSeconds = 1 }]));
        var item = tasks[0].Item;
        await Wait.UntilAsync(async () => (await host.StateAsync(item)).Reason == "rate_limit");

        Assert.Equal((Status.Pending, 0), await host.StateAsync(item) is var state ? (state.Status, state.Tries) : default);
        await CompleteAllAsync(host);
    }

    [Fact]
    public async Task A_vendor_that_fails_gets_one_trial_call_and_its_failure_doubles_the_pause()
    {
        var pause = BlockEnd.FirstPause;
        await using var host = await WorkersHost.StartAsync(
            Limited("""{"rate":100,"burst":10000,"breakAfter":1}""") with { MaxTries = 10 },
            [.. Enumerable.Range(1, 9).Select(number => $"Company {number}")]);
        await FailNextAsync();
        await Wait.UntilAsync(async () => await LeftAsync() == pause);

        await FailNextAsync(whileOut: async () => await Wait.UntilAsync(async () => await LeftAsync() > TimeSpan.FromMinutes(14)));

        await Wait.UntilAsync(async () => await LeftAsync() == pause * 2);
        await CompleteAllAsync(host);

        async Task FailNextAsync(Func<Task>? whileOut = null)
        {
            IReadOnlyList<FetchedTask> tasks = [];
            await host.AdvanceUntilAsync(
                async () => (tasks = await host.TryFetchAsync(limit: 1, lockSeconds: 3600)).Count > 0,
                TimeSpan.FromSeconds(1));
            await (whileOut?.Invoke() ?? Task.CompletedTask);
            Assert.Empty(await host.ReportAsync("defer", [new { task = tasks[0].Task, reason = "503" }]));
        }

        async Task<TimeSpan?> LeftAsync() => (await host.Client.ReadStatesAsync(host.Batch.Id).ToListAsync())
            .Where(state => state.Reason == "breaker")
            .Max(state => state.ActsAt - host.Clock.GetUtcNow());
    }

    [Fact]
    public async Task A_task_that_is_handed_out_when_its_limit_is_paused_meanwhile_is_taken_back_without_a_try()
    {
        await using var host = await WorkersHost.StartAsync(
            Limited("""{"rate":100,"burst":10000,"breakAfter":1}"""),
            "Globex",
            "Initech");
        using var gate = new HandOutGate(host.Store, passes: 1);
        IReadOnlyList<FetchedTask> tasks = [];
        await Wait.UntilAsync(async () => (tasks = await host.TryFetchAsync(limit: 1, lockSeconds: 3600)).Count > 0);
        await gate.Held;

        Assert.Empty(await host.ReportAsync("defer", [new { task = tasks[0].Task, reason = "503" }]));
        var (failed, other) = (tasks[0].Item, 3 - tasks[0].Item);
        await Wait.UntilAsync(async () => await LimitAsync(host) == "breaker");
        gate.Open();
        await Wait.UntilAsync(async () => (await host.StateAsync(other)).Status == Status.InProgress);

        Assert.Empty(await host.TryFetchAsync());
        await CompleteAllAsync(host);
        Assert.Equal((2, 1), ((await host.StateAsync(failed)).Tries, (await host.StateAsync(other)).Tries));
        Assert.NotEqual(1, (await host.StateAsync(other)).Attempt);
    }

    [Fact]
    public async Task A_report_that_is_read_again_after_it_was_applied_does_not_pause_the_limit_again()
    {
        await using var host = await WorkersHost.StartAsync(
            Limited("""{"rate":100,"burst":10000,"breakAfter":1}"""),
            "Globex");
        IReadOnlyList<FetchedTask> tasks = [];
        await Wait.UntilAsync(async () => (tasks = await host.TryFetchAsync(limit: 1, lockSeconds: 3600)).Count > 0);
        Assert.Empty(await host.ReportAsync("defer", [new { task = tasks[0].Task, reason = "503" }]));
        await Wait.UntilAsync(async () => await LimitAsync(host) == "breaker");
        var report = host.Store.Taken;
        Assert.Single(report);
        await CompleteAllAsync(host);
        Assert.NotEqual("breaker", await LimitAsync(host));

        await host.Store.RepeatAsync(report);

        Assert.NotEqual("breaker", await LimitAsync(host));
    }

    [Fact]
    public async Task A_hand_out_that_is_written_again_moves_no_call_to_a_later_time()
    {
        await using var host = await WorkersHost.StartAsync(Limited("""{"rate":100,"burst":100000}"""), "Globex");
        var window = TimeSpan.FromSeconds(250);
        var tries = new List<TimeSpan>();
        host.Store.HandsOut = request =>
        {
            tries.Add(request.Tasks[0].Until);
            if (tries.Count > 2)
            {
                return Task.CompletedTask;
            }

            host.Time.Skip(tries.Count == 1 ? window / 2 : window);
            return Task.FromException(new IOException("The store's answer is lost."));
        };

        IReadOnlyList<FetchedTask> tasks = [];
        await Wait.UntilAsync(async () => (tasks = await host.TryFetchAsync(limit: 1, lockSeconds: 3600)).Count > 0);

        Assert.Equal((3, 1), (tries.Count, tasks[0].Attempt));
        Assert.InRange(tries[1], TimeSpan.Zero, tries[0] - (window / 2));
        Assert.InRange(tries[2], window / 2, window * 2); // A later permit's.
        Assert.Empty(await host.CompleteAsync(tasks));
        Assert.Equal(BatchStatus.Completed, (await host.EndAsync()).Status);
    }

    [Fact]
    public async Task While_a_hand_out_is_being_written_no_other_takes_its_place_among_the_calls_in_flight()
    {
        await using var host = await WorkersHost.StartAsync(Limited("""{"concurrency":1}"""), "Globex");
        using var gate = new HandOutGate(host.Store, passes: 0);
        await host.Client.LaunchAsync("Company Name\nInitech\n", "python");
        Assert.Empty(await host.TryFetchAsync());
        await gate.Held;
        var refused = host.Store.RefusedPermits;
        await Wait.UntilAsync(() => host.Store.RefusedPermits > refused || gate.Count > 1);

        Assert.Equal(1, gate.Count);
        gate.Open();
        Assert.Single(await host.FetchAsync());
    }

    private static async Task<string?> LimitAsync(WorkersHost host) =>
        (await host.Store.ReadLimitsAsync(host.Batch.Key, default)).SingleOrDefault()?.Reason;

    private static async Task CompleteAllAsync(WorkersHost host)
    {
        await host.AdvanceUntilAsync(
            async () =>
            {
                await host.CompleteAsync(await host.TryFetchAsync(lockSeconds: 3600));
                return (await host.Client.GetBatchAsync(host.Batch.Id)).Status == BatchStatus.Completed;
            },
            TimeSpan.FromSeconds(1));
        Assert.Empty(await host.Engine.ExamineAsync());
    }

    private static StepManifest Limited(string limits) =>
        WorkersHost.Step() with { Settings = JsonElement.Parse($$"""{"limits":{{limits}}}""") };
}
