using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>One ask for an entity, and how long its answer serves.</summary>
internal static class EntityCalls
{
    public static async Task An_entity_is_requested_once_and_later_items_wait_for_the_request(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);

        var first = await EntityScene.RequestAsync(scene, requests, 1, "acme.com", "globex.com");
        var second = await EntityScene.RequestAsync(scene, requests, 2, "globex.com", "initech.com", "acme.com");

        Expect.Sequence([true, true], first.Select(requested => requested.Made));
        Expect.Sequence([false, true, false], second.Select(requested => requested.Made));
        Expect.Equal(first[0].EntityRequest, second[2].EntityRequest);
        Expect.Equal(first[1].EntityRequest, second[0].EntityRequest);
        Expect.Equal(3, (await scene.ProgressAsync(await scene.Store.LoadBatchAsync(requests.Batch, default))).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Of_many_hosts_that_request_at_once_one_makes_the_request(Scene scene)
    {
        // In a range that is there: what makes a range keeps others out by that alone.
        var requests = (await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => EntityScene.OpenAsync(scene)))))[0];
        for (var round = 0; round < 10; round++)
        {
            WantedEntity[] wanted =
            [
                .. Enumerable.Range(1, 20).Select(number => EntityScene.Entity($"company-{round}-{number}.com", bucket: 7)),
            ];
            var requested = await Task.WhenAll(Enumerable.Range(0, 16).Select(host => Task.Run(async () =>
            {
                var request = EntityScene.Request(requests, wanted, (short)host);
                return (await scene.Store.RequestAsync(request, default))!;
            })));
            Expect.Equal(20, requested.SelectMany(each => each).Count(each => each.Made));
            Expect.Equal(20, requested.SelectMany(each => each).Select(each => each.EntityRequest).Distinct().Count());
        }

        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from batches"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_request_holds_the_fields_of_the_item_that_came_first(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");

        var item = Expect.Single((await scene.ClaimAsync(await scene.Store.LoadBatchAsync(requests.Batch, default))).Items);

        Expect.Equal("""["acme.com","Acme"]""", System.Text.Encoding.UTF8.GetString(item.Raw.Span));
        Expect.Equal(Bucket.Of(requests.UploadId, item.Item), EntityScene.Entity("acme.com").Bucket);
    }

    public static async Task However_many_there_are_a_requests_number_names_its_bucket(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        var made = new List<RequestedEntity>();
        foreach (var keys in Enumerable.Range(1, 2_100).Chunk(700))
        {
            made.AddRange((await scene.Store.RequestAsync(
                EntityScene.Request(requests, keys.Select(number => EntityScene.Entity($"company-{number}.com", bucket: 7))), default))!);
        }

        Expect.Equal(2_100, made.Select(requested => requested.EntityRequest.Item).Distinct().Count());
        Expect.That(made.All(requested => Bucket.Of(requests.UploadId, requested.EntityRequest.Item) == 7));
        Expect.Equal(2_100, (await scene.StatesAsync(await scene.Store.LoadBatchAsync(requests.Batch, default))).Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_fresh_answer_serves_without_a_call(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com", "globex.com");
        await EntityScene.EndAndShareAsync(
            scene, requests, item => item.Raw.Span.IndexOf("acme"u8) > 0 ? EntityScene.Answered(item) : Commits.NotFound(item));
        scene.Clock.Advance(EntityScene.FreshNotFound - Times.Moment);

        var requested = await EntityScene.RequestAsync(scene, requests, 1, "acme.com", "globex.com");

        Expect.Sequence([StepOutcomeKind.Completed, StepOutcomeKind.NotFound], requested.Select(each => each.Kind!.Value));
        Expect.Equal("""{"company.size":42,"by":["acme.com","Acme"]}""", System.Text.Encoding.UTF8.GetString(requested[0].Answer.Span));
        Expect.That(requested.All(each => !each.Made));
    }

    public static async Task An_answer_that_nothing_was_found_has_its_own_window(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com", "globex.com");
        await EntityScene.EndAndShareAsync(
            scene, requests, item => item.Raw.Span.IndexOf("acme"u8) > 0 ? EntityScene.Answered(item) : Commits.NotFound(item));
        scene.Clock.Advance(EntityScene.FreshNotFound + Times.Moment);

        requests = await EntityScene.OpenAsync(scene);
        var later = await EntityScene.RequestAsync(scene, requests, 1, "acme.com", "globex.com");

        Expect.Sequence([false, true], later.Select(each => each.Made));
    }

    public static async Task A_stale_answer_and_one_of_before_a_moment_are_requested_again(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        var first = Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com"));
        await EntityScene.EndAndShareAsync(scene, requests);
        scene.Clock.Advance(Times.Moment);

        var request = EntityScene.Request(requests, [EntityScene.Entity("acme.com")]) with { Since = scene.Clock.GetUtcNow() };
        var forced = Expect.Single((await scene.Store.RequestAsync(request, default))!);
        Expect.That(forced.Made && forced.EntityRequest != first.EntityRequest);
        Expect.That(!Expect.Single((await scene.Store.RequestAsync(request, default))!).Made);
        await EntityScene.EndAndShareAsync(scene, requests);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single((await scene.Store.RequestAsync(request, default))!).Kind!.Value);

        scene.Clock.Advance(EntityScene.Fresh);
        requests = await EntityScene.OpenAsync(scene);
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_entity_whose_request_failed_is_requested_again(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests, item => Commits.Failed(item));

        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Where_calls_are_for_review_an_unknown_end_is_shared_until_an_operator_decides(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        var first = Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com"));
        await EntityScene.EndAndShareAsync(
            scene,
            requests,
            item => Commits.Failed(item, error: "nobody knows") with { ErrorClass = ErrorClass.OutcomeUnknown });
        var (batch, reviewed) = (
            await scene.BatchAsync(2),
            EntityScene.Request(requests, [EntityScene.Entity("acme.com")]) with
            {
                Review = true,
            });
        var claim = await scene.ClaimAsync(batch);
        var later = Expect.Single((await scene.Store.RequestAsync(reviewed with { WaiterBucket = claim.Lease.Range.Bucket }, default))!);
        Expect.Equal(first.EntityRequest, later.EntityRequest);
        Expect.That(later is { Made: false, Kind: null });

        Expect.Equal(first.EntityRequest, Expect.Single(await EntityScene.AwaitEntitiesAsync(scene, claim, later.EntityRequest)));
        Expect.Equal(2, (await scene.Store.CompleteWaitersAsync(first.EntityRequest.Range, [first.EntityRequest.Item], default)).Total());
        Expect.That((await scene.StatesAsync(batch))
            .All(state => state is { Status: Status.Failed, ErrorClass: ErrorClass.OutcomeUnknown, Error: "nobody knows", Attempt: 0 }));
        await scene.ExpectHealthyAsync();

        Expect.Equal(1, await scene.Store.ResolveAsync(
            Resolving.Supply(await scene.Store.LoadBatchAsync(requests.Batch, default), 1, [first.EntityRequest.Item]), default));
        requests = await EntityScene.OpenAsync(scene);
        reviewed = reviewed with { Batch = requests };
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single((await scene.Store.RequestAsync(reviewed, default))!).Kind!.Value);
    }

    public static async Task An_unknown_end_is_requested_again_only_by_permission_or_where_repeating_is_safe(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com", "globex.com");
        await EntityScene.EndAndShareAsync(scene, requests, item => Commits.Failed(item) with { ErrorClass = ErrorClass.OutcomeUnknown });
        WantedEntity[] both = [EntityScene.Entity("acme.com") with { Permitted = true }, EntityScene.Entity("globex.com")];

        var requested = (await scene.Store.RequestAsync(EntityScene.Request(requests, both) with { Review = true }, default))!;
        Expect.Sequence([true, false], requested.Select(each => each.Made));
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "globex.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_entity_may_be_requested_more_often_than_a_small_number_counts(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests, item => Commits.Failed(item));
        await scene.Fixture.ExecuteRawAsync("update entities set request = 32767");

        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, requests, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_of_another_month_serves(Scene scene)
    {
        var requests = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests);
        scene.Clock.Advance(TimeSpan.FromDays(32));

        var next = await EntityScene.OpenAsync(scene);
        var request = EntityScene.Request(next, [EntityScene.Entity("acme.com")]) with { Fresh = TimeSpan.FromDays(60) };

        Expect.That(next.Batch != requests.Batch);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single((await scene.Store.RequestAsync(request, default))!).Kind!.Value);
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, next, 1, "acme.com")).Made);
    }

    public static async Task Of_hosts_that_request_at_once_for_calls_made_otherwise_one_makes_the_request(Scene scene)
    {
        var ways = new List<EntityRequestBatch>();
        for (var pass = 0; pass < 2; pass++)
        {
            ways =
            [
                .. await Task.WhenAll(
                    Enumerable.Range(0, 4).Select(way => Task.Run(() => EntityScene.OpenAsync(scene, key: $"entity-requests/{way}")))),
            ];
        }

        for (var round = 0; round < 10; round++)
        {
            WantedEntity[] wanted =
            [
                .. Enumerable.Range(1, 20).Select(number => EntityScene.Entity($"company-{round}-{number}.com", bucket: (short)round)),
            ];
            var requested = await Task.WhenAll(
                Enumerable
                    .Range(0, 16)
                    .Select(host =>
                        Task.Run(async () =>
                            (await scene.Store.RequestAsync(EntityScene.Request(ways[host % 4], wanted, (short)host), default))!)));
            Expect.Equal(20, requested.SelectMany(each => each).Count(each => each.Made));
            Expect.Equal(20, requested.SelectMany(each => each).Select(each => each.EntityRequest).Distinct().Count());
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task Answers_of_one_client_serve_no_other(Scene scene)
    {
        var mine = await EntityScene.OpenAsync(scene);
        await EntityScene.RequestAsync(scene, mine, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, mine);

        var theirs = await EntityScene.OpenAsync(scene, client: "globex");

        Expect.That(theirs.Batch != mine.Batch);
        Expect.That(Expect.Single(await EntityScene.RequestAsync(scene, theirs, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_stored_answer_completes_items_and_names_its_source(Scene scene)
    {
        var (batch, requests) = (await scene.BatchAsync(2), await EntityScene.OpenAsync(scene));
        await EntityScene.RequestAsync(scene, requests, 1, "acme.com");
        await EntityScene.EndAndShareAsync(scene, requests);
        var claim = await scene.ClaimAsync(batch);
        var served = Expect.Single(await EntityScene.RequestAsync(scene, requests, claim.Lease.Range.Bucket, "acme.com"));

        await scene.CommitAsync(claim.Lease,
            claim.Items.Select(item => Commits.Completed(item) with { Result = served.Answer, Source = served.EntityRequest, Tries = 0 }));

        Expect.Equal(
            2L,
            await scene.Fixture.CountRawAsync($"select count(*) from enrichment_results where source = {served.EntityRequest.Source}"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_entity_counts_as_answered_while_its_request_is_open_or_its_answer_is_fresh(Scene scene)
    {
        Expect.Equal(0, await CountAsync(), "there is no request batch");
        var requests = await EntityScene.OpenAsync(scene);
        var keys = (string[])["acme.com", "globex.com"];
        await EntityScene.RequestAsync(scene, requests, 0, keys);
        Expect.Equal(2, await CountAsync(), "both requests are open");
        Expect.Equal(2, await CountAsync(refresh: true));

        await EntityScene.EndAsync(scene, requests, item => item.Item % 2 == 0 ? Commits.NotFound(item) : EntityScene.Answered(item));
        var answered = await CountAsync();
        Expect.Equal(2, answered);
        Expect.Equal(0, await CountAsync(refresh: true), "answers that are stored do not serve");
        Expect.Equal(0, await CountAsync(client: "globex"));
        Expect.Equal(0, await CountAsync(answers: "other answers"));

        scene.Clock.Advance(EntityScene.Fresh);
        Expect.Equal(0, await CountAsync(), "they are too old");

        Task<int> CountAsync(bool refresh = false, string client = Scene.Client, string answers = "answers of company") =>
            scene.Store.CountAnsweredAsync(
                new()
                {
                    Client = client,
                    Answers = Scene.Hash(answers),
                    Entities = [.. ((string[])["acme.com", "globex.com", "initech.com"]).Select(key => EntityScene.Entity(key)).Select(entity => (entity.Bucket, entity.Key))],
                    Fresh = EntityScene.Fresh,
                    FreshNotFound = EntityScene.FreshNotFound,
                    Refresh = refresh,
                },
                default);
    }
}
