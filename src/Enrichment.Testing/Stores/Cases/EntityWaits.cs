using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Testing.Cases;

/// <summary>Items that wait for an ask complete, fail or are skipped with it, never before it.</summary>
internal static class EntityWaits
{
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

        Expect.That((await scene.StatesAsync(batch)).Where(state => state.Stage == 1)
            .All(state => state is { Status: Status.Completed, Attempt: 1 }));
        Expect.Equal(3, (await scene.ProgressAsync(batch, 2)).Pending);
        Expect.Sequence(["""{"company.size":42,"by":["acme.com","Acme"]}"""], (await scene.ResultsAsync(batch))
            .Select(result => System.Text.Encoding.UTF8.GetString(result.Data.Span)).Distinct());
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

        Expect.That((await scene.StatesAsync(required))
            .All(state => state is { Stage: 1, Status: Status.Failed, ErrorClass: ErrorClass.Permanent, Error: "the vendor refused" }));
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

    public static async Task Answers_too_large_for_one_round_are_all_shared(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(20), await Asks.OpenAsync(scene));
        var keys = new Queue<string>(Enumerable.Range(1, 20).Select(number => $"company-{number}.com"));
        while (await scene.TryClaimAsync(batch, limit: 1) is { } claim)
        {
            var asked = Expect.Single((await scene.Store.AskAsync(
                Asks.Request(asks, [Asks.Entity(keys.Dequeue(), bucket: 7)], claim.Lease.Range.Bucket), default))!);
            await Asks.AwaitAsync(scene, claim, asked.Ask);
            await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
        }

        var large = new string('a', 1_000_000);
        var ranges = await Asks.EndAsync(
            scene, asks, item => Commits.Completed(item, result: $$"""{"company.size":"{{large}}","by":{{item.Item}}}"""));

        Expect.Equal(20, await scene.Store.ShareAsync(ranges[0], null, default));

        Expect.Equal(20, (await scene.ResultsAsync(batch)).Select(result => System.Text.Encoding.UTF8.GetString(result.Data.Span))
            .Distinct().Count());
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
    }

    public static async Task A_next_stage_that_is_there_already_keeps_nobody_from_his_answer(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2, stages: 2), await Asks.OpenAsync(scene));
        await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await scene.Fixture.ExecuteRawAsync(
            $"""
            insert into workflow_states (bucket, batch, stage, item, status, generation, attempt, due_at, updated_at, advanced_at)
            select bucket, batch, 2, item, 5, generation, 0, due_at, updated_at,
                updated_at from workflow_states where batch = {batch.Key} and item = 1
            """);

        Expect.Equal(2, await Asks.EndAndShareAsync(scene, asks));

        Expect.Sequence([Status.Completed, Status.Completed], (await scene.StatesAsync(batch)).Where(state => state.Stage == 1)
            .Select(state => state.Status));
        Expect.Sequence([Status.Skipped, Status.Pending], (await scene.StatesAsync(batch)).Where(state => state.Stage == 2)
            .Select(state => state.Status));
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

    public static async Task The_sweep_finds_who_waits_for_an_ask_that_counts_as_shared(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var (ask, _) = await Asks.WaitAsync(scene, asks, await scene.ClaimAsync(batch));
        await Asks.EndAsync(scene, asks);
        await scene.Fixture.ExecuteRawAsync(
            $"update workflow_states set advanced_at = updated_at where batch = {asks.Batch} and item = {ask.Item}");
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

    public static async Task Without_the_lease_nothing_waits(Scene scene)
    {
        var (batch, asks) = (await scene.BatchAsync(2), await Asks.OpenAsync(scene));
        var claim = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);

        await Asks.WaitAsync(scene, asks, claim);

        Expect.Equal(2, (await scene.ProgressAsync(batch)).Pending);
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from entity_waits"));
    }
}
