using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>An operator's retry of items from a stage.</summary>
internal static class Retrying
{
    public static async Task A_retry_keeps_the_key_of_a_call_of_which_nobody_knows_if_it_is_asked_to(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        Expect.Sequence([1, 1, 1], claim.Items.Select(i => (int)i.KeyGeneration));
        await EndAsync(scene, claim, Commits.Silent(claim.Items[0]), Commits.Failed(claim.Items[1]), Commits.Silent(claim.Items[2]));

        Expect.Equal(2, await scene.Store.RetryAsync(batch.Key, 1, [1, 2], sameKey: true, default));
        Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, 1, [3], sameKey: false, default));
        var again = await scene.ClaimAsync(batch);
        Expect.Sequence(
            [(1, 2, 1), (2, 2, 2), (3, 2, 2)],
            again.Items.Select(i => (i.Item, (int)i.Generation, (int)i.KeyGeneration)),
            "what failed otherwise has a key of its own");
        await EndAsync(scene, again, [.. again.Items.Select(i => Commits.Silent(i))]);

        Expect.Equal(3, await scene.Store.RetryAsync(batch.Key, 1, [1, 2, 3], sameKey: true, default));
        var third = await Sends.SendAsync(scene, batch, Sends.Polled);
        Expect.Sequence([(3, 1), (3, 2), (3, 2)], third.Items.Select(i => ((int)i.Generation, (int)i.KeyGeneration)));
        await scene.Store.ReceiveAsync([.. third.Items.Select(i => Sends.Delivery(third, i))], default);
        Expect.Sequence(
            [1, 2, 2],
            (await scene.Store.TakeDeliveriesAsync([], 10, 1 << 20, Times.Hold, default))
                .OrderBy(d => d.Delivery.Attempt.Item)
                .Select(d => (int)d.KeyGeneration));
        scene.Clock.Advance(Times.Poll);
        var range = Expect.Single(await scene.Store.FindDueTimersAsync([], 10, default));
        Expect.Sequence(
            [1, 2, 2],
            (await scene.Store.TakeDueTimersAsync(range, 10, Times.Hold, default)).OrderBy(w => w.Item).Select(w => (int)w.KeyGeneration));
        await Sends.SettleAsync(scene, third, third.Items.Select(i => Commits.Silent(i)));

        Expect.Equal(3, await scene.Store.RetryAsync(batch.Key, 1, [1, 2, 3], sameKey: false, default));
        Expect.Sequence([Kept(1), Kept(1), null], await RetriesAsync(1));
        Expect.Sequence([null, Kept(2), null], await RetriesAsync(2));
        Expect.Sequence([4, 4, 4], (await scene.ClaimAsync(batch)).Items.Select(i => (int)i.KeyGeneration));
        await scene.ExpectHealthyAsync();

        static string Kept(int generation) => $"its calls keep the idempotency key of generation {generation}";

        async Task<IEnumerable<string?>> RetriesAsync(int item) =>
            (await scene.TimelineAsync(batch, item))
                .Where(e => e.What == "replaced by a new generation")
                .OrderBy(e => e.Generation)
                .Select(e => e.Detail);

        static async Task EndAsync(Scene scene, Claim claim, params StateChange[] outcomes)
        {
            await scene.CommitAsync(claim.Lease, outcomes);
            await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        }
    }

    public static async Task A_retry_begins_a_new_generation_and_moves_later_states_to_the_history(Scene scene)
    {
        var batch = await scene.BatchAsync(4, stages: 3);
        await scene.FinishAsync(batch, 3);
        var results = await scene.Fixture.CountRawAsync("select count(*) from enrichment_results");

        Expect.Equal(2, await scene.Store.RetryAsync(batch.Key, 2, [1, 3], sameKey: false, default));

        Expect.Equal(BatchStatus.Running, (await scene.ReloadAsync(batch)).Status);
        Expect.Null((await scene.ReloadAsync(batch)).CompletedAt);
        var state = await scene.StateAsync(batch, 1, 2);
        Expect.Equal((Status.Pending, (short)2, 1, (short)0), (state.Status, state.Generation, state.Attempt, state.Tries));
        Expect.Sequence(
            [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2), (4, 1), (4, 2), (4, 3)],
            (await scene.StatesAsync(batch)).Select(s => (s.Item, (int)s.Stage)));
        Expect.Equal(4, await scene.Fixture.CountRawAsync("select count(*) from state_history"));
        Expect.Equal(results, await scene.Fixture.CountRawAsync("select count(*) from enrichment_results"));
        Expect.Equal(8, (await scene.ResultsAsync(batch)).Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Attempt_numbers_are_never_used_again_not_even_in_later_stages(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        var used = new HashSet<(short Stage, int Attempt)>();
        StateChange Once(ClaimedItem item, short stage, bool advances)
        {
            Expect.That(used.Add((stage, item.Attempt + 1)));
            return Commits.Completed(item, advances);
        }

        for (var generation = 1; generation <= 4; generation++)
        {
            await scene.WorkAsync(batch, 1, outcome: i => Once(i, 1, advances: true));
            await scene.WorkAsync(batch, 2, outcome: i => Once(i, 2, advances: false));
            Expect.Equal(generation, (await scene.StateAsync(batch, 1, 2)).Generation);
            Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default));
        }

        Expect.Equal(8, used.Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Generations_of_a_stage_grow_whatever_stage_is_retried(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 3);
        await scene.FinishAsync(batch, 3);
        var seen = new Dictionary<short, short> { [1] = 1, [2] = 1, [3] = 1 };
        foreach (short from in new[] { 3, 2, 3, 1, 1, 2, 1 })
        {
            Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, from, [1], sameKey: false, default));
            await scene.FinishAsync(batch, 3);
            foreach (var state in (await scene.StatesAsync(batch)).Where(s => s.Stage >= from))
            {
                Expect.That(state.Generation > seen[state.Stage]);
                seen[state.Stage] = state.Generation;
            }
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task An_item_whose_pipeline_has_not_ended_is_not_retried(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[0], advances: true), Commits.Failed(claim.Items[1])]);

        Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, 1, [1, 2, 3], sameKey: false, default));

        Expect.Equal((short)2, (await scene.StateAsync(batch, 2)).Generation);
        Expect.Equal((short)1, (await scene.StateAsync(batch, 1)).Generation);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Nothing_to_retry_leaves_the_batch_as_it_ended(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        await scene.FinishAsync(batch, 2);

        Expect.Equal(0, await scene.Store.RetryAsync(batch.Key, 1, [], sameKey: false, default));
        Expect.Equal(0, await scene.Store.RetryAsync(batch.Key, 1, [99], sameKey: false, default));

        Expect.Equal(BatchStatus.Completed, (await scene.ReloadAsync(batch)).Status);
        Expect.Sequence(["launched", "completed"], await Control.EventsAsync(scene, batch));
    }

    public static async Task Each_completion_after_a_retry_is_recorded(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await scene.WorkAsync(batch, outcome: i => i.Item == 2 ? Commits.Failed(i) : Commits.Completed(i));
        await scene.Store.CompleteBatchesAsync(default);
        await scene.Store.RetryAsync(batch.Key, 1, [2], sameKey: false, default);

        await scene.FinishAsync(batch);

        Expect.Equal(BatchStatus.Completed, (await scene.ReloadAsync(batch)).Status);
        Expect.Sequence(["launched", "completed", "retried", "completed"], await Control.EventsAsync(scene, batch));
        Expect.Equal(
            new StageCounts
            {
                Stage = 1,
                Pending = 0,
                InProgress = 0,
                Completed = 3,
                Failed = 0,
                Skipped = 0,
                Cancelled = 0,
                ToAdvance = 0,
            },
            await scene.ProgressAsync(batch));
    }

    public static async Task A_cancelled_item_can_be_retried(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Equal(2, await scene.Store.RetryAsync(batch.Key, 1, [1, 2], sameKey: false, default));

        Expect.Equal(2, await scene.WorkAsync(batch));
        Expect.Equal(Status.Cancelled, (await scene.StateAsync(batch, 3)).Status);
        Expect.Equal(1, (await scene.Store.CompleteBatchesAsync(default)).Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_late_commit_of_an_earlier_generation_changes_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Failed(claim.Items[0])]);
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);

        Expect.Empty(await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[0])]));
        Expect.Empty(await scene.CommitAsync(claim.Lease, [Commits.Completed(claim.Items[0]) with { ExpectedAttempt = 1, Attempt = 2 }]));
    }
}
