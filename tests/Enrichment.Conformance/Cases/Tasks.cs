using System.Text;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Tasks
{
    public static async Task A_task_that_is_handed_out_is_fetched_with_its_record_and_its_state_waits_for_the_worker(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await HandOuts.HandOutAsync(scene, batch, limit: 2);

        var states = await scene.StatesAsync(batch);
        Expect.Sequence(["worker", "worker", "due"], states.OrderBy(state => state.Item).Select(state => state.Reason ?? ""));
        Expect.Equal(2, (await scene.ProgressAsync(batch)).InProgress);
        var tasks = await HandOuts.FetchAsync(scene);

        Expect.Sequence([1, 2], tasks.Select(task => task.Item).Order());
        var first = tasks.Single(task => task.Item == 1);
        Expect.Equal(batch.Id, first.Batch);
        Expect.Equal("key 1", first.IdempotencyKey);
        Expect.Equal("Company 1", first.Record.GetProperty("company.name").GetString());
        Expect.Equal(2, first.Settings!.Value.GetProperty("depth").GetInt32());
        Expect.Equal(((short)1, 1, "1.0.0"), (first.Stage, first.Attempt, first.Version));
        Expect.Equal((null, null), (first.CallAfterSeconds, first.CallBySeconds));
        Expect.Empty(await HandOuts.FetchAsync(scene));
        await scene.ExpectHealthyAsync();
    }

    public static async Task No_task_is_handed_out_under_a_lease_that_was_lost(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.Lease + Times.Moment);

        Expect.Empty(await scene.Store.HandOutAsync(HandOuts.Request(claim, TimeSpan.Zero, HandOuts.Visible), default));
        Expect.Empty(await HandOuts.FetchAsync(scene));
    }

    public static async Task Workers_that_fetch_at_once_share_what_there_is(Scene scene)
    {
        var batch = await scene.BatchAsync(120);
        await HandOuts.HandOutAsync(scene, batch, limit: 200);

        var fetched = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() => HandOuts.FetchAsync(scene, limit: 30))));

        var items = fetched.SelectMany(tasks => tasks).Select(task => task.Item).ToList();
        Expect.Equal(items.Distinct().Count(), items.Count);
        while (await HandOuts.FetchAsync(scene, limit: 30) is { Count: > 0 } more)
        {
            items.AddRange(more.Select(task => task.Item));
        }

        Expect.Sequence(Enumerable.Range(1, 120), items.Order());
    }

    public static async Task A_worker_is_given_only_tasks_of_its_step_version_and_clients(Scene scene)
    {
        await HandOuts.HandOutAsync(scene, await scene.BatchAsync(2));

        Expect.Empty(await HandOuts.FetchAsync(scene, step: "python.other"));
        Expect.Empty(await HandOuts.FetchAsync(scene, client: "globex"));
        Expect.Empty(await HandOuts.FetchAsync(scene, version: "2.0.0"));
        Expect.Equal(2, (await HandOuts.FetchAsync(scene, client: Scene.Client, version: "1.0.0")).Count);
    }

    public static async Task Tasks_of_a_paused_batch_are_hidden_until_it_is_resumed(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await HandOuts.HandOutAsync(scene, batch);

        Expect.That(await scene.Store.SetPausedAsync(batch.Key, true, default));
        Expect.Empty(await HandOuts.FetchAsync(scene));
        Expect.That(await scene.Store.SetPausedAsync(batch.Key, false, default));

        Expect.Equal(2, (await HandOuts.FetchAsync(scene)).Count);
    }

    public static async Task A_report_is_a_delivery_that_is_applied_once_however_often_it_comes(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await HandOuts.HandOutAsync(scene, batch);
        var tasks = await HandOuts.FetchAsync(scene);

        Expect.Sequence([true, true], await HandOuts.ReportAsync(scene, tasks.Select(task => task.Task)));
        Expect.Sequence([true, true], await HandOuts.ReportAsync(scene, tasks.Select(task => task.Task)));
        await scene.ExpectHealthyAsync();

        var taken = await scene.Store.TakeDeliveriesAsync([], 10, 1 << 20, Times.Hold, default);
        Expect.Equal(2, taken.Count);
        Expect.Equal(HandOuts.Report, Encoding.UTF8.GetString(taken[0].Delivery.Body.Span));
        Expect.Equal("worker 1", JsonDocument.Parse(taken[0].Delivery.Headers).RootElement.GetProperty("worker").GetString());
        var changed = await SettleAsync(scene, claim, claim.Items.Select(item => Commits.Completed(item)), taken);
        Expect.Sequence([1, 2], changed);

        Expect.Sequence([false, false], await HandOuts.ReportAsync(scene, tasks.Select(task => task.Task)));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from external_tasks"));
        Expect.Equal(2, (await scene.ProgressAsync(batch)).Completed);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_report_with_another_token_or_of_another_identity_is_refused_and_nothing_is_written(Scene scene)
    {
        await HandOuts.HandOutAsync(scene, await scene.BatchAsync(2));
        var task = (await HandOuts.FetchAsync(scene, limit: 1))[0].Task;

        Expect.Sequence([false], await HandOuts.ReportAsync(scene, HandOuts.Forged(task)));
        Expect.Sequence([false], await scene.Store.ReportTasksAsync("http:other", [(task, HandOuts.Report)], default));
        Expect.Sequence([false], await scene.Store.ExtendTasksAsync("http:other", [task], Times.Lease, default));
        Expect.Sequence([false, false], await HandOuts.ReportAsync(scene, "", "0.1.1.1.1." + new string('0', 33)));
        Expect.Sequence([false, false], await HandOuts.ReportAsync(scene, task + "\0", "\0"));
        Expect.Sequence([false], await HandOuts.ReportAsync(scene, task.Replace(".1.", ".01.", StringComparison.Ordinal)));
        Expect.Sequence([false], await HandOuts.ReportAsync(scene, "99.9999999999.9999.9999999999.1." + new string('0', 32)));

        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from inbox"));
        Expect.Sequence([true, false], await HandOuts.ReportAsync(scene, task, HandOuts.Forged(task)));
    }

    public static async Task Of_several_names_of_one_task_the_right_ones_are_taken_in_any_order(Scene scene)
    {
        await HandOuts.HandOutAsync(scene, await scene.BatchAsync(2));
        var tasks = (await HandOuts.FetchAsync(scene)).OrderBy(task => task.Item).Select(task => task.Task).ToList();
        string[] wrong = [HandOuts.Forged(tasks[0]), HandOuts.Forged(HandOuts.Forged(tasks[0]))];

        // Two wrong tokens, so that one sorts before the right one or after it.
        Expect.Sequence(
            [false, true, false, true, true],
            await HandOuts.ExtendAsync(scene, wrong[0], tasks[0], wrong[1], tasks[0], tasks[1]));
        Expect.Sequence([false, false], await HandOuts.ReportAsync(scene, wrong));
        var reported = await scene.Store.ReportTasksAsync(
            HandOuts.Identity,
            [(wrong[0], "wrong"), (tasks[0], "first"), (wrong[1], "wrong"), (tasks[0], "second"), (tasks[1], "other")],
            default);

        Expect.Sequence([false, true, false, true, true], reported);
        var taken = await scene.Store.TakeDeliveriesAsync([], 10, 1 << 20, Times.Hold, default);
        Expect.Sequence(
            ["first", "other"],
            taken.OrderBy(each => each.Delivery.Attempt.Item).Select(each => Encoding.UTF8.GetString(each.Delivery.Body.Span)));
    }

    public static async Task A_task_that_nobody_fetches_in_its_time_is_given_to_a_host_and_never_to_a_worker(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await HandOuts.HandOutAsync(scene, batch, until: Times.Poll);
        Expect.Empty(await scene.Store.FindDueTasksAsync(10, default));

        scene.Clock.Advance(Times.Poll);

        Expect.Empty(await HandOuts.FetchAsync(scene));
        Expect.Equal(claim.Lease.Range, Expect.Single(await scene.Store.FindDueTasksAsync(10, default)));
        var due = await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Deadline, default);
        Expect.Sequence([new DueTask(1, 1, 1, 0, 1, false, null, null), new(2, 1, 1, 0, 1, false, null, null)], due);
        Expect.Empty(await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Deadline, default));

        Expect.Sequence([1, 2], await SettleAsync(scene, claim, claim.Items.Select(Withdrawn)));
        Expect.Equal((2, 0), ((await scene.ProgressAsync(batch)).Pending, (await scene.ProgressAsync(batch)).InProgress));
        Expect.Equal(0L, await Sends.OpenAttemptsAsync(scene));
        await scene.ExpectHealthyAsync();
        Expect.Equal(2, (await HandOuts.HandOutAsync(scene, batch)).Items[0].Attempt + 1);
    }

    public static async Task A_lock_that_ends_gives_the_task_to_a_host_unless_it_was_extended_or_reported(Scene scene)
    {
        var claim = await HandOuts.HandOutAsync(scene, await scene.BatchAsync(3));
        var tasks = (await HandOuts.FetchAsync(scene)).OrderBy(task => task.Item).ToList();
        await HandOuts.ReportAsync(scene, tasks[1].Task);
        scene.Clock.Advance(Times.Lease / 2);
        Expect.Sequence(
            [true, true],
            await scene.Store.ExtendTasksAsync(HandOuts.Identity, [tasks[1].Task, tasks[2].Task], Times.Lease, default));
        scene.Clock.Advance(Times.Lease / 2);

        var due = Expect.Single(await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Hold, default));
        Expect.Equal(new DueTask(1, 1, 1, 0, 1, true, null, "worker 1"), due);

        // It is still the worker's until a host has closed its attempt.
        Expect.Sequence([true], await scene.Store.ExtendTasksAsync(HandOuts.Identity, [tasks[0].Task], Times.Lease, default));
    }

    public static async Task A_task_that_was_lost_with_its_worker_is_fetched_alone_from_then_on(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await HandOuts.HandOutAsync(scene, batch);
        var late = await HandOuts.FetchAsync(scene, limit: 2);
        var lost = claim.Items.Where(item => late.Any(task => task.Item == item.Item)).ToList();
        await SettleAsync(scene, claim, lost.Select(item => Lost(item, "lost")));
        Expect.Sequence([false, false], await HandOuts.ReportAsync(scene, late.Select(task => task.Task)));

        var again = await HandOuts.HandOutAsync(scene, batch);
        var sets = new List<IReadOnlyList<FetchedTask>>();
        while (await HandOuts.FetchAsync(scene) is { Count: > 0 } set)
        {
            sets.Add(set);
        }

        Expect.Sequence([1, 1, 1], sets.Select(set => set.Count));
        scene.Clock.Advance(Times.Lease);
        var due = await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Hold, default);
        Expect.Sequence<short?>([null, 0, 0], due.Select(task => task.Alone).Order());
        await SettleAsync(scene, again, again.Items.Select(item => Lost(item, "lost alone")));

        await HandOuts.HandOutAsync(scene, batch);
        await HandOuts.FetchAsync(scene);
        scene.Clock.Advance(Times.Lease);
        Expect.Equal((short?)1, (await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Hold, default))[0].Alone);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_task_that_was_lost_with_its_worker_comes_with_no_task_of_another_bucket(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await HandOuts.HandOutAsync(scene, batch);
        await HandOuts.FetchAsync(scene);
        await SettleAsync(scene, claim, claim.Items.Select(item => Lost(item, "lost")));
        await HandOuts.HandOutAsync(scene, batch);
        for (var other = 0; other < 20; other++)
        {
            await HandOuts.HandOutAsync(scene, await scene.BatchAsync(1));
        }

        var sets = new List<IReadOnlyList<FetchedTask>>();
        while (await HandOuts.FetchAsync(scene) is { Count: > 0 } set)
        {
            sets.Add(set);
        }

        Expect.Equal(21, sets.Sum(set => set.Count));
        Expect.Equal(1, sets.Single(set => set.Any(task => task.Batch == batch.Id)).Count);
    }

    public static async Task Demand_counts_what_nobody_has_fetched_and_what_workers_want_that_are_there(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        Expect.Equal(new TaskDemand(0, 0), await DemandAsync());
        await HandOuts.HandOutAsync(scene, batch);
        await HandOuts.FetchAsync(scene, limit: 2);
        await HandOuts.FetchAsync(scene, limit: 7, identity: "http:globex", client: "globex"); // It may have none of these.

        Expect.Equal(new TaskDemand(3, 2), await DemandAsync());
        await HandOuts.FetchAsync(scene, limit: 20, version: "2.0.0");
        Expect.Equal(new TaskDemand(3, 2), await DemandAsync());
        Expect.Equal(new TaskDemand(3, 22), await DemandAsync(version: "2.0.0"));
        scene.Clock.Advance(Times.Poll + Times.Moment);
        Expect.Equal(new TaskDemand(2, 0), await DemandAsync(most: 2));

        Task<TaskDemand> DemandAsync(int most = 100, string version = "1.0.0") =>
            scene.Store.ReadDemandAsync((batch.Key, 1), HandOuts.Step, version, Scene.Client, most, Times.Poll, default);
    }

    public static async Task Cancelling_a_batch_withdraws_its_tasks_and_keeps_reports_that_come_later(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await HandOuts.HandOutAsync(scene, batch);
        var tasks = await HandOuts.FetchAsync(scene, limit: 2);
        var (task, item) = (tasks[0].Task, tasks[0].Item);

        await scene.Store.CancelAsync(batch.Key, default);
        foreach (var bucket in Enumerable.Range(0, Bucket.Count))
        {
            await scene.Store.CancelBucketAsync(batch.Key, (short)bucket, default);
        }

        Expect.Empty(await HandOuts.FetchAsync(scene));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from external_tasks"));
        Expect.Sequence([false], await HandOuts.ExtendAsync(scene, task));

        // As an answer by a callback: paid for, so it is kept.
        Expect.Sequence([false, true, true], await HandOuts.ReportAsync(scene, HandOuts.Forged(task), task, task));
        Expect.Sequence([true], await HandOuts.ReportAsync(scene, task));
        Expect.Sequence([false], await scene.Store.ReportTasksAsync("http:other", [(tasks[1].Task, HandOuts.Report)], default));
        var taken = await scene.Store.TakeDeliveriesAsync([], 10, 1 << 20, Times.Hold, default);
        Expect.Equal(item, Expect.Single(taken).Delivery.Attempt.Item);
        Expect.Empty(await SettleAsync(scene, claim, [Commits.Completed(claim.Items.Single(each => each.Item == item))], taken));

        Expect.Equal(3, (await scene.ProgressAsync(batch)).Cancelled);
        Expect.Equal(1L, await scene.Fixture.CountRawAsync($"select count(*) from attempts where item = {item} and answer is not null"));
        var delivery = Expect.Single(await scene.Store.ReadDeliveriesAsync(batch.Key, default).ToListAsync());
        Expect.Equal((DeliveryState.Ignored, "late: the state had ended"), (delivery.State, delivery.Reason));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Hidden_tasks_are_fetched_by_nobody_and_are_due_for_a_host_at_once(Scene scene)
    {
        var claim = await HandOuts.HandOutAsync(scene, await scene.BatchAsync(3));
        var fetched = (await HandOuts.FetchAsync(scene, limit: 1))[0].Item;

        Expect.Equal(2, await scene.Store.HideTasksAsync(claim.Lease.Range, [1, 2, 3], default));

        Expect.Empty(await HandOuts.FetchAsync(scene));
        var due = await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Hold, default);
        Expect.Sequence(new[] { 1, 2, 3 }.Where(item => item != fetched), due.Select(task => task.Item));
    }

    internal static StateChange Withdrawn(ClaimedItem item) => Commits.Retry(item) with
    {
        Outcome = StepOutcomeKind.Skipped,
        Tries = item.Tries,
        Waits = WaitReason.None,
        Delay = TimeSpan.Zero,
        ErrorClass = null,
        Error = "No worker fetched the task in its time.",
        ExpectedAttempt = item.Attempt + 1,
    };

    private static StateChange Lost(ClaimedItem item, string reference) => Withdrawn(item) with
    {
        Outcome = StepOutcomeKind.Unknown,
        ErrorClass = ErrorClass.OutcomeUnknown,
        Tries = (short)(item.Tries + 1),
        Reference = reference,
    };

    internal static async Task<IReadOnlyList<int>> SettleAsync(
        Scene scene,
        Claim claim,
        IEnumerable<StateChange> outcomes,
        IReadOnlyList<TakenDelivery>? taken = null)
    {
        var request = new SettleRequest(claim.Lease.Range, [.. outcomes], [.. (taken ?? []).Select(delivery => delivery.Delivery.Message)])
        {
            IsExternal = true,
        };
        return [.. (await scene.Store.SettleAsync(request, default)).Order()];
    }
}
