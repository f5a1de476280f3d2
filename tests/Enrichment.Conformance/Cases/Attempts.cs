using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Attempts
{
    public static async Task An_attempt_is_on_record_before_its_call_and_closed_after_it(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);

        Expect.Sequence([1, 2], (await BeginAsync(scene, claim)).Order());
        Expect.Equal(2, await OpenAsync(scene));
        scene.Clock.Advance(Times.Moment);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i) with { Cost = 1.25m }), begun: true);

        Expect.Equal(0, await OpenAsync(scene));
        Expect.Equal(2, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
        var entries = (await scene.TimelineAsync(batch, 1))
            .Where(e => e.Attempt == 1 && e.What.StartsWith("attempt", StringComparison.Ordinal))
            .ToList();
        Expect.Sequence([scene.Clock.GetUtcNow() - Times.Moment, scene.Clock.GetUtcNow()], entries.Select(e => e.At));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Beginning_changes_no_state_and_uses_up_the_number_only_with_the_commit(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);

        Expect.Equal((Status.Queued, 0), ((await scene.StateAsync(batch, 1)).Status, (await scene.StateAsync(batch, 1)).Attempt));
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Retry(i)), begun: true);
        Expect.Equal((Status.Pending, 1), ((await scene.StateAsync(batch, 1)).Status, (await scene.StateAsync(batch, 1)).Attempt));
    }

    public static async Task No_attempt_begins_under_a_stale_or_expired_lease(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);

        Expect.Empty(await BeginAsync(scene, claim with { Lease = claim.Lease with { Token = claim.Lease.Token + 1 } }));
        scene.Clock.Advance(Times.PastTheLease);
        Expect.Empty(await BeginAsync(scene, claim));

        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
    }

    public static async Task No_attempt_begins_for_a_state_that_is_done_or_was_claimed_otherwise(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[0])]);

        var allowed = await scene.Store.BeginAttemptsAsync(
            claim.Lease,
            "host",
            [
                Commits.Begin(claim.Items[0]),
                Commits.Begin(claim.Items[1]) with
                {
                    Attempt = 2,
                },
                Commits.Begin(claim.Items[2]) with
                {
                    Generation = 2,
                },
            ],
            default);

        Expect.Empty(allowed);
    }

    public static async Task An_attempt_begins_once(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);

        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => BeginAsync(scene, claim))));

        Expect.Equal(1, Expect.Single(begun.SelectMany(b => b)));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
    }

    public static async Task An_answer_in_stale_hands_is_kept_on_its_attempt_and_changes_no_state(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        scene.Clock.Advance(Times.PastTheLease);

        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true)), begun: true));

        Expect.Equal(
            2,
            await scene.Fixture.CountRawAsync("select count(*) from attempts where answer is not null and ended_at is not null"));
        Expect.Empty(await scene.ResultsAsync(batch));
        Expect.That((await scene.StatesAsync(batch)).All(s => s is { Stage: 1, Status: Status.Pending }));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_that_comes_after_its_attempt_was_closed_as_unknown_is_kept_too(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        Expect.Sequence(
            [1],
            await scene.CommitAsync(
                lost,
                [Commits.Unknown((await scene.Store.ReadLostAsync(lost, default))[0], Status.Failed)],
                begun: true,
                owner: "sweeper"));

        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)), begun: true));

        Expect.Equal(
            1,
            await scene.Fixture.CountRawAsync(
                $"select count(*) from attempts where answer is not null and outcome = {(int)StepOutcomeKind.Unknown}"));
        Expect.Equal(
            (Status.Failed, (ErrorClass?)ErrorClass.OutcomeUnknown),
            ((await scene.StateAsync(batch, 1)).Status, (await scene.StateAsync(batch, 1)).ErrorClass));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_whose_item_fails_all_the_same_is_kept_on_its_attempt(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);

        await scene.CommitAsync(
            claim.Lease,
            claim.Items.Select(i =>
                Commits.Failed(i, error: "cannot be stored") with
                {
                    Result = Encoding.UTF8.GetBytes(Commits.Answer(i)),
                }),
            begun: true);

        Expect.That((await scene.StatesAsync(batch)).All(s => s.Status == Status.Failed));
        Expect.Equal(
            2,
            await scene.Fixture.CountRawAsync("select count(*) from attempts where answer is not null and ended_at is not null"));
        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from enrichment_results"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_cost_that_was_said_last_of_an_attempt_counts(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        var item = claim.Items[0];

        await scene.CommitAsync(claim.Lease, [Commits.Failed(item) with { Cost = 1m }], begun: true);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(item) with { Cost = 2.5m }], begun: true);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(item)], begun: true);

        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from attempts where cost = 2.5"));
    }

    public static async Task The_cost_of_a_step_without_effects_is_kept_whatever_it_ends_with(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);

        await scene.CommitAsync(
            claim.Lease,
            [
                Commits.Completed(claim.Items[0]) with
                {
                    Cost = 0.1m,
                },
                Commits.Failed(claim.Items[1]) with
                {
                    Cost = 0.2m,
                },
                Commits.Completed(claim.Items[2]),
            ]);

        Expect.Equal(2, await scene.Fixture.CountRawAsync("select count(*) from attempts where cost is not null and ended_at is not null"));
        Expect.Equal(2, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_repeated_commit_of_a_begun_attempt_keeps_no_second_answer(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)), begun: true);

        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)), begun: true));

        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from attempts where answer is not null"));
    }

    public static async Task An_attempt_left_open_by_a_lost_host_is_closed_and_its_number_never_used_again(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        var open = Expect.Single(await scene.Store.ReadLostAsync(lost, default));
        Expect.Equal(new LostItem(1, 1, 0, 0, 1), open);

        await scene.CommitAsync(lost, [Commits.Unknown(open, Status.Pending)], begun: true, owner: "sweeper");
        await scene.Store.SplitAsync(lost, [], default);

        Expect.Equal(0, await OpenAsync(scene));
        var item = Expect.Single((await scene.ClaimAsync(batch)).Items);
        Expect.Equal((1, (short)1), (item.Attempt, item.Tries));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_item_whose_answer_came_too_late_is_not_held_up_by_its_closed_attempt(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        scene.Clock.Advance(Times.PastTheLease);
        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)), begun: true));

        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        var item = Expect.Single(await scene.Store.ReadLostAsync(lost, default));
        Expect.Equal(new LostItem(1, 1, 0, 0, 1), item);
        Expect.Sequence([1], await scene.CommitAsync(lost, [Commits.Unknown(item, Status.Pending)], begun: true, owner: "sweeper"));
        await scene.Store.SplitAsync(lost, [], default);

        Expect.Sequence([1], await BeginAsync(scene, await scene.ClaimAsync(batch)));
        Expect.Equal(2, await scene.Fixture.CountRawAsync("select count(*) from attempts"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_commit_that_was_refused_for_its_date_counts_once_the_lease_is_renewed(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        scene.Clock.Advance(Times.PastTheLease);
        var outcomes = claim.Items.Select(i => Commits.Completed(i, advances: true)).ToList();
        Expect.Empty(await scene.CommitAsync(claim.Lease, outcomes, begun: true));

        Expect.Equal(1, scene.Store.Renew("host", [claim.Lease], Times.Lease).Count);
        Expect.Sequence([1, 2], (await scene.CommitAsync(claim.Lease, outcomes, begun: true)).Order());

        Expect.Equal(2, (await scene.ResultsAsync(batch)).Count);
        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from attempts where answer is not null"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_attempt_whose_batch_was_cancelled_and_whose_host_was_lost_is_closed(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);
        await BeginAsync(scene, claim);
        await scene.Store.CancelAsync(batch.Key, default);
        scene.Clock.Advance(Times.PastTheLease);

        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        Expect.Empty(await scene.Store.ReadLostAsync(lost, default));
        await scene.Store.SplitAsync(lost, [], default);

        Expect.Equal(2, await scene.Fixture.CountRawAsync($"select count(*) from attempts where outcome = {(int)StepOutcomeKind.Unknown}"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_retry_never_meets_a_number_that_was_begun_before_the_cancel(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        await scene.WorkAsync(batch, 1, advances: true);
        var claim = await scene.ClaimAsync(batch, 2);
        await BeginAsync(scene, claim);
        await scene.Store.CancelAsync(batch.Key, default);
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);
        Expect.Empty(await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)), begun: true));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        await scene.WorkAsync(batch, 1, advances: true);

        var again = await scene.ClaimAsync(batch, 2);

        Expect.Equal(1, Expect.Single(again.Items).Attempt);
        Expect.Sequence([1], await BeginAsync(scene, again));
        Expect.Sequence([1], await scene.CommitAsync(again.Lease, again.Items.Select(i => Commits.Completed(i)), begun: true));
        await scene.Store.ReleaseAsync(again.Lease, evenIfDue: false, default);
        await scene.ExpectHealthyAsync();
    }

    private static Task<IReadOnlyList<int>> BeginAsync(Scene scene, Claim claim) =>
        scene.Store.BeginAttemptsAsync(claim.Lease, "host", [.. claim.Items.Select(Commits.Begin)], default);

    private static Task<long> OpenAsync(Scene scene) => scene.Fixture.CountRawAsync("select count(*) from attempts where ended_at is null");
}
