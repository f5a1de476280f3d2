using System.Text;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>What an operator decides in a step's stead.</summary>
internal static class Resolving
{
    public static async Task A_failed_item_that_is_skipped_goes_on_in_a_new_generation(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        await scene.WorkAsync(batch, advances: true, outcome: i => i.Item == 2 ? Commits.Failed(i) : Commits.Completed(i, advances: true));
        await scene.WorkAsync(batch, 2);
        Expect.Equal(BatchStatus.CompletedWithFailures, Expect.Single(await scene.Store.CompleteBatchesAsync(default)).Status);

        Expect.Equal(1, await scene.Store.ResolveAsync(Skip(batch, 1, [2], "it is \"gone\"", advances: true), default));

        var state = await scene.StateAsync(batch, 2);
        Expect.Equal((Status.Skipped, (short)2, 1, "it is \"gone\""), (state.Status, state.Generation, state.Attempt, state.Error));
        Expect.Null(state.ErrorClass);
        var next = await scene.StateAsync(batch, 2, 2);
        Expect.Equal((Status.Pending, (short)2), (next.Status, next.Generation));
        Expect.Equal(BatchStatus.Running, (await scene.ReloadAsync(batch)).Status);
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from state_history"));
        await scene.ExpectHealthyAsync();

        Expect.Equal(1, await scene.WorkAsync(batch, 2));
        Expect.Equal(BatchStatus.Completed, Expect.Single(await scene.Store.CompleteBatchesAsync(default)).Status);
        var events = await scene.Store.ReadEventsAsync(batch.Key, default);
        Expect.Sequence(["launched", "completed", "skipped", "completed"], events.Select(e => e.Kind));
        Expect.Equal("it is \"gone\"", JsonElement.Parse(events[2].Detail!).GetProperty("reason").GetString());
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_supplied_result_is_the_items_own_with_an_attempt_of_the_operators(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        await scene.Store.BeginAttemptsAsync(claim.Lease, "host", [.. claim.Items.Select(Commits.Begin)], default);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Failed(i)), begun: true);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);

        Expect.Equal(2, await scene.Store.ResolveAsync(Supply(batch, 1, [1, 2], advances: true), default));

        Expect.Sequence(
            [(1, 2, "{\"a\":1}"), (2, 2, "{\"a\":1}")],
            (await scene.ResultsAsync(batch)).Select(r => (r.Item, r.Attempt, Encoding.UTF8.GetString(r.Data.Span))));
        Expect.That((await scene.TimelineAsync(batch, 1)).Any(e => e is { Attempt: 2, What: "attempt completed" }));
        Expect.Equal(2, await scene.WorkAsync(batch, 2));
        await scene.ExpectHealthyAsync();

        // And its number is never used again.
        Expect.Equal(1, await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default));
        Expect.Equal((2, (short)3), ((await scene.StateAsync(batch, 1)).Attempt, (await scene.StateAsync(batch, 1)).Generation));
        await scene.FinishAsync(batch, 2);
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_item_that_waits_under_no_lease_can_be_ended_and_is_not_claimed_then(Scene scene)
    {
        var batch = await scene.BatchAsync(3);

        Expect.Equal(1, await scene.Store.ResolveAsync(Skip(batch, 1, [1]), default));
        Expect.Equal(1, await scene.Store.ResolveAsync(Supply(batch, 1, [2]), default));

        Expect.Sequence([3], (await scene.ClaimAsync(batch)).Items.Select(i => i.Item));
        Expect.Equal(
            new StageCounts
            {
                Stage = 1,
                Pending = 1,
                InProgress = 0,
                Completed = 1,
                Failed = 0,
                Skipped = 1,
                Cancelled = 0,
                ToAdvance = 0,
            },
            await scene.ProgressAsync(batch));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_item_that_a_host_holds_or_held_is_left_to_it(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        var claim = await scene.ClaimAsync(batch, limit: 3);

        Expect.Equal(1, await scene.Store.ResolveAsync(Skip(batch, 1, [1, 2, 3, 4]), default));
        Expect.Equal(3, (await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Retry(i)))).Count);
        Expect.Equal(0, await scene.Store.ResolveAsync(Skip(batch, 1, [1]), default)); // Deferred, and still in its hands.
        scene.Clock.Advance(Times.PastTheLease);
        Expect.Equal(0, await scene.Store.ResolveAsync(Supply(batch, 1, [1]), default)); // Lost: the sweep has to close what was begun.
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_call_that_is_out_is_waited_for(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await Sends.SendAsync(scene, batch);

        Expect.Equal(0, await scene.Store.ResolveAsync(Skip(batch, 1, [1]), default));
        Expect.Equal(0, await scene.Store.ResolveAsync(Supply(batch, 1, [1]), default));

        Expect.Equal(Status.InProgress, (await scene.StateAsync(batch, 1)).Status);
    }

    public static async Task A_late_answer_to_what_an_operator_has_ended_changes_nothing_and_is_kept(Scene scene)
    {
        var batch = await scene.BatchAsync(2, stages: 2);
        var claim = await Sends.SendAsync(scene, batch);
        await Sends.SettleAsync(scene, claim, Commits.Silent(claim.Items[0], Status.Pending), Commits.Silent(claim.Items[1]));
        Expect.Equal(1, await scene.Store.ResolveAsync(Skip(batch, 1, [1], advances: true), default));
        Expect.Equal(1, await scene.Store.ResolveAsync(Supply(batch, 1, [2], advances: true), default));
        Expect.Sequence([true, true], await scene.Store.ReceiveAsync([.. claim.Items.Select(i => Sends.Delivery(claim, i))], default));

        foreach (var item in claim.Items)
        {
            Expect.Empty(await Sends.SettleAsync(scene, claim, Commits.Completed(item, advances: true), "message 1"));
        }

        Expect.Sequence(
            [Status.Skipped, Status.Completed],
            (await scene.StatesAsync(batch)).Where(s => s.Stage == 1).Select(s => s.Status));
        Expect.Equal("{\"a\":1}", Encoding.UTF8.GetString(Expect.Single(await scene.ResultsAsync(batch)).Data.Span));
        Expect.Equal(2, await scene.Fixture.CountRawAsync("select count(*) from inbox where state = 2 and reason like 'superseded%'"));
        Expect.Equal(2, await scene.WorkAsync(batch, 2));
        await scene.ExpectHealthyAsync();
    }

    public static async Task An_item_that_has_passed_or_was_cancelled_is_left_alone(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2, optional: true);
        await scene.WorkAsync(batch, outcome: i => i.Item == 1 ? Commits.Failed(i, advances: true) : Commits.Completed(i, advances: true));
        // The optional failure has gone on as well.
        Expect.Equal(0, await scene.Store.ResolveAsync(Skip(batch, 1, [1, 2, 3], advances: true), default));
        await scene.Store.CancelAsync(batch.Key, default);

        Expect.Equal(0, await scene.Store.ResolveAsync(Supply(batch, 2, [1, 2, 3]), default));
        Expect.Equal(0, await scene.Store.ResolveAsync(Supply(batch, 2, [99]), default));
        Expect.Equal(0, await scene.Store.ResolveAsync(Supply(batch, 2, []), default));

        Expect.Equal(BatchStatus.Cancelled, (await scene.ReloadAsync(batch)).Status);
        Expect.Sequence(["launched", "cancelled"], (await scene.Store.ReadEventsAsync(batch.Key, default)).Select(e => e.Kind));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Nothing_of_a_pruned_batch_is_ended(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.WorkAsync(batch, outcome: i => Commits.Failed(i));
        await scene.Store.CompleteBatchesAsync(default);
        await scene.Store.MarkPrunedAsync(await scene.ReloadAsync(batch), """{"by":"test"}""", default);

        Expect.Equal(0, await scene.Store.ResolveAsync(Skip(batch, 1, [1, 2]), default));

        Expect.Equal(BatchStatus.CompletedWithFailures, (await scene.ReloadAsync(batch)).Status);
    }

    public static async Task Of_two_operators_at_once_one_ends_an_item(Scene scene)
    {
        var batch = await scene.BatchAsync(40, stages: 2);
        var counts = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i =>
                    Task.Run(() =>
                        scene.Store.ResolveAsync(
                            i % 2 == 0
                                ? Skip(batch, 1, [.. Enumerable.Range(1, 40)], advances: true)
                                : Supply(batch, 1, [.. Enumerable.Range(1, 40).Reverse()], advances: true),
                            default))));

        Expect.Equal(40, counts.Sum());
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_claim_and_an_operator_at_once_share_no_item(Scene scene)
    {
        for (var round = 0; round < 5; round++)
        {
            var batch = await scene.LaunchAsync(await scene.UploadAsync(30, content: $"round {round}"));
            var claiming = Task.Run(() => scene.TryClaimAsync(batch, limit: 20));
            var ending = Task.Run(() => scene.Store.ResolveAsync(Skip(batch, 1, [.. Enumerable.Range(1, 30)]), default));
            await Task.WhenAll(claiming, ending);

            var claimed = (await claiming)?.Items.Select(i => i.Item).ToHashSet() ?? [];
            var skipped = (await scene.StatesAsync(batch, Status.Skipped)).Select(s => s.Item).ToList();
            Expect.Equal(await ending, skipped.Count);
            if (await claiming is { } claim)
            {
                var left = claim.Items.Where(i => !skipped.Contains(i.Item));
                var written = await scene.CommitAsync(claim.Lease, left.Select(i => Commits.Completed(i)));
                Expect.Equal(claimed.Except(skipped).Count(), written.Count);
            }

            await scene.ExpectHealthyAsync();
        }
    }

    internal static ResolveRequest Skip(Batch batch, short stage, IReadOnlyList<int> items, string? reason = null, bool advances = false) =>
        new() { Batch = batch.Key, Stage = stage, Items = items, Reason = reason, Advances = advances };

    internal static ResolveRequest Supply(Batch batch, short stage, IReadOnlyList<int> items, bool advances = false) =>
        Skip(batch, stage, items, advances: advances) with { Result = "{\"a\":1}"u8.ToArray() };
}
