using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>The batches in which asks stand.</summary>
internal static class EntityRequestBatches
{
    public static async Task A_host_that_knows_last_months_batch_shares_the_requests_of_this_month(Scene scene)
    {
        scene.Clock.Advance(TimeSpan.FromDays(31) - TimeSpan.FromMinutes(1));
        var january = await EntityScene.OpenAsync(scene);
        var first = Expect.Single(await EntityScene.RequestAsync(scene, january, 1, "acme.com"));
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        Expect.Null(await scene.Store.RequestAsync(EntityScene.Request(january, [EntityScene.Entity("acme.com")]), default));

        var february = await EntityScene.OpenAsync(scene);
        Expect.Equal(first.EntityRequest, Expect.Single(await EntityScene.RequestAsync(scene, february, 1, "acme.com")).EntityRequest);
        var second = Expect.Single(await EntityScene.RequestAsync(scene, february, 1, "globex.com"));

        Expect.Null(await scene.Store.RequestAsync(EntityScene.Request(january, [EntityScene.Entity("globex.com")]), default));
        Expect.Equal(
            second.EntityRequest,
            Expect.Single(await EntityScene.RequestAsync(scene, await EntityScene.OpenAsync(scene), 2, "globex.com")).EntityRequest);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Calls_made_otherwise_have_a_batch_of_their_own_and_share_requests_and_answers(Scene scene)
    {
        var fast = await EntityScene.OpenAsync(scene, key: "entity-requests/fast");
        var acme = Expect.Single(await EntityScene.RequestAsync(scene, fast, 1, "acme.com"));

        var slow = await EntityScene.OpenAsync(scene, key: "entity-requests/slow");
        Expect.That(slow.Batch != fast.Batch);
        Expect.Equal(acme.EntityRequest, Expect.Single(await EntityScene.RequestAsync(scene, slow, 2, "acme.com")).EntityRequest);
        var globex = Expect.Single(await EntityScene.RequestAsync(scene, slow, 2, "globex.com"));
        Expect.Equal(slow.Batch, globex.EntityRequest.Batch);

        Expect.Null(await scene.Store.RequestAsync(EntityScene.Request(fast, [EntityScene.Entity("globex.com")]), default));
        fast = await EntityScene.OpenAsync(scene, key: "entity-requests/fast");
        Expect.Equal(globex.EntityRequest, Expect.Single(await EntityScene.RequestAsync(scene, fast, 1, "globex.com")).EntityRequest);
        await scene.ExpectHealthyAsync();

        await EntityScene.EndAndShareAsync(scene, slow);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await EntityScene.RequestAsync(scene, fast, 1, "globex.com")).Kind!.Value);
        scene.Clock.Advance(Times.Moment);
        var anew = EntityScene.Request(fast, [EntityScene.Entity("globex.com")]) with { Since = scene.Clock.GetUtcNow() };
        var last = Expect.Single((await scene.Store.RequestAsync(anew, default))!);
        Expect.That(last.Made && last.EntityRequest.Batch == fast.Batch);
        Expect.Equal(last.EntityRequest, Expect.Single(await EntityScene.RequestAsync(scene, slow, 2, "globex.com")).EntityRequest);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Request_batches_are_in_no_list_and_in_no_typed_table(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests);

        Expect.Empty(await Scene.ToListAsync(scene.Store.ReadBatchesAsync(Scene.Client, new(), default)));
        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.ReconcileRequestsAsync(default);
        Expect.Empty(await scene.Store.FindUnconsolidatedAsync(default));
        Expect.That((await scene.Store.LoadBatchAsync(requests.Batch, default)) is { IsRequestBatch: true, Status: BatchStatus.Completed });
    }

    public static async Task A_request_batch_ends_when_it_has_been_idle_and_the_next_request_reopens_it(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.ReconcileRequestsAsync(default);
        Expect.Equal(BatchStatus.Running, (await scene.Store.LoadBatchAsync(requests.Batch, default)).Status);
        await EntityScene.EndAndShareAsync(scene, requests);
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.ReconcileRequestsAsync(default);
        Expect.Equal(BatchStatus.Completed, (await scene.Store.LoadBatchAsync(requests.Batch, default)).Status);
        await scene.ExpectHealthyAsync();

        Expect.Null(await scene.Store.RequestAsync(EntityScene.Request(requests, [EntityScene.Entity("globex.com")]), default));
        var again = await EntityScene.OpenAsync(scene);

        Expect.Equal(requests.Batch, again.Batch);
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, again, 1, "globex.com")).Made);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await EntityScene.RequestAsync(scene, again, 1, "acme.com")).Kind!.Value);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_request_batch_that_only_serves_stored_answers_stays_open_for_an_hour(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests);
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.ReconcileRequestsAsync(default);

        var again = await EntityScene.OpenAsync(scene);
        scene.Clock.Advance(TimeSpan.FromMinutes(59));
        await scene.Store.ReconcileRequestsAsync(default);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await EntityScene.RequestAsync(scene, again, 1, "acme.com")).Kind!.Value);
        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from batch_events where kind = 'completed'"));

        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        await scene.Store.ReconcileRequestsAsync(default);
        Expect.Equal(BatchStatus.Completed, (await scene.Store.LoadBatchAsync(requests.Batch, default)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_request_batch_is_pruned_like_any_other_and_another_takes_its_place(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests);
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.ReconcileRequestsAsync(default);
        scene.Clock.Advance(TimeSpan.FromHours(2));

        var old = Expect.Single(await Scene.ToListAsync(
            scene.Store.FindPrunableAsync(new() { OlderThan = TimeSpan.FromHours(1), Consolidated = true }, default)));
        Expect.That(await scene.Store.MarkPrunedAsync(old, "{}", default));
        var next = await EntityScene.OpenAsync(scene);
        Expect.That(next.Batch != requests.Batch);
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, next, 1, "acme.com")).Made);
        await Scene.ToListAsync(scene.Store.DeletePrunedAsync(old, default));

        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from entities"));
        await scene.ExpectHealthyAsync();
    }
}
