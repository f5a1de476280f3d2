using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Testing.Cases;

/// <summary>What cancelling and operators do to asks, and to the items that wait for them.</summary>
internal static class WithdrawnAsks
{
    public static async Task Cancelling_one_who_waits_leaves_the_ask_to_the_others(Scene scene)
    {
        var (cancelled, other, asks) = (await scene.BatchAsync(2), await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(cancelled));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(other));

        await scene.Store.CancelAsync(cancelled.Key, default);

        Expect.That((await scene.StatesAsync(cancelled)).All(state => state.Status == Status.Cancelled));
        Expect.Equal(2, await Asks.EndAndShareAsync(scene, asks));
        Expect.Equal(2, (await scene.ProgressAsync(other)).Completed);
        Expect.That((await scene.StatesAsync(cancelled)).All(state => state.Status == Status.Cancelled));
        await scene.ExpectHealthyAsync();
    }

    public static async Task What_was_cancelled_waits_no_more_and_waits_anew_after_a_retry(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var (ask, _) = await Asks.WaitAsync(scene, asks, claim);
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(await scene.BatchAsync(1)));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from entity_waits"));
        Expect.Equal(2, await scene.Store.RetryAsync(batch.Key, 1, [1, 2], sameKey: false, default));
        Expect.Equal(ask, (await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch))).Ask);
        Expect.Equal(3, await Asks.EndAndShareAsync(scene, asks));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waits"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_ask_that_was_cancelled_sends_back_who_waits_for_it(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        await Asks.WaitAsync(scene, asks, claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        await scene.Store.CancelAsync(asks.Batch, default);
        await scene.ExpectHealthyAsync();

        Expect.Equal(2, await scene.Store.ShareAsync(Expect.Single(await scene.Store.FindToAdvanceAsync(10, default)), null, default));

        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.That((await scene.StatesAsync(batch)).All(state => state is { Status: Status.Pending, Tries: 0 }));
        await scene.ExpectHealthyAsync();
        var again = await Asks.OpenAsync(scene);
        Expect.Equal(asks.Batch, again.Batch);
        Expect.That(Expect.Single(await Asks.AskAsync(scene, again, 0, "acme.com")).Made);
        Expect.Equal(2, (await scene.ClaimAsync(batch)).Items.Count);
    }

    public static async Task An_ask_that_an_operator_ends_is_shared_with_who_waits_for_it(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var (ask, _) = await Asks.WaitAsync(scene, asks, claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        Expect.Equal(1, await scene.Store.EndByHandAsync(
            ByHand.Supply(await scene.Store.LoadBatchAsync(asks.Batch, default), 1, [ask.Item], advances: false), default));

        await scene.ExpectHealthyAsync();
        Expect.Equal(2, await scene.Store.ShareAsync(Expect.Single(await scene.Store.FindToAdvanceAsync(10, default)), null, default));
        Expect.Equal(2, (await scene.ProgressAsync(batch)).Completed);
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_failed_ask_that_an_operator_ends_before_it_is_shared_counts_once(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var (ask, _) = await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await Asks.EndAsync(scene, asks, item => Commits.Failed(item));

        Expect.Equal(1, await scene.Store.EndByHandAsync(
            ByHand.Supply(await scene.Store.LoadBatchAsync(asks.Batch, default), 1, [ask.Item], advances: false), default));

        Expect.Equal(2, await scene.Store.ShareAsync(ask.Range, null, default));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_ask_that_nobody_waits_for_any_more_is_withdrawn(Scene scene)
    {
        var (one, other, asks) = (await scene.BatchAsync(2), await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var batch = await scene.Store.LoadBatchAsync(asks.Batch, default);
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(one));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(other));

        await scene.Store.CancelAsync(one.Key, default);
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Pending);
        await scene.Store.CancelAsync(other.Key, default);

        Expect.That(!await scene.IsDueAsync(batch));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Cancelled);
        await scene.ExpectHealthyAsync();
        foreach (var range in await scene.Store.FindToAdvanceAsync(10, default))
        {
            Expect.Equal(0, await scene.Store.ShareAsync(range, null, default));
        }

        Expect.That(Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_ask_that_a_host_has_in_hand_is_not_withdrawn(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        var calling = await scene.ClaimAsync(await scene.Store.LoadBatchAsync(asks.Batch, default));

        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Equal(1, (await scene.Store.CommitAsync(new(calling.Lease, "host", AttemptsAreOpen: false,
            [Asks.Answered(Expect.Single(calling.Items))]) { Asks = true }, default)).Count);
        Expect.Equal(0, await scene.Store.ShareAsync(calling.Lease.Range, null, default));
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com")).Kind!.Value);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Who_asked_and_had_yet_to_wait_when_the_ask_was_withdrawn_asks_anew(Scene scene)
    {
        var (cancelled, other, asks) = (await scene.BatchAsync(2), await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(other);
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(cancelled));
        var asked = Expect.Single(await Asks.AskAsync(scene, asks, claim.Lease.Range.Bucket, "acme.com"));

        await scene.Store.CancelAsync(cancelled.Key, default);
        var ended = await Asks.AwaitAsync(scene, claim, asked.Ask);

        Expect.Equal(asked.Ask, Expect.Single(ended));
        Expect.Equal(2, await scene.Store.ShareAsync(asked.Ask.Range, [asked.Ask.Item], default));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        var again = await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(other));
        Expect.That(again.Ask != asked.Ask);
        Expect.Equal(2, await Asks.EndAndShareAsync(scene, asks));
        Expect.Equal(2, (await scene.ProgressAsync(other)).Completed);
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_sweep_frees_who_waits_for_an_ask_that_is_gone(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await scene.Fixture.ExecuteRawAsync($"update entity_waits set ask_item = ask_item + 1 where batch = {batch.Key}");

        Expect.Equal(2, await scene.Store.TendAsksAsync(default));

        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status is Status.Pending or Status.Queued));
    }
}
