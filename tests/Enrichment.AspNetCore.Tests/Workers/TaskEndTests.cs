using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>What becomes of tasks that no worker reports, or that an operator ends.</summary>
public sealed class TaskEndTests
{
    [Theory]
    [InlineData(Effects.SafeToRepeat)]
    [InlineData(Effects.Pure)]
    public async Task Tasks_of_a_lost_worker_are_repeated_alone_with_the_same_keys(Effects effects)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(effects: effects), "Globex", "Initech");
        var lost = await host.FetchAllAsync(2);
        await host.AdvanceUntilAsync(async () => (await host.StateAsync(1)).Tries == 1 && (await host.StateAsync(2)).Tries == 1);

        Assert.Equal(lost.ConvertAll(task => task.Task), await host.CompleteAsync(lost));
        List<FetchedTask> again = [];
        await host.AdvanceUntilAsync(
            async () =>
            {
                var tasks = await host.TryFetchAsync(lockSeconds: 3600);
                Assert.InRange(tasks.Count, 0, 1);
                again.AddRange(tasks);
                return again.Count == 2;
            });

        Assert.Equal([2, 2], again.Select(task => task.Attempt));
        Assert.Equal(lost.Select(task => task.IdempotencyKey), again.OrderBy(task => task.Item).Select(task => task.IdempotencyKey));
        Assert.Empty(await host.CompleteAsync(again));
        Assert.Equal(BatchStatus.Completed, (await host.EndAsync()).Status);
    }

    [Fact]
    public async Task An_item_that_kills_its_workers_alone_ends_as_poison_and_the_others_complete()
    {
        await using var host = await WorkersHost.StartAsync(
            WorkersHost.Step(effects: Effects.SafeToRepeat, maxTries: 10), "Globex", "Poison", "Initech");

        await host.AdvanceUntilAsync(
            async () =>
            {
                var tasks = await host.TryFetchAsync();
                if (tasks.All(task => Name(task) != "Poison"))
                {
                    await host.CompleteAsync(tasks); // Else the worker is gone.
                }

                return (await host.Client.GetBatchAsync(host.Batch.Id)).Status == BatchStatus.CompletedWithFailures;
            });

        var state = await host.StateAsync(2);
        Assert.Equal((Status.Failed, ErrorClass.Poison), (state.Status, state.ErrorClass!.Value));
        Assert.Equal((Status.Completed, Status.Completed), ((await host.StateAsync(1)).Status, (await host.StateAsync(3)).Status));
        await host.EndAsync();
    }

    [Fact]
    public async Task A_paid_call_of_a_lost_worker_may_be_reported_until_its_deadline_and_then_waits_for_review()
    {
        await using var host = await WorkersHost.StartAsync(
            WorkersHost.Step() with { Deadline = TimeSpan.FromHours(2) }, "Globex", "Initech");
        var tasks = await host.FetchAllAsync(2);
        await host.AdvanceAsync(TimeSpan.FromMinutes(90));
        Assert.Empty(await host.CompleteAsync(tasks[..1]));
        await Wait.UntilAsync(async () => (await host.StateAsync(1)).Status == Status.Completed);

        await host.AdvanceUntilAsync(async () => (await host.StateAsync(2)).Status == Status.Failed, TimeSpan.FromMinutes(1));

        Assert.Equal(ErrorClass.OutcomeUnknown, (await host.StateAsync(2)).ErrorClass);
        Assert.Equal([tasks[1].Task], await host.CompleteAsync(tasks[1..]));
        await host.EndAsync();
    }

    [Fact]
    public async Task A_task_whose_lock_is_extended_outlives_its_time()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(effects: Effects.SafeToRepeat), "Globex");
        var task = Assert.Single(await host.FetchAsync());
        for (var beat = 0; beat < 5; beat++)
        {
            await host.AdvanceAsync(TimeSpan.FromSeconds(20));
            Assert.Equal(
                """{"refused":[]}""",
                (await host.PostAsync("/workers/extend", new { tasks = new[] { task.Task }, lockSeconds = 30 })).GetRawText());
        }

        Assert.Empty(await host.CompleteAsync([task]));
        await host.EndAsync();
        Assert.Equal(1, (await host.StateAsync(1)).Attempt);
        Assert.Equal(1, (await host.PostAsync("/workers/extend", new { tasks = new[] { task.Task } })).GetProperty("refused").GetArrayLength());
    }

    [Fact]
    public async Task A_task_that_is_given_back_costs_no_try_and_is_free_at_once()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var tasks = await host.FetchAllAsync(2);
        Assert.Empty(await host.CompleteAsync(tasks[1..]));

        Assert.Empty(await host.ReportAsync("defer", [new { task = tasks[0].Task, reason = "stopping", why = "notCalled" }]));

        var again = Assert.Single(await host.FetchAsync(worker: "test/2"));
        Assert.Equal((1, 2), (again.Item, again.Attempt));
        Assert.Equal(0, (await host.StateAsync(1)).Tries);
        await host.CompleteAsync([again]);
        await host.EndAsync();
    }

    [Fact]
    public async Task An_operator_ends_items_whose_tasks_nobody_has_fetched_and_no_others()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var fetched = Assert.Single(await host.FetchAsync(limit: 1));
        var other = fetched.Item == 1 ? 2 : 1;
        await Wait.UntilAsync(async () => (await host.StateAsync(other)).Status == Status.InProgress);

        await Wait.UntilAsync(async () =>
        {
            try
            {
                return await host.Client.SkipAsync(host.Batch.Id, new() { Items = [other], Reason = "no longer wanted" }) == 1;
            }
            catch (EnrichmentException)
            {
                return false; // A host was about to hand it out again.
            }
        });
        await Assert.ThrowsAsync<EnrichmentException>(() => host.Client.SkipAsync(host.Batch.Id, new() { Items = [fetched.Item] }));

        Assert.Empty(await host.TryFetchAsync());
        Assert.Empty(await host.CompleteAsync([fetched]));
        await host.EndAsync();
        Assert.Equal(Status.Skipped, (await host.StateAsync(other)).Status);
        Assert.Equal(Status.Completed, (await host.StateAsync(fetched.Item)).Status);
    }

    [Fact]
    public async Task A_range_whose_due_tasks_cannot_be_acted_on_stops_no_other()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(effects: Effects.SafeToRepeat), "Globex");
        var other = await host.Client.LaunchAsync("Company Name\nInitech\n", "python");
        RangeKey? bad = null;
        host.Store.TakesDueTasks = range =>
        {
            bad ??= range;
            if (range == bad)
            {
                throw new InvalidOperationException("This range cannot be acted on.");
            }
        };
        await host.FetchAllAsync(2);

        await host.AdvanceUntilAsync(async () =>
            await host.Client.ReadStatesAsync(host.Batch.Id)
                .Concat(host.Client.ReadStatesAsync(other.Id))
                .AnyAsync(state => state.Tries == 1));

        Assert.NotNull(bad);
    }

    private static string? Name(FetchedTask task) => task.Record.GetProperty("company.name").GetString();
}
