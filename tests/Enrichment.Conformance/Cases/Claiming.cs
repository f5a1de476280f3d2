using System.Collections.Concurrent;
using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Claiming
{
    public static async Task A_claim_gives_a_lease_and_the_rows_inside_it(Scene scene)
    {
        var batch = await scene.BatchAsync(10);

        var claim = await scene.ClaimAsync(batch, limit: 4);

        Expect.Sequence([1, 2, 3, 4], claim.Items.Select(i => i.Item));
        Expect.That(claim.Lease.Lo <= 1 && claim.Lease.Hi >= 4);
        Expect.That(claim.Lease.Token > 0);
        Expect.Equal((short)0, claim.Lease.Losses);
        var first = claim.Items[0];
        Expect.Equal((1, 0, 0), (first.Generation, first.Attempt, first.Tries));
        Expect.Equal(Encoding.UTF8.GetString(Scene.Row(1).Raw.Span), Encoding.UTF8.GetString(first.Raw.Span));
        Expect.Empty(first.Results);
    }

    public static async Task Claimed_items_are_QUEUED_until_the_lease_ends(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        var claim = await scene.ClaimAsync(batch, limit: 4);

        var queued = await scene.StatesAsync(batch, Status.Queued);
        Expect.Sequence(claim.Items.Select(i => i.Item), queued.Select(s => s.Item));
        Expect.That(queued.All(s => s.ActsAt == scene.Clock.GetUtcNow() + Times.Lease));
        scene.Clock.Advance(Times.PastTheLease);
        Expect.Empty(await scene.StatesAsync(batch, Status.Queued));
        Expect.Equal(10, (await scene.StatesAsync(batch, Status.Pending)).Count);
    }

    public static async Task The_first_claim_starts_the_batch(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        scene.Clock.Advance(Times.Moment);
        await scene.ClaimAsync(batch);

        var running = await scene.ReloadAsync(batch);

        Expect.Equal(BatchStatus.Running, running.Status);
        Expect.Equal(scene.Clock.GetUtcNow(), running.StartedAt);
    }

    public static async Task Thirty_two_claimers_take_each_of_10000_items_exactly_once(Scene scene)
    {
        var batch = await scene.BatchAsync(10_000);
        var taken = new ConcurrentBag<int>();
        var leases = new ConcurrentBag<Lease>();

        await Task.WhenAll(Enumerable.Range(0, 32).Select(n => Task.Run(async () =>
        {
            while (await scene.CandidatesAsync(batch) is { Count: > 0 } candidates)
            {
                // Each begins elsewhere, or all would race for the first range alone.
                foreach (var candidate in candidates.Skip(n % candidates.Count).Take(1))
                {
                    if (await scene.Store.ClaimAsync(Scene.Claiming(candidate, batch, limit: 250, owner: $"host {n}"), default) is { } claim)
                    {
                        leases.Add(claim.Lease);
                        foreach (var item in claim.Items)
                        {
                            taken.Add(item.Item);
                        }
                    }
                }
            }
        })));

        Expect.Sequence(Enumerable.Range(1, 10_000), taken.Order());
        foreach (var range in leases.GroupBy(l => l.Range))
        {
            var ordered = range.OrderBy(l => l.Lo).ToList();
            Expect.That(ordered.Zip(ordered.Skip(1)).All(pair => pair.First.Hi < pair.Second.Lo));
            Expect.Equal(ordered.Count, ordered.Select(l => l.Token).Distinct().Count());
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task A_candidate_that_another_host_was_faster_with_gives_nothing(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        var candidate = Expect.Single(await scene.CandidatesAsync(batch));
        Expect.That(await scene.Store.ClaimAsync(Scene.Claiming(candidate, batch, limit: 2), default) is not null);

        Expect.Null(await scene.Store.ClaimAsync(Scene.Claiming(candidate, batch, limit: 2), default));

        Expect.Sequence([3, 4], (await scene.ClaimAsync(batch, limit: 2)).Items.Select(i => i.Item));
    }

    public static async Task A_range_wholly_under_live_leases_is_no_candidate(Scene scene)
    {
        var batch = await scene.BatchAsync(10);
        await scene.ClaimAsync(batch);

        Expect.Null(await scene.TryClaimAsync(batch));
    }

    public static async Task The_byte_limit_bounds_what_is_read_and_the_rest_is_read_again(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        var claim = await scene.ClaimAsync(batch, byteLimit: 1);
        Expect.Sequence([1], claim.Items.Select(i => i.Item));
        Expect.That(claim.Lease.Hi >= 5);

        var seen = new List<int>();
        for (var items = claim.Items; items.Count > 0; items = await scene.ReadAgainAsync(claim, batch, byteLimit: 1))
        {
            seen.Add(Expect.Single(items).Item);
            await scene.CommitAsync(claim.Lease, items.Select(i => Commits.Completed(i)));
        }

        Expect.Sequence([1, 2, 3, 4, 5], seen);
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
    }

    public static async Task The_byte_limit_counts_bytes_before_any_compression(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(staging, [.. Enumerable.Range(1, 5).Select(n => Scene.Row(n, new string('x', 100_000)))], [], default);
        var batch = await scene.LaunchAsync(await scene.Store.SealAsync(staging, Scene.Seal("wide", 5), default));

        var claim = await scene.ClaimAsync(batch, byteLimit: 250_000);

        Expect.Sequence([1, 2], claim.Items.Select(i => i.Item));
        Expect.Sequence([1, 2], (await scene.ReadAgainAsync(claim, batch, byteLimit: 250_000)).Select(i => i.Item));
    }

    public static async Task Earlier_results_count_towards_the_byte_limit(Scene scene)
    {
        var batch = await scene.BatchAsync(5, stages: 2);
        var answer = $$"""{"text":"{{new string('x', 5_000)}}"}""";
        await scene.WorkAsync(batch, 1, outcome: item => Commits.Completed(item, advances: true, item.Item == 3 ? "{}" : answer));

        var claim = await scene.ClaimAsync(batch, 2, sources: [1], byteLimit: 12_000);
        var seen = new List<int[]>();
        for (var items = claim.Items; items.Count > 0; items = await scene.ReadAgainAsync(claim, batch, [1], byteLimit: 12_000))
        {
            seen.Add([.. items.Select(i => i.Item)]);
            Expect.That(
                items.All(i => Encoding.UTF8.GetString(Expect.Single(i.Results).Result.Span) == (i.Item == 3 ? "{}" : answer)),
                "each record has its earlier result");
            await scene.CommitAsync(claim.Lease, items.Select(i => Commits.Completed(i)));
        }

        Expect.Equal("1,2,3 4,5", string.Join(' ', seen.Select(items => string.Join(',', items))));
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_item_is_not_claimed_before_its_date(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => i.Item == 2 ? Commits.Retry(i) : Commits.Completed(i)));
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));

        Expect.Null(await scene.TryClaimAsync(batch));
        scene.Clock.Advance(Times.Backoff - Times.Moment);
        Expect.Null(await scene.TryClaimAsync(batch));
        scene.Clock.Advance(Times.Moment);
        var item = Expect.Single((await scene.ClaimAsync(batch)).Items);
        Expect.Equal((2, 1, 1), (item.Item, item.Attempt, item.Tries));
    }

    public static async Task A_retry_that_comes_due_far_behind_the_front_is_found(Scene scene)
    {
        var batch = await scene.BatchAsync(900);
        var first = await scene.ClaimAsync(batch, limit: 100);
        await scene.CommitAsync(first.Lease, first.Items.Select(i => i.Item == 5 ? Commits.Retry(i, Times.Moment) : Commits.Completed(i)));
        await scene.Store.ReleaseAsync(first.Lease, evenIfDue: false, default);
        await scene.ClaimAsync(batch, limit: 100);

        scene.Clock.Advance(Times.Moment);
        var items = new List<int>();
        while (await scene.TryClaimAsync(batch, limit: 300) is { } claim)
        {
            items.AddRange(claim.Items.Select(i => i.Item));
        }

        Expect.Sequence([5, .. Enumerable.Range(201, 700)], items.Order());
    }

    public static async Task Items_of_a_paused_or_cancelled_batch_are_not_claimed(Scene scene)
    {
        var (paused, cancelled) = (await scene.BatchAsync(3), await scene.BatchAsync(4));
        IReadOnlyList<Candidate> candidates = [.. await scene.CandidatesAsync(paused), .. await scene.CandidatesAsync(cancelled)];
        await scene.Store.SetPausedAsync(paused.Key, true, default);
        await scene.Store.CancelAsync(cancelled.Key, default);

        Expect.Equal(2, candidates.Count);
        Expect.Empty((await scene.Store.FindDueAsync([], default)).Batches);
        foreach (var candidate in candidates)
        {
            Expect.Null(
                await scene.Store.ClaimAsync(Scene.Claiming(candidate, candidate.Range.Batch == paused.Key ? paused : cancelled), default));
        }
    }

    public static async Task The_results_of_the_stages_asked_for_come_with_the_items(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 3);
        await scene.WorkAsync(
            batch,
            1,
            outcome: i => i.Item == 2 ? Commits.Skipped(i, advances: true) : Commits.Completed(i, advances: true));
        await scene.WorkAsync(batch, 2, outcome: i => Commits.Completed(i, advances: true, """{"person.email":"a@b.c"}"""));

        var items = (await scene.ClaimAsync(batch, 3, sources: [1, 2])).Items;

        Expect.Sequence([(short)1, (short)2], items[0].Results.Select(r => r.Stage));
        Expect.Equal("""{"company.domain":"site-1.com","attempt":1}""", Encoding.UTF8.GetString(items[0].Results[0].Result.Span));
        Expect.Equal("""{"person.email":"a@b.c"}""", Encoding.UTF8.GetString(items[0].Results[1].Result.Span));
        Expect.Sequence([(short)2], items[1].Results.Select(r => r.Stage));
        Expect.Equal("""["Company 3","site-3.com"]""", Encoding.UTF8.GetString(items[2].Raw.Span));
    }

    public static async Task The_answer_that_counts_is_that_of_the_latest_generation(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        await scene.WorkAsync(batch, 1, outcome: i => Commits.Completed(i, advances: true, """{"company.domain":"old.com"}"""));
        await scene.WorkAsync(batch, 2);
        await scene.Store.RetryAsync(batch.Key, 1, [1, 2], sameKey: false, default);
        await scene.WorkAsync(
            batch,
            1,
            outcome: i =>
                i.Item == 1 ? Commits.Completed(i, advances: true, """{"company.domain":"new.com"}""") : Commits.Skipped(i, advances: true));

        var items = (await scene.ClaimAsync(batch, 2, sources: [1])).Items;

        Expect.Equal("""{"company.domain":"new.com"}""", Encoding.UTF8.GetString(Expect.Single(items[0].Results).Result.Span));
        Expect.Empty(items[1].Results);
    }

    public static async Task Results_that_were_not_asked_for_are_not_read(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 3);
        await scene.WorkAsync(batch, 1, advances: true);
        await scene.WorkAsync(batch, 2, advances: true);

        var item = Expect.Single((await scene.ClaimAsync(batch, 3, sources: [2])).Items);

        Expect.Sequence([(short)2], item.Results.Select(r => r.Stage));
    }

    public static async Task Batches_of_which_the_host_can_run_nothing_are_left_out(Scene scene)
    {
        var (one, two) = (await scene.BatchAsync(3), await scene.BatchAsync(4, stages: 2));

        Expect.Equal(
            two.Key,
            Expect.Single((await scene.Store.FindDueAsync([(one.Key, (short)1), (two.Key, (short)2)], default)).Batches).Batch);
        Expect.Empty((await scene.Store.FindDueAsync([(one.Key, (short)1), (two.Key, (short)1)], default)).Batches);
    }

    public static async Task Stages_that_the_host_cannot_run_are_left_out(Scene scene)
    {
        var batch = await scene.BatchAsync(4, stages: 2);
        var claim = await scene.ClaimAsync(batch, limit: 2);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true)));

        Expect.Sequence(
            [(short)2, (short)1],
            (await scene.Store.FindCandidatesAsync(batch.Key, [], 10, default)).Select(c => c.Range.Stage));
        Expect.Sequence([(short)2], (await scene.Store.FindCandidatesAsync(batch.Key, [1], 10, default)).Select(c => c.Range.Stage));
        Expect.Sequence([(short)1], (await scene.Store.FindCandidatesAsync(batch.Key, [2, 3], 10, default)).Select(c => c.Range.Stage));
    }

    public static async Task A_batch_with_something_due_is_found_with_its_client_and_priority_however_many_wait(Scene scene)
    {
        var large = await scene.LaunchAsync(await scene.UploadAsync(3_000));
        var waits = await scene.BatchAsync(5);
        var other = await scene.LaunchAsync(await scene.UploadAsync(10, "globex"), priority: 70);
        var claim = await scene.ClaimAsync(waits);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Retry(i)));
        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
        Expect.Null(await scene.TryClaimAsync(waits));

        var due = (await scene.Store.FindDueAsync([], default)).Batches.OrderBy(d => d.Batch).ToList();

        Expect.Sequence([(large.Key, (short)10), (other.Key, (short)70)], due.Select(d => (d.Batch, d.Priority)));
        Expect.That(due[0].Client != due[1].Client);
        scene.Clock.Advance(Times.Backoff);
        Expect.That(await scene.IsDueAsync(waits));
    }

    public static async Task The_least_recently_leased_range_comes_first(Scene scene)
    {
        var batch = await scene.BatchAsync(3_000);
        var order = new List<short>();
        for (var turn = 0; turn < 6; turn++)
        {
            var first = (await scene.Store.FindCandidatesAsync(batch.Key, [], 1, default))[0];
            Expect.That(await scene.Store.ClaimAsync(Scene.Claiming(first, batch, limit: 10), default) is not null);
            order.Add(first.Range.Bucket);
            scene.Clock.Advance(Times.Moment);
        }

        Expect.Equal(3, order.Distinct().Count());
        Expect.Sequence(order.Take(3), order.Skip(3));
    }

    public static async Task A_row_that_arrives_inside_a_live_interval_belongs_to_its_holder(Scene scene)
    {
        var batch = await scene.BatchAsync(30, stages: 2);
        var early = await scene.ClaimAsync(batch, 1);
        await scene.CommitAsync(
            early.Lease,
            early.Items.Where(i => i.Item is <= 10 or > 20).Select(i => Commits.Completed(i, advances: true)));
        var late = await scene.ClaimAsync(batch, 2);
        Expect.That(late.Lease.Lo <= 1 && late.Lease.Hi >= 30);
        await scene.CommitAsync(late.Lease, late.Items.Select(i => Commits.Completed(i)));

        await scene.CommitAsync(
            early.Lease,
            early.Items.Where(i => i.Item is > 10 and <= 20).Select(i => Commits.Completed(i, advances: true)));

        Expect.Null(await scene.TryClaimAsync(batch, 2));
        Expect.That(!await scene.Store.ReleaseAsync(late.Lease, evenIfDue: false, default));
        var arrived = await scene.ReadAgainAsync(late, batch);
        Expect.Sequence(Enumerable.Range(11, 10), arrived.Select(i => i.Item));
        await scene.CommitAsync(late.Lease, arrived.Select(i => Commits.Completed(i)));
        Expect.That(await scene.Store.ReleaseAsync(late.Lease, evenIfDue: false, default));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_retry_that_comes_due_inside_a_live_interval_belongs_to_its_holder(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Retry(i, Times.Moment)));
        Expect.Empty(await scene.ReadAgainAsync(claim, batch));

        scene.Clock.Advance(Times.Moment);

        Expect.Null(await scene.TryClaimAsync(batch));
        Expect.That(!await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
        Expect.Sequence([1, 2, 3], (await scene.ReadAgainAsync(claim, batch)).Select(i => i.Item));
    }

    public static async Task Items_that_a_drain_gives_back_are_claimed_by_others_at_once_and_count_no_loss(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, claim.Items.Take(2).Select(i => Commits.Completed(i)));

        Expect.That(await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default));

        var next = await scene.ClaimAsync(batch, owner: "other host");
        Expect.Sequence([3, 4, 5], next.Items.Select(i => i.Item));
        Expect.Equal((short)0, next.Lease.Losses);
        Expect.That(next.Lease.Token > claim.Lease.Token);
        Expect.That(next.Items.All(i => i is { Attempt: 0, Tries: 0 }));
    }

    public static async Task Work_is_open_until_the_last_item_ends_or_an_operator_holds_it(Scene scene)
    {
        Expect.That(!await scene.HasOpenWorkAsync());
        var batch = await scene.BatchAsync(2);
        Expect.That(await scene.HasOpenWorkAsync());
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, [Commits.Retry(claim.Items[0]), Commits.Completed(claim.Items[1])]);
        Expect.That(await scene.HasOpenWorkAsync());

        await scene.Store.SetPausedAsync(batch.Key, true, default);
        Expect.That(!await scene.HasOpenWorkAsync());
        await scene.Store.SetPausedAsync(batch.Key, false, default);
        scene.Clock.Advance(Times.Backoff);
        await scene.CommitAsync(
            Expect.Single(scene.Store.Renew("host", [claim.Lease], Times.Lease)),
            (await scene.ReadAgainAsync(claim, batch)).Select(i => Commits.Completed(i)));
        Expect.That(!await scene.HasOpenWorkAsync());
    }

    public static async Task Work_that_the_host_cannot_do_is_not_open_to_it(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);

        Expect.That(!await scene.HasOpenWorkAsync((batch.Key, 1)));
        Expect.That(await scene.HasOpenWorkAsync((batch.Key, 2)));
    }
}
