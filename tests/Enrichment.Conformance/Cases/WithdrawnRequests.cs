using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>What cancelling and operators do to asks, and to the items that wait for them.</summary>
internal static class WithdrawnRequests
{
    public static async Task Cancelling_one_waiter_leaves_the_request_to_the_others(Scene scene)
    {
        var (cancelled, other, requests) = (await scene.BatchAsync(2), await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(cancelled));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(other));

        await scene.Store.CancelAsync(cancelled.Key, default);

        Expect.That((await scene.StatesAsync(cancelled)).All(state => state.Status == Status.Cancelled));
        Expect.Equal(2, await EntityScene.EndAndShareAsync(scene, requests));
        Expect.Equal(2, (await scene.ProgressAsync(other)).Completed);
        Expect.That((await scene.StatesAsync(cancelled)).All(state => state.Status == Status.Cancelled));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_cancelled_waiter_waits_no_more_and_waits_anew_after_a_retry(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var (request, _) = await EntityScene.WaitAsync(scene, requests, claim);
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(await scene.BatchAsync(1)));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from entity_waiters"));
        Expect.Equal(2, await scene.Store.RetryAsync(batch.Key, 1, [1, 2], sameKey: false, default));
        Expect.Equal(request, (await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch))).EntityRequest);
        Expect.Equal(3, await EntityScene.EndAndShareAsync(scene, requests));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waiters"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_cancelled_request_sends_its_waiters_back(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        await EntityScene.WaitAsync(scene, requests, claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        await scene.Store.CancelAsync(requests.Batch, default);
        await scene.ExpectHealthyAsync();

        var range = Expect.Single(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.Equal(2, (await scene.Store.CompleteWaitersAsync(range, null, default)).Total());

        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.That((await scene.StatesAsync(batch)).All(state => state is { Status: Status.Pending, Tries: 0 }));
        await scene.ExpectHealthyAsync();
        var again = await EntityScene.OpenAsync(scene);
        Expect.Equal(requests.Batch, again.Batch);
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, again, 0, "acme.com")).Made);
        Expect.Equal(2, (await scene.ClaimAsync(batch)).Items.Count);
    }

    public static async Task A_request_that_an_operator_ends_completes_its_waiters(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var (request, _) = await EntityScene.WaitAsync(scene, requests, claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        Expect.Equal(1, await scene.Store.ResolveAsync(
            Resolving.Supply(await scene.Store.LoadBatchAsync(requests.Batch, default), 1, [request.Item], advances: false), default));

        await scene.ExpectHealthyAsync();
        var range = Expect.Single(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.Equal(2, (await scene.Store.CompleteWaitersAsync(range, null, default)).Total());
        Expect.Equal(2, (await scene.ProgressAsync(batch)).Completed);
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_failed_request_that_an_operator_ends_before_its_waiters_end_counts_once(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var (request, _) = await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        await EntityScene.EndAsync(scene, requests, item => Commits.Failed(item));

        Expect.Equal(1, await scene.Store.ResolveAsync(
            Resolving.Supply(await scene.Store.LoadBatchAsync(requests.Batch, default), 1, [request.Item], advances: false), default));

        Expect.Equal(2, (await scene.Store.CompleteWaitersAsync(request.Range, null, default)).Total());
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_request_without_waiters_is_withdrawn(Scene scene)
    {
        var (one, other, requests) = (await scene.BatchAsync(2), await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var batch = await scene.Store.LoadBatchAsync(requests.Batch, default);
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(one));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(other));

        await scene.Store.CancelAsync(one.Key, default);
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Pending);
        await scene.Store.CancelAsync(other.Key, default);

        Expect.That(!await scene.IsDueAsync(batch));
        Expect.Equal(1, (await scene.ProgressAsync(batch)).Cancelled);
        await scene.ExpectHealthyAsync();
        foreach (var range in await scene.Store.FindToAdvanceAsync(10, default))
        {
            Expect.Equal(0, (await scene.Store.CompleteWaitersAsync(range, null, default)).Total());
        }

        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_request_that_a_host_has_in_hand_is_not_withdrawn(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        var calling = await scene.ClaimAsync(await scene.Store.LoadBatchAsync(requests.Batch, default));

        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Equal(1, (await scene.Store.CommitAsync(new(calling.Lease, "host", AttemptsAreOpen: false,
            [EntityScene.Answered(Expect.Single(calling.Items))]) { IsRequestBatch = true }, default)).Count);
        Expect.Equal(0, (await scene.Store.CompleteWaitersAsync(calling.Lease.Range, null, default)).Total());
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com")).Kind!.Value);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_withdrawn_request_is_requested_again_by_its_waiters(Scene scene)
    {
        var (cancelled, other, requests) = (await scene.BatchAsync(2), await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(other);
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(cancelled));
        var requested = Expect.Single(await EntityScene.RequestAsync(scene, requests, claim.Lease.Range.Bucket, "acme.com"));

        await scene.Store.CancelAsync(cancelled.Key, default);
        var ended = await EntityScene.AwaitEntitiesAsync(scene, claim, requested.EntityRequest);

        Expect.Equal(requested.EntityRequest, Expect.Single(ended));
        Expect.Equal(
            2,
            (await scene.Store.CompleteWaitersAsync(requested.EntityRequest.Range, [requested.EntityRequest.Item], default)).Total());
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        var again = await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(other));
        Expect.That(again.EntityRequest != requested.EntityRequest);
        Expect.Equal(2, await EntityScene.EndAndShareAsync(scene, requests));
        Expect.Equal(2, (await scene.ProgressAsync(other)).Completed);
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_sweep_sends_back_waiters_of_a_request_that_is_gone(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        await scene.Fixture.ExecuteRawAsync($"update entity_waiters set request_item = request_item + 1 where batch = {batch.Key}");

        Expect.Equal(2, (await scene.Store.ReconcileRequestsAsync(default)).Total());

        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status is Status.Pending or Status.Queued));
    }
}
