using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>Items that wait for an ask complete, fail or are skipped with it, never before it.</summary>
internal static class EntityWaiters
{
    public static async Task Items_wait_visibly_and_complete_with_their_entity(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(3, stages: 2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);

        var (request, ended) = await EntityScene.WaitAsync(scene, requests, claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        Expect.Empty(ended);
        Expect.That((await scene.StatesAsync(batch)).All(state => state is { Status: Status.InProgress, Reason: "entity", Attempt: 0 }));
        Expect.Equal((0, 3), ((await scene.ProgressAsync(batch)).Pending, (await scene.ProgressAsync(batch)).InProgress));
        Expect.Null(await scene.TryClaimAsync(batch));
        await scene.ExpectHealthyAsync();

        Expect.Equal(3, await EntityScene.EndAndShareAsync(scene, requests));

        Expect.That((await scene.StatesAsync(batch)).Where(state => state.Stage == 1)
            .All(state => state is { Status: Status.Completed, Attempt: 1 }));
        Expect.Equal(3, (await scene.ProgressAsync(batch, 2)).Pending);
        Expect.Sequence(["""{"company.size":42,"by":["acme.com","Acme"]}"""], (await scene.ResultsAsync(batch))
            .Select(result => System.Text.Encoding.UTF8.GetString(result.Data.Span)).Distinct());
        Expect.Equal(3L, await scene.Fixture.CountRawAsync($"select count(*) from enrichment_results where source = {request.Source}"));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waiters"));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.WorkAsync(batch, 2);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_waiter_of_a_request_that_others_have_to_call_for_is_no_work(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(3), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var request = Expect.Single(await EntityScene.RequestAsync(scene, requests, claim.Lease.Range.Bucket, "acme.com")).EntityRequest;

        await EntityScene.AwaitEntitiesAsync(scene, claim with { Items = [.. claim.Items.Take(2)] }, request);
        Expect.That(await scene.HasOpenWorkAsync((requests.Batch, 1)), "an item is still due");
        await scene.Store.BeginSendingAsync(claim.Lease, "host", [Sends.Start(claim.Items[2])], Sends.Answered, default);
        Expect.That(await scene.HasOpenWorkAsync((requests.Batch, 1)), "a call is out beside those who wait");
        Expect.Sequence([3], await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[2])));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        Expect.That(!await scene.HasOpenWorkAsync((requests.Batch, 1)));
        Expect.That(await scene.HasOpenWorkAsync(), "for a host that has the step the ask is work");
        var ended = await EntityScene.EndAsync(scene, requests);
        Expect.That(await scene.HasOpenWorkAsync((requests.Batch, 1)), "an answer is to be shared");
        await scene.Store.CompleteWaitersAsync(Expect.Single(ended), null, default);
        Expect.That(!await scene.HasOpenWorkAsync());
        await scene.ExpectHealthyAsync();
    }

    public static async Task Only_the_holder_of_a_lease_lets_its_items_wait_for_their_entity(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(3), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var request = Expect.Single(await EntityScene.RequestAsync(scene, requests, claim.Lease.Range.Bucket, "acme.com")).EntityRequest;

        await EntityScene.AwaitEntitiesAsync(scene, claim, request, owner: "another");
        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status == Status.Queued));

        await EntityScene.AwaitEntitiesAsync(scene, claim, request);
        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status == Status.InProgress));
    }

    public static async Task No_item_completes_before_its_entity(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var (request, _) = await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));

        Expect.Equal(0, (await scene.Store.CompleteWaitersAsync(request.Range, null, default)).Total());
        Expect.Equal(0, (await scene.Store.CompleteWaitersAsync(request.Range, [request.Item], default)).Total());
        Expect.Equal(0, (await scene.Store.ReconcileRequestsAsync(default)).Total());

        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status == Status.InProgress));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_of_several_batches_and_clients_buckets_are_served_by_one_answer(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        var batches = new List<Batch>();
        for (var i = 0; i < 4; i++)
        {
            batches.Add(await scene.BatchAsync(1_500));
        }

        foreach (var batch in batches)
        {
            while (await scene.TryClaimAsync(batch, limit: 1_000) is { } claim)
            {
                await EntityScene.WaitAsync(scene, requests, claim);
            }
        }

        Expect.Equal(6_000, await EntityScene.EndAndShareAsync(scene, requests));

        foreach (var batch in batches)
        {
            Expect.Equal(1_500, (await scene.ProgressAsync(batch)).Completed);
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_fail_with_their_entity_and_an_optional_stage_lets_them_pass(Scene scene)
    {
        var (required, optional) = (await scene.BatchAsync(2, stages: 2), await scene.BatchAsync(2, stages: 2, optional: true));
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(required));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(optional));

        Expect.Equal(4, await EntityScene.EndAndShareAsync(scene, requests, item => Commits.Failed(item, error: "the vendor refused")));

        Expect.That((await scene.StatesAsync(required))
            .All(state => state is { Stage: 1, Status: Status.Failed, ErrorClass: ErrorClass.Permanent, Error: "the vendor refused" }));
        Expect.Equal(2, (await scene.ProgressAsync(optional, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_are_skipped_with_their_entity(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2, stages: 2), await EntityScene.OpenAsync(scene));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));

        Expect.Equal(2, await EntityScene.EndAndShareAsync(scene, requests, item => Commits.Skipped(item)));

        Expect.Equal((2, 2), ((await scene.ProgressAsync(batch)).Skipped, (await scene.ProgressAsync(batch, 2)).Pending));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_waiter_that_comes_after_its_request_has_ended_is_served(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var requested = Expect.Single(await EntityScene.RequestAsync(scene, requests, claim.Lease.Range.Bucket, "acme.com"));
        Expect.Equal(0, await EntityScene.EndAndShareAsync(scene, requests));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));

        var ended = await EntityScene.AwaitEntitiesAsync(scene, claim, requested.EntityRequest);

        Expect.Equal(requested.EntityRequest, Expect.Single(ended));
        Expect.Equal(requested.EntityRequest.Range, Expect.Single(await scene.Store.FindToAdvanceAsync(10, default)));
        await scene.ExpectHealthyAsync();
        Expect.Equal(
            2,
            (await scene.Store.CompleteWaitersAsync(requested.EntityRequest.Range, [requested.EntityRequest.Item], default)).Total());
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Hosts_that_share_at_once_serve_each_item_once(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(300, stages: 2), await EntityScene.OpenAsync(scene));
        for (var i = 0; i < 3; i++)
        {
            await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch), $"company-{i}.com");
        }

        var ranges = await EntityScene.EndAsync(scene, requests);
        var served = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var changed = 0;
            foreach (var range in ranges)
            {
                changed += (await scene.Store.CompleteWaitersAsync(range, null, default)).Total();
            }

            return changed;
        })));

        Expect.Equal(300, served.Sum());
        Expect.Equal(300, (await scene.ProgressAsync(batch, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Those_who_come_to_wait_while_others_share_are_all_served(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        var batches = new List<(Batch Batch, Claim Claim)>();
        for (var i = 0; i < 8; i++)
        {
            var batch = await scene.BatchAsync(5);
            batches.Add((batch, await scene.ClaimAsync(batch)));
        }

        var request = Expect.Single(await EntityScene.RequestAsync(scene, requests, 0, "acme.com")).EntityRequest;
        await Task.WhenAll(
        [
            .. batches.Select(each => Task.Run(async () =>
            {
                var requested = Expect.Single(await EntityScene.RequestAsync(scene, requests, each.Claim.Lease.Range.Bucket, "acme.com"));
                if (requested.Kind is null && (await EntityScene.AwaitEntitiesAsync(scene, each.Claim, requested.EntityRequest)).Count > 0)
                {
                    await scene.Store.CompleteWaitersAsync(request.Range, [request.Item], default);
                }
            })),
            Task.Run(() => EntityScene.EndAndShareAsync(scene, requests)),
        ]);

        foreach (var (batch, _) in batches)
        {
            Expect.That((await scene.StatesAsync(batch)).All(state => state.Status != Status.InProgress));
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task Answers_too_large_for_one_round_are_all_shared(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(20), await EntityScene.OpenAsync(scene));
        var keys = new Queue<string>(Enumerable.Range(1, 20).Select(number => $"company-{number}.com"));
        while (await scene.TryClaimAsync(batch, limit: 1) is { } claim)
        {
            var requested = Expect.Single((await scene.Store.RequestAsync(
                EntityScene.Request(requests, [EntityScene.Entity(keys.Dequeue(), bucket: 7)], claim.Lease.Range.Bucket), default))!);
            await EntityScene.AwaitEntitiesAsync(scene, claim, requested.EntityRequest);
            await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        }

        var large = new string('a', 1_000_000);
        var ranges = await EntityScene.EndAsync(
            scene, requests, item => Commits.Completed(item, result: $$"""{"company.size":"{{large}}","by":{{item.Item}}}"""));

        Expect.Equal(20, (await scene.Store.CompleteWaitersAsync(ranges[0], null, default)).Total());

        Expect.Equal(20, (await scene.ResultsAsync(batch)).Select(result => System.Text.Encoding.UTF8.GetString(result.Data.Span))
            .Distinct().Count());
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
    }

    public static async Task A_next_stage_that_is_there_already_keeps_nobody_from_his_answer(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2, stages: 2), await EntityScene.OpenAsync(scene));
        await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        await scene.Fixture.ExecuteRawAsync(
            $"""
            insert into workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at, advanced_at)
            select bucket, batch, 2, item, 5, generation, 0, due_at, updated_at,
                updated_at from workflow_states where batch = {batch.Key} and item = 1
            """);

        Expect.Equal(2, await EntityScene.EndAndShareAsync(scene, requests));

        Expect.Sequence([Status.Completed, Status.Completed], (await scene.StatesAsync(batch)).Where(state => state.Stage == 1)
            .Select(state => state.Status));
        Expect.Sequence([Status.Skipped, Status.Pending], (await scene.StatesAsync(batch)).Where(state => state.Stage == 2)
            .Select(state => state.Status));
        Expect.Equal(1, (await scene.ProgressAsync(batch, 2)).Pending);
    }

    public static async Task A_wait_of_an_item_that_waits_for_nothing_is_found(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var (request, _) = await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        await EntityScene.EndAndShareAsync(scene, requests);
        await scene.ExpectHealthyAsync();

        await scene.Fixture.ExecuteRawAsync(
            $"insert into entity_waiters (bucket, batch, stage, item, request_bucket, request_batch, request_item) select bucket, batch, stage, item, {request.Bucket}, {request.Batch}, {request.Item} from workflow_states where batch = {batch.Key} and item = 1");

        Expect.Equal("1_entity_waiter", Expect.Single(await scene.Store.ExamineAsync(default)).Check);
    }

    public static async Task The_sweep_finds_a_waiter_of_a_request_whose_waiters_count_as_completed(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var (request, _) = await EntityScene.WaitAsync(scene, requests, await scene.ClaimAsync(batch));
        await EntityScene.EndAsync(scene, requests);
        await scene.Fixture.ExecuteRawAsync(
            $"update workflow_states set advanced_at = updated_at where batch = {requests.Batch} and item = {request.Item}");
        await scene.Fixture.ExecuteRawAsync($"update ranges set to_advance = 0 where batch = {requests.Batch}");
        Expect.That((await scene.Store.ExamineAsync(default)).Any(finding => finding.Check == "1_entity_wait"));

        Expect.Equal(2, (await scene.Store.ReconcileRequestsAsync(default)).Total());

        Expect.Equal(2, (await scene.ProgressAsync(batch)).Completed);
        Expect.Equal(0, (await scene.Store.ReconcileRequestsAsync(default)).Total());
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_damaged_request_does_not_hide_the_waiters_of_another(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        var waits = new List<(Batch Batch, short Bucket, EntityRequest EntityRequest)>();
        foreach (var key in (string[])["acme.com", "globex.com", "initech.com"])
        {
            var batch = await scene.BatchAsync(1);
            var claim = await scene.ClaimAsync(batch);
            waits.Add((batch, claim.Lease.Range.Bucket, (await EntityScene.WaitAsync(scene, requests, claim, key)).EntityRequest));
        }

        Expect.Equal(3, waits.Select(wait => wait.EntityRequest.Range).Distinct().Count());
        await EntityScene.EndAsync(scene, requests);
        await scene.Fixture.ExecuteRawAsync($"update workflow_states set advanced_at = updated_at where batch = {requests.Batch}");
        await scene.Fixture.ExecuteRawAsync($"update ranges set to_advance = 0 where batch = {requests.Batch}");

        // The first and the last: whichever is tended first.
        waits = [.. waits.OrderBy(wait => wait.Bucket).ThenBy(wait => wait.Batch.Key)];
        foreach (var damaged in (EntityRequest[])[waits[0].EntityRequest, waits[2].EntityRequest])
        {
            await scene.Fixture.ExecuteRawAsync($"delete from enrichment_results where batch = {requests.Batch} and item = {damaged.Item}");
        }

        await Expect.ThrowsAsync<System.Data.Common.DbException>(() => scene.Store.ReconcileRequestsAsync(default));

        Expect.Equal(1, (await scene.ProgressAsync(waits[1].Batch)).Completed);
    }

    public static async Task Without_the_lease_nothing_waits(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);

        await EntityScene.WaitAsync(scene, requests, claim);

        Expect.Equal(2, (await scene.ProgressAsync(batch)).Pending);
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waiters"));
    }
}
