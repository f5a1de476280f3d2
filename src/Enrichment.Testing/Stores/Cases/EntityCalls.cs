using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Testing.Cases;

internal static class EntityCalls
{
    public static async Task An_entity_is_asked_for_once_and_whoever_asks_later_shares_the_ask(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);

        var first = await Asks.AskAsync(scene, asks, 1, "acme.com", "globex.com");
        var second = await Asks.AskAsync(scene, asks, 2, "globex.com", "initech.com", "acme.com");

        Expect.Sequence([true, true], first.Select(asked => asked.Made));
        Expect.Sequence([false, true, false], second.Select(asked => asked.Made));
        Expect.Equal(first[0].Ask, second[2].Ask);
        Expect.Equal(first[1].Ask, second[0].Ask);
        Expect.Equal(3, (await scene.ProgressAsync(await scene.Store.LoadBatchAsync(asks.Batch, default))).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Of_many_hosts_that_ask_at_once_one_makes_the_ask(Scene scene)
    {
        // In a range that is there: what makes a range keeps others out by that alone.
        var asks = (await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Asks.OpenAsync(scene)))))[0];
        for (var round = 0; round < 10; round++)
        {
            WantedEntity[] wanted = [.. Enumerable.Range(1, 20).Select(number => Asks.Entity($"company-{round}-{number}.com", bucket: 7))];
            var asked = await Task.WhenAll(Enumerable.Range(0, 16).Select(host => Task.Run(async () => (await scene.Store.AskAsync(Asks.Request(asks, wanted, (short)host), default))!)));
            Expect.Equal(20, asked.SelectMany(each => each).Count(each => each.Made));
            Expect.Equal(20, asked.SelectMany(each => each).Select(each => each.Ask).Distinct().Count());
        }

        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from batches"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_ask_knows_the_fields_of_whoever_asked_first(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");

        var item = Expect.Single((await scene.ClaimAsync(await scene.Store.LoadBatchAsync(asks.Batch, default))).Items);

        Expect.Equal("""["acme.com","Acme"]""", System.Text.Encoding.UTF8.GetString(item.Raw.Span));
        Expect.Equal(Bucket.Of(asks.UploadId, item.Item), Asks.Entity("acme.com").Bucket);
    }

    public static async Task However_many_there_are_an_asks_number_names_its_bucket(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        var made = new List<Asked>();
        foreach (var keys in Enumerable.Range(1, 2_100).Chunk(700))
        {
            made.AddRange((await scene.Store.AskAsync(Asks.Request(asks, keys.Select(number => Asks.Entity($"company-{number}.com", bucket: 7))), default))!);
        }

        Expect.Equal(2_100, made.Select(asked => asked.Ask.Item).Distinct().Count());
        Expect.That(made.All(asked => Bucket.Of(asks.UploadId, asked.Ask.Item) == 7));
        Expect.Equal(2_100, (await scene.StatesAsync(await scene.Store.LoadBatchAsync(asks.Batch, default))).Count);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_wait_visibly_and_complete_with_their_entity(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(3, stages: 2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);

        var (ask, ended) = await Asks.WaitAsync(scene, asks, claim);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        Expect.Empty(ended);
        Expect.That((await scene.StatesAsync(batch)).All(state => state is { Status: Status.InProgress, Reason: "entity", Attempt: 0 }));
        Expect.Equal((0, 3), ((await scene.ProgressAsync(batch)).Pending, (await scene.ProgressAsync(batch)).InProgress));
        Expect.Null(await scene.TryClaimAsync(batch));
        await scene.ExpectHealthyAsync();

        Expect.Equal(3, await Asks.EndAndShareAsync(scene, asks));

        Expect.That((await scene.StatesAsync(batch)).Where(state => state.Stage == 1).All(state => state is { Status: Status.Completed, Attempt: 1 }));
        Expect.Equal(3, (await scene.ProgressAsync(batch, 2)).Pending);
        Expect.Sequence(["""{"company.size":42,"by":["acme.com","Acme"]}"""], (await scene.ResultsAsync(batch)).Select(result => System.Text.Encoding.UTF8.GetString(result.Data.Span)).Distinct());
        Expect.Equal(3L, await scene.Fixture.CountRawAsync($"select count(*) from enrichment_results where source = {ask.Source}"));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waits"));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.WorkAsync(batch, 2);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Who_waits_for_an_ask_that_others_have_to_make_is_no_work(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(3), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var ask = Expect.Single(await Asks.AskAsync(scene, asks, claim.Lease.Range.Bucket, "acme.com")).Ask;

        await Asks.AwaitAsync(scene, claim with { Items = [.. claim.Items.Take(2)] }, ask);
        Expect.That(await scene.HasOpenWorkAsync((asks.Batch, 1)), "an item is still due");
        await scene.Store.BeginSendingAsync(claim.Lease, "host", [Sends.Start(claim.Items[2])], Sends.Answered, default);
        Expect.That(await scene.HasOpenWorkAsync((asks.Batch, 1)), "a call is out beside those who wait");
        Expect.Sequence([3], await Sends.SettleAsync(scene, claim, Commits.Completed(claim.Items[2])));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);

        Expect.That(!await scene.HasOpenWorkAsync((asks.Batch, 1)));
        Expect.That(await scene.HasOpenWorkAsync(), "for a host that has the step the ask is work");
        var ended = await Asks.EndAsync(scene, asks);
        Expect.That(await scene.HasOpenWorkAsync((asks.Batch, 1)), "an answer is to be shared");
        await scene.Store.ShareAsync(Expect.Single(ended), null, default);
        Expect.That(!await scene.HasOpenWorkAsync());
        await scene.ExpectHealthyAsync();
    }

    public static async Task No_item_completes_before_its_entity(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var (ask, _) = await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));

        Expect.Equal(0, await scene.Store.ShareAsync(ask.Range, null, default));
        Expect.Equal(0, await scene.Store.ShareAsync(ask.Range, [ask.Item], default));
        Expect.Equal(0, await scene.Store.TendAsksAsync(default));

        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status == Status.InProgress));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_of_several_batches_and_clients_buckets_are_served_by_one_answer(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        var batches = new List<Batch>();
        for (var i = 0; i < 4; i++)
        {
            batches.Add(await scene.BatchAsync(1_500));
        }

        foreach (var batch in batches)
        {
            while (await scene.TryClaimAsync(batch, limit: 1_000) is { } claim)
            {
                await Asks.WaitAsync(scene, asks, claim);
            }
        }

        Expect.Equal(6_000, await Asks.EndAndShareAsync(scene, asks));

        foreach (var batch in batches)
        {
            Expect.Equal(1_500, (await scene.ProgressAsync(batch)).Completed);
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_fail_with_their_entity_and_an_optional_stage_lets_them_pass(Scene scene)
    {
        var (required, optional) = (await scene.BatchAsync(2, stages: 2), await scene.BatchAsync(2, stages: 2, optional: true));
        var asks = await Asks.OpenAsync(scene);
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(required));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(optional));

        Expect.Equal(4, await Asks.EndAndShareAsync(scene, asks, item => Commits.Failed(item, error: "the vendor refused")));

        Expect.That((await scene.StatesAsync(required)).All(state => state is { Stage: 1, Status: Status.Failed, ErrorClass: ErrorClass.Permanent, Error: "the vendor refused" }));
        Expect.Equal(2, (await scene.ProgressAsync(optional, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Items_are_skipped_with_their_entity(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2, stages: 2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));

        Expect.Equal(2, await Asks.EndAndShareAsync(scene, asks, item => Commits.Skipped(item)));

        Expect.Equal((2, 2), ((await scene.ProgressAsync(batch)).Skipped, (await scene.ProgressAsync(batch, 2)).Pending));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_fresh_answer_serves_without_a_call(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com", "globex.com");
        await Asks.EndAndShareAsync(scene, asks, item => item.Raw.Span.IndexOf("acme"u8) > 0 ? Asks.Answered(item) : Commits.NotFound(item));
        scene.Clock.Advance(Asks.FreshNotFound - Times.Moment);

        var asked = await Asks.AskAsync(scene, asks, 1, "acme.com", "globex.com");

        Expect.Sequence([StepOutcomeKind.Completed, StepOutcomeKind.NotFound], asked.Select(each => each.Kind!.Value));
        Expect.Equal("""{"company.size":42,"by":["acme.com","Acme"]}""", System.Text.Encoding.UTF8.GetString(asked[0].Answer.Span));
        Expect.That(asked.All(each => !each.Made));
    }

    public static async Task An_answer_that_nothing_was_found_has_its_own_window(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com", "globex.com");
        await Asks.EndAndShareAsync(scene, asks, item => item.Raw.Span.IndexOf("acme"u8) > 0 ? Asks.Answered(item) : Commits.NotFound(item));
        scene.Clock.Advance(Asks.FreshNotFound + Times.Moment);

        asks = await Asks.OpenAsync(scene);
        var later = await Asks.AskAsync(scene, asks, 1, "acme.com", "globex.com");

        Expect.Sequence([false, true], later.Select(each => each.Made));
    }

    public static async Task A_stale_answer_and_one_of_before_a_moment_are_asked_for_again(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        var first = Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com"));
        await Asks.EndAndShareAsync(scene, asks);
        scene.Clock.Advance(Times.Moment);

        var request = Asks.Request(asks, [Asks.Entity("acme.com")]) with { Since = scene.Clock.GetUtcNow() };
        var forced = Expect.Single((await scene.Store.AskAsync(request, default))!);
        Expect.That(forced.Made && forced.Ask != first.Ask);
        Expect.That(!Expect.Single((await scene.Store.AskAsync(request, default))!).Made);
        await Asks.EndAndShareAsync(scene, asks);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single((await scene.Store.AskAsync(request, default))!).Kind!.Value);

        scene.Clock.Advance(Asks.Fresh);
        asks = await Asks.OpenAsync(scene);
        Expect.That(Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_entity_whose_ask_failed_is_asked_for_again(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks, item => Commits.Failed(item));

        Expect.That(Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Where_calls_are_for_review_an_unknown_end_is_shared_until_an_operator_decides(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        var first = Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com"));
        await Asks.EndAndShareAsync(scene, asks, item => Commits.Failed(item, error: "nobody knows") with { ErrorClass = ErrorClass.OutcomeUnknown });
        var (batch, reviewed) = (await scene.BatchAsync(2), Asks.Request(asks, [Asks.Entity("acme.com")]) with { Review = true });
        var claim = await scene.ClaimAsync(batch);
        var later = Expect.Single((await scene.Store.AskAsync(reviewed with { Asker = claim.Lease.Range.Bucket }, default))!);
        Expect.Equal(first.Ask, later.Ask);
        Expect.That(later is { Made: false, Kind: null });

        Expect.Equal(first.Ask, Expect.Single(await Asks.AwaitAsync(scene, claim, later.Ask)));
        Expect.Equal(2, await scene.Store.ShareAsync(first.Ask.Range, [first.Ask.Item], default));
        Expect.That((await scene.StatesAsync(batch)).All(state => state is { Status: Status.Failed, ErrorClass: ErrorClass.OutcomeUnknown, Error: "nobody knows", Attempt: 0 }));
        await scene.ExpectHealthyAsync();

        Expect.Equal(1, await scene.Store.EndByHandAsync(ByHand.Supply(await scene.Store.LoadBatchAsync(asks.Batch, default), 1, [first.Ask.Item]), default));
        asks = await Asks.OpenAsync(scene);
        reviewed = reviewed with { Asks = asks };
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single((await scene.Store.AskAsync(reviewed, default))!).Kind!.Value);
    }

    public static async Task An_unknown_end_is_asked_for_again_with_an_operators_permission_and_where_repeating_is_safe(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com", "globex.com");
        await Asks.EndAndShareAsync(scene, asks, item => Commits.Failed(item) with { ErrorClass = ErrorClass.OutcomeUnknown });
        WantedEntity[] both = [Asks.Entity("acme.com") with { Permitted = true }, Asks.Entity("globex.com")];

        var asked = (await scene.Store.AskAsync(Asks.Request(asks, both) with { Review = true }, default))!;
        Expect.Sequence([true, false], asked.Select(each => each.Made));
        Expect.That(Expect.Single(await Asks.AskAsync(scene, asks, 1, "globex.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_entity_may_be_asked_for_more_often_than_a_small_number_counts(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks, item => Commits.Failed(item));
        await scene.Fixture.ExecuteRawAsync("update entities set ask = 32767");

        Expect.That(Expect.Single(await Asks.AskAsync(scene, asks, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_answer_of_another_month_serves(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks);
        scene.Clock.Advance(TimeSpan.FromDays(32));

        var next = await Asks.OpenAsync(scene);
        var request = Asks.Request(next, [Asks.Entity("acme.com")]) with { Fresh = TimeSpan.FromDays(60) };

        Expect.That(next.Batch != asks.Batch);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single((await scene.Store.AskAsync(request, default))!).Kind!.Value);
        Expect.That(Expect.Single(await Asks.AskAsync(scene, next, 1, "acme.com")).Made);
    }

    public static async Task A_host_that_knows_last_months_batch_shares_the_asks_of_this_month(Scene scene)
    {
        scene.Clock.Advance(TimeSpan.FromDays(31) - TimeSpan.FromMinutes(1));
        var january = await Asks.OpenAsync(scene);
        var first = Expect.Single(await Asks.AskAsync(scene, january, 1, "acme.com"));
        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        Expect.Null(await scene.Store.AskAsync(Asks.Request(january, [Asks.Entity("acme.com")]), default));

        var february = await Asks.OpenAsync(scene);
        Expect.Equal(first.Ask, Expect.Single(await Asks.AskAsync(scene, february, 1, "acme.com")).Ask);
        var second = Expect.Single(await Asks.AskAsync(scene, february, 1, "globex.com"));

        Expect.Null(await scene.Store.AskAsync(Asks.Request(january, [Asks.Entity("globex.com")]), default));
        Expect.Equal(second.Ask, Expect.Single(await Asks.AskAsync(scene, await Asks.OpenAsync(scene), 2, "globex.com")).Ask);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Calls_that_are_made_otherwise_have_a_batch_of_their_own_and_share_asks_and_answers(Scene scene)
    {
        var fast = await Asks.OpenAsync(scene, key: "asks/fast");
        var acme = Expect.Single(await Asks.AskAsync(scene, fast, 1, "acme.com"));

        var slow = await Asks.OpenAsync(scene, key: "asks/slow");
        Expect.That(slow.Batch != fast.Batch);
        Expect.Equal(acme.Ask, Expect.Single(await Asks.AskAsync(scene, slow, 2, "acme.com")).Ask);
        var globex = Expect.Single(await Asks.AskAsync(scene, slow, 2, "globex.com"));
        Expect.Equal(slow.Batch, globex.Ask.Batch);

        Expect.Null(await scene.Store.AskAsync(Asks.Request(fast, [Asks.Entity("globex.com")]), default));
        fast = await Asks.OpenAsync(scene, key: "asks/fast");
        Expect.Equal(globex.Ask, Expect.Single(await Asks.AskAsync(scene, fast, 1, "globex.com")).Ask);
        await scene.ExpectHealthyAsync();

        await Asks.EndAndShareAsync(scene, slow);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await Asks.AskAsync(scene, fast, 1, "globex.com")).Kind!.Value);
        scene.Clock.Advance(Times.Moment);
        var anew = Asks.Request(fast, [Asks.Entity("globex.com")]) with { Since = scene.Clock.GetUtcNow() };
        var last = Expect.Single((await scene.Store.AskAsync(anew, default))!);
        Expect.That(last.Made && last.Ask.Batch == fast.Batch);
        Expect.Equal(last.Ask, Expect.Single(await Asks.AskAsync(scene, slow, 2, "globex.com")).Ask);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Of_hosts_that_ask_at_once_for_calls_that_are_made_otherwise_one_makes_the_ask(Scene scene)
    {
        var ways = new List<AskBatch>();
        for (var pass = 0; pass < 2; pass++)
        {
            ways = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(way => Task.Run(() => Asks.OpenAsync(scene, key: $"asks/{way}"))))];
        }

        for (var round = 0; round < 10; round++)
        {
            WantedEntity[] wanted = [.. Enumerable.Range(1, 20).Select(number => Asks.Entity($"company-{round}-{number}.com", bucket: (short)round))];
            var asked = await Task.WhenAll(Enumerable.Range(0, 16).Select(host => Task.Run(async () => (await scene.Store.AskAsync(Asks.Request(ways[host % 4], wanted, (short)host), default))!)));
            Expect.Equal(20, asked.SelectMany(each => each).Count(each => each.Made));
            Expect.Equal(20, asked.SelectMany(each => each).Select(each => each.Ask).Distinct().Count());
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task Answers_of_one_client_serve_no_other(Scene scene)
    {
        var mine = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, mine, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, mine);

        var theirs = await Asks.OpenAsync(scene, client: "globex");

        Expect.That(theirs.Batch != mine.Batch);
        Expect.That(Expect.Single(await Asks.AskAsync(scene, theirs, 1, "acme.com")).Made);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Whoever_comes_to_wait_for_an_ask_that_was_shared_meanwhile_is_served(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        var asked = Expect.Single(await Asks.AskAsync(scene, asks, claim.Lease.Range.Bucket, "acme.com"));
        Expect.Equal(0, await Asks.EndAndShareAsync(scene, asks));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));

        var ended = await Asks.AwaitAsync(scene, claim, asked.Ask);

        Expect.Equal(asked.Ask, Expect.Single(ended));
        Expect.Equal(asked.Ask.Range, Expect.Single(await scene.Store.FindToAdvanceAsync(10, default)));
        await scene.ExpectHealthyAsync();
        Expect.Equal(2, await scene.Store.ShareAsync(asked.Ask.Range, [asked.Ask.Item], default));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Hosts_that_share_at_once_serve_each_item_once(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(300, stages: 2), await Asks.OpenAsync(scene));
        for (var i = 0; i < 3; i++)
        {
            await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch), $"company-{i}.com");
        }

        var ranges = await Asks.EndAsync(scene, asks);
        var served = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var changed = 0;
            foreach (var range in ranges)
            {
                changed += await scene.Store.ShareAsync(range, null, default);
            }

            return changed;
        })));

        Expect.Equal(300, served.Sum());
        Expect.Equal(300, (await scene.ProgressAsync(batch, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Those_who_come_to_wait_while_others_share_are_all_served(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        var batches = new List<(Batch Batch, Claim Claim)>();
        for (var i = 0; i < 8; i++)
        {
            var batch = await scene.BatchAsync(5);
            batches.Add((batch, await scene.ClaimAsync(batch)));
        }

        var ask = Expect.Single(await Asks.AskAsync(scene, asks, 0, "acme.com")).Ask;
        await Task.WhenAll(
        [
            .. batches.Select(each => Task.Run(async () =>
            {
                var asked = Expect.Single(await Asks.AskAsync(scene, asks, each.Claim.Lease.Range.Bucket, "acme.com"));
                if (asked.Kind is null && (await Asks.AwaitAsync(scene, each.Claim, asked.Ask)).Count > 0)
                {
                    await scene.Store.ShareAsync(ask.Range, [ask.Item], default);
                }
            })),
            Task.Run(() => Asks.EndAndShareAsync(scene, asks)),
        ]);

        foreach (var (batch, _) in batches)
        {
            Expect.That((await scene.StatesAsync(batch)).All(state => state.Status != Status.InProgress));
        }

        await scene.ExpectHealthyAsync();
    }

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

    public static async Task Answers_too_large_for_one_round_are_all_shared(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(20), await Asks.OpenAsync(scene));
        var keys = new Queue<string>(Enumerable.Range(1, 20).Select(number => $"company-{number}.com"));
        while (await scene.TryClaimAsync(batch, limit: 1) is { } claim)
        {
            var asked = Expect.Single((await scene.Store.AskAsync(Asks.Request(asks, [Asks.Entity(keys.Dequeue(), bucket: 7)], claim.Lease.Range.Bucket), default))!);
            await Asks.AwaitAsync(scene, claim, asked.Ask);
            await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        }

        var large = new string('a', 1_000_000);
        var ranges = await Asks.EndAsync(scene, asks, item => Commits.Completed(item, result: $$"""{"company.size":"{{large}}","by":{{item.Item}}}"""));

        Expect.Equal(20, await scene.Store.ShareAsync(ranges[0], null, default));

        Expect.Equal(20, (await scene.ResultsAsync(batch)).Select(result => System.Text.Encoding.UTF8.GetString(result.Data.Span)).Distinct().Count());
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
    }

    public static async Task A_next_stage_that_is_there_already_keeps_nobody_from_his_answer(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2, stages: 2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await scene.Fixture.ExecuteRawAsync(
            $"""
            insert into workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at, advanced_at)
            select bucket, batch, 2, item, 5, generation, 0, due_at, updated_at, updated_at from workflow_states where batch = {batch.Key} and item = 1
            """);

        Expect.Equal(2, await Asks.EndAndShareAsync(scene, asks));

        Expect.Sequence([Status.Completed, Status.Completed], (await scene.StatesAsync(batch)).Where(state => state.Stage == 1).Select(state => state.Status));
        Expect.Sequence([Status.Skipped, Status.Pending], (await scene.StatesAsync(batch)).Where(state => state.Stage == 2).Select(state => state.Status));
        Expect.Equal(1, (await scene.ProgressAsync(batch, 2)).Pending);
    }

    public static async Task A_wait_of_an_item_that_waits_for_nothing_is_found(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var (ask, _) = await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await Asks.EndAndShareAsync(scene, asks);
        await scene.ExpectHealthyAsync();

        await scene.Fixture.ExecuteRawAsync(
            $"insert into entity_waits (bucket, batch, stage, item, ask_bucket, ask_batch, ask_item) select bucket, batch, stage, item, {ask.Bucket}, {ask.Batch}, {ask.Item} from workflow_states where batch = {batch.Key} and item = 1");

        Expect.Single(await scene.Store.ExamineAsync(default));
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

        Expect.Equal(1, await scene.Store.EndByHandAsync(ByHand.Supply(await scene.Store.LoadBatchAsync(asks.Batch, default), 1, [ask.Item], advances: false), default));

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

        Expect.Equal(1, await scene.Store.EndByHandAsync(ByHand.Supply(await scene.Store.LoadBatchAsync(asks.Batch, default), 1, [ask.Item], advances: false), default));

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

        Expect.Equal(1, (await scene.Store.CommitAsync(new(calling.Lease, "host", AttemptsAreOpen: false, [Asks.Answered(Expect.Single(calling.Items))]) { Asks = true }, default)).Count);
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

    public static async Task The_sweep_finds_who_waits_for_an_ask_that_counts_as_shared(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var (ask, _) = await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await Asks.EndAsync(scene, asks);
        await scene.Fixture.ExecuteRawAsync($"update workflow_states set advanced_at = updated_at where batch = {asks.Batch} and item = {ask.Item}");
        await scene.Fixture.ExecuteRawAsync($"update ranges set to_advance = 0 where batch = {asks.Batch}");
        Expect.That((await scene.Store.ExamineAsync(default)).Any(finding => finding.Check == "1_entities"));

        Expect.Equal(2, await scene.Store.TendAsksAsync(default));

        Expect.Equal(2, (await scene.ProgressAsync(batch)).Completed);
        Expect.Equal(0, await scene.Store.TendAsksAsync(default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_ask_that_is_damaged_keeps_nobody_from_being_found_who_waits_for_another(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        var waits = new List<(Batch Batch, short Bucket, Ask Ask)>();
        foreach (var key in (string[])["acme.com", "globex.com", "initech.com"])
        {
            var batch = await scene.BatchAsync(1);
            var claim = await scene.ClaimAsync(batch);
            waits.Add((batch, claim.Lease.Range.Bucket, (await Asks.WaitAsync(scene, asks, claim, key)).Ask));
        }

        Expect.Equal(3, waits.Select(wait => wait.Ask.Range).Distinct().Count());
        await Asks.EndAsync(scene, asks);
        await scene.Fixture.ExecuteRawAsync($"update workflow_states set advanced_at = updated_at where batch = {asks.Batch}");
        await scene.Fixture.ExecuteRawAsync($"update ranges set to_advance = 0 where batch = {asks.Batch}");

        // The first and the last: whichever is tended first.
        waits = [.. waits.OrderBy(wait => wait.Bucket).ThenBy(wait => wait.Batch.Key)];
        foreach (var damaged in (Ask[])[waits[0].Ask, waits[2].Ask])
        {
            await scene.Fixture.ExecuteRawAsync($"delete from enrichment_results where batch = {asks.Batch} and item = {damaged.Item}");
        }

        await Expect.ThrowsAsync<System.Data.Common.DbException>(() => scene.Store.TendAsksAsync(default));

        Expect.Equal(1, (await scene.ProgressAsync(waits[1].Batch)).Completed);
    }

    public static async Task The_sweep_frees_who_waits_for_an_ask_that_is_gone(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await scene.Fixture.ExecuteRawAsync($"update entity_waits set ask_item = ask_item + 1 where batch = {batch.Key}");

        Expect.Equal(2, await scene.Store.TendAsksAsync(default));

        Expect.That((await scene.StatesAsync(batch)).All(state => state.Status is Status.Pending or Status.Queued));
    }

    public static async Task Without_the_lease_nothing_waits(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);

        await Asks.WaitAsync(scene, asks, claim);

        Expect.Equal(2, (await scene.ProgressAsync(batch)).Pending);
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waits"));
    }

    public static async Task A_stored_answer_completes_items_and_names_its_source(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks);
        var claim = await scene.ClaimAsync(batch);
        var served = Expect.Single(await Asks.AskAsync(scene, asks, claim.Lease.Range.Bucket, "acme.com"));

        await scene.CommitAsync(claim.Lease, claim.Items.Select(item => Commits.Completed(item) with { Result = served.Answer, Source = served.Ask, Tries = 0 }));

        Expect.Equal(2L, await scene.Fixture.CountRawAsync($"select count(*) from enrichment_results where source = {served.Ask.Source}"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Batches_of_asks_are_in_no_list_and_in_no_typed_table(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks);

        Expect.Empty(await Scene.ToListAsync(scene.Store.ReadBatchesAsync(Scene.Client, default)));
        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.TendAsksAsync(default);
        Expect.Empty(await scene.Store.FindUnconsolidatedAsync(default));
        Expect.That((await scene.Store.LoadBatchAsync(asks.Batch, default)) is { Asks: true, Status: BatchStatus.Completed });
    }

    public static async Task A_batch_of_asks_ends_when_it_has_been_idle_and_is_reopened_by_the_next_ask(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.TendAsksAsync(default);
        Expect.Equal(BatchStatus.Running, (await scene.Store.LoadBatchAsync(asks.Batch, default)).Status);
        await Asks.EndAndShareAsync(scene, asks);
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.TendAsksAsync(default);
        Expect.Equal(BatchStatus.Completed, (await scene.Store.LoadBatchAsync(asks.Batch, default)).Status);
        await scene.ExpectHealthyAsync();

        Expect.Null(await scene.Store.AskAsync(Asks.Request(asks, [Asks.Entity("globex.com")]), default));
        var again = await Asks.OpenAsync(scene);

        Expect.Equal(asks.Batch, again.Batch);
        Expect.That(Expect.Single(await Asks.AskAsync(scene, again, 1, "globex.com")).Made);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await Asks.AskAsync(scene, again, 1, "acme.com")).Kind!.Value);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_batch_of_asks_that_only_serves_stored_answers_stays_open_for_an_hour(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks);
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.TendAsksAsync(default);

        var again = await Asks.OpenAsync(scene);
        scene.Clock.Advance(TimeSpan.FromMinutes(59));
        await scene.Store.TendAsksAsync(default);
        Expect.Equal(StepOutcomeKind.Completed, Expect.Single(await Asks.AskAsync(scene, again, 1, "acme.com")).Kind!.Value);
        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from batch_events where kind = 'completed'"));

        scene.Clock.Advance(TimeSpan.FromMinutes(2));
        await scene.Store.TendAsksAsync(default);
        Expect.Equal(BatchStatus.Completed, (await scene.Store.LoadBatchAsync(asks.Batch, default)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_batch_of_asks_is_pruned_like_any_other_and_another_takes_its_place(Scene scene)
    {
        var asks = await Asks.OpenAsync(scene);
        await Asks.AskAsync(scene, asks, 1, "acme.com");
        await Asks.EndAndShareAsync(scene, asks);
        scene.Clock.Advance(TimeSpan.FromHours(2));
        await scene.Store.TendAsksAsync(default);
        scene.Clock.Advance(TimeSpan.FromHours(2));

        var old = Expect.Single(await Scene.ToListAsync(scene.Store.FindPrunableAsync(new() { OlderThan = TimeSpan.FromHours(1), Consolidated = true }, default)));
        Expect.That(await scene.Store.MarkPrunedAsync(old, "{}", default));
        var next = await Asks.OpenAsync(scene);
        Expect.That(next.Batch != asks.Batch);
        Expect.That(Expect.Single(await Asks.AskAsync(scene, next, 1, "acme.com")).Made);
        await Scene.ToListAsync(scene.Store.EmptyAsync(old, default));

        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from entities"));
        await scene.ExpectHealthyAsync();
    }
}
