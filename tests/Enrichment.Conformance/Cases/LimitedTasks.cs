using System.Globalization;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class LimitedTasks
{
    public static async Task A_limited_task_says_when_its_call_may_leave(Scene scene)
    {
        await HandOuts.HandOutAsync(scene, await scene.BatchAsync(1), after: TimeSpan.FromSeconds(2), until: TimeSpan.FromSeconds(3));
        scene.Clock.Advance(TimeSpan.FromSeconds(1));

        var task = Expect.Single(await HandOuts.FetchAsync(scene));

        Expect.Equal((1.0, 2.0), (task.CallAfterSeconds!.Value, task.CallBySeconds!.Value));
    }

    public static async Task While_a_worker_has_a_trial_call_there_is_no_other_and_its_report_decides(Scene scene)
    {
        var (claim, trial) = await HandOutTrialAsync(scene, HandOuts.Visible);
        var task = Expect.Single(await HandOuts.FetchAsync(scene)).Task;
        scene.Clock.Advance(Times.Lease * 2);
        var refused = await Limiting.LeaseAsync(scene);
        Expect.Equal((0, TimeSpan.FromSeconds(1)), (refused.Block, refused.Wait));
        Expect.That(!await scene.Store.CountFailuresAsync(Limiting.Limit, 5, answered: true, 1, default), "late news of other calls");
        Expect.Equal(0, (await Limiting.LeaseAsync(scene)).Block);

        await HandOuts.ReportAsync(scene, task);
        var report = Expect.Single(await scene.Store.TakeDeliveriesAsync([], 10, 1 << 20, Times.Hold, default));
        var headers = JsonDocument.Parse(report.Delivery.Headers).RootElement;
        Expect.Equal(trial.ToString(CultureInfo.InvariantCulture), headers.GetProperty("trial").GetString());
        await scene.Store.ReturnPermitsAsync(new(new(Limiting.Limit, trial), Unused: 0, Answered: false, Failed: true), default);
        Expect.Equal(BlockEnd.FirstPause * 2, (await Limiting.LeaseAsync(scene)).Wait);
        Expect.Sequence([1], await Tasks.SettleAsync(scene, claim, claim.Items.Select(item => Commits.Completed(item)), [report]));

        scene.Clock.Advance(BlockEnd.FirstPause * 2);
        var next = await Limiting.LeaseAsync(scene);
        await scene.Store.ReturnPermitsAsync(new(new(Limiting.Limit, next.Block), 0, false, false) { IsOut = true }, default);
        await scene.Store.ReturnPermitsAsync(new(new(Limiting.Limit, next.Block), 0, Answered: true, Failed: false), default);
        Expect.Equal(10, (await Limiting.LeaseAsync(scene)).Calls);
    }

    public static async Task A_trial_call_that_no_worker_makes_is_followed_by_another_when_its_task_is_withdrawn(Scene scene)
    {
        var (claim, _) = await HandOutTrialAsync(scene, Times.Poll);
        scene.Clock.Advance(Times.Poll);
        Expect.Equal(0, (await Limiting.LeaseAsync(scene)).Block);
        await scene.Store.TakeDueTasksAsync(claim.Lease.Range, 10, Times.Hold, Times.Hold, default);

        await Tasks.SettleAsync(scene, claim, claim.Items.Select(Tasks.Withdrawn));

        Expect.Equal((1, true), await Limiting.LeaseAsync(scene) is var next ? (next.Calls, next.IsTrial) : default);
    }

    public static async Task A_trial_call_of_which_nothing_is_heard_holds_others_back_for_a_quarter_of_an_hour(Scene scene)
    {
        await HandOutTrialAsync(scene, HandOuts.Visible);
        scene.Clock.Advance(TimeSpan.FromMinutes(15) - Times.Moment);
        Expect.Equal(0, (await Limiting.LeaseAsync(scene)).Block);

        scene.Clock.Advance(Times.Moment);

        Expect.Equal(1, (await Limiting.LeaseAsync(scene)).Calls);
    }

    public static async Task A_task_whose_permit_is_older_than_a_pause_is_fetched_only_after_the_pause(Scene scene)
    {
        await HandOutLateAsync(scene, () => scene.Store.PauseLimitAsync(Limiting.Limit, BlockEnd.FirstPause, failing: false, default));
        Expect.Empty(await HandOuts.FetchAsync(scene));

        scene.Clock.Advance(BlockEnd.FirstPause);

        Expect.Single(await HandOuts.FetchAsync(scene));
    }

    public static async Task A_worker_that_is_told_to_slow_down_hides_the_tasks_of_the_limit_until_then(Scene scene)
    {
        await HandOutLateAsync(scene, () => scene.Store.SlowDownAsync(Limiting.Limit, Times.Poll, Times.Poll, Times.Poll, default));
        Expect.Empty(await HandOuts.FetchAsync(scene));

        scene.Clock.Advance(Times.Poll);

        Expect.Single(await HandOuts.FetchAsync(scene));
    }

    public static async Task Of_a_failing_vendor_only_the_trial_call_is_fetched_until_it_is_answered(Scene scene)
    {
        var late = await HandOutLateAsync(
            scene,
            () => scene.Store.PauseLimitAsync(Limiting.Limit, Times.Moment, failing: true, default));
        Expect.Empty(await HandOuts.FetchAsync(scene));
        scene.Clock.Advance(Times.Moment);
        Expect.Empty(await HandOuts.FetchAsync(scene));

        var (_, trial) = await HandOutTrialAsync(scene, HandOuts.Visible);

        Expect.That(Expect.Single(await HandOuts.FetchAsync(scene)).Batch != late.Id, "the trial call is fetched");
        Expect.Empty(await HandOuts.FetchAsync(scene));
        await scene.Store.ReturnPermitsAsync(new(new(Limiting.Limit, trial), Unused: 0, Answered: true, Failed: false), default);
        Expect.Equal(late.Id, Expect.Single(await HandOuts.FetchAsync(scene)).Batch);
    }

    public static async Task A_pause_hides_no_task_of_another_limit_or_without_one(Scene scene)
    {
        var other = await scene.BatchAsync(1);
        await scene.Store.BindLimitAsync(other.Key, 1, LimitKey.Of("acme", "vendor"), untilAnswered: false, default);
        await HandOuts.HandOutAsync(scene, other, after: TimeSpan.Zero);
        var free = await scene.BatchAsync(1);
        await scene.Store.BindLimitAsync(free.Key, 1, Limiting.Limit, untilAnswered: false, default);
        await HandOuts.HandOutAsync(scene, free);

        await scene.Store.PauseLimitAsync(Limiting.Limit, BlockEnd.FirstPause, failing: true, default);

        Expect.Sequence(
            new[] { other.Id, free.Id }.Order(),
            (await HandOuts.FetchAsync(scene)).Select(task => task.Batch).Order());
    }

    /// <summary>Hands a task out whose block was given before the limit is paused.</summary>
    private static async Task<Batch> HandOutLateAsync(Scene scene, Func<Task> pause)
    {
        var batch = await scene.BatchAsync(1);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limiting.Limit, untilAnswered: true, default);
        Expect.That((await Limiting.LeaseAsync(scene)).Block > 0);
        await pause();
        await HandOuts.HandOutAsync(scene, batch, after: TimeSpan.Zero);
        return batch;
    }

    /// <summary>Hands the trial call of a failing vendor out.</summary>
    private static async Task<(Claim Claim, long Trial)> HandOutTrialAsync(Scene scene, TimeSpan until)
    {
        var batch = await scene.BatchAsync(1);
        await scene.Store.BindLimitAsync(batch.Key, 1, Limiting.Limit, untilAnswered: true, default);
        await scene.Store.PauseLimitAsync(Limiting.Limit, Times.Moment, failing: true, default);
        scene.Clock.Advance(Times.Moment);
        var trial = await Limiting.LeaseAsync(scene);
        Expect.Equal((1, true), (trial.Calls, trial.IsTrial));
        var claim = await scene.ClaimAsync(batch);
        var request = HandOuts.Request(claim, TimeSpan.Zero, until, limited: true);
        await scene.Store.HandOutAsync(request with { Tasks = [request.Tasks[0] with { Trial = trial.Block }] }, default);
        await scene.Store.ReturnPermitsAsync(new(new(Limiting.Limit, trial.Block), 0, false, false) { IsOut = true }, default);
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));
        return (claim, trial.Block);
    }
}
