using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.PostgreSql.Tests;

/// <summary>
/// What a statement sees that another transaction has held up: a connection of the test's own stands where the other host would.
/// </summary>
public sealed class RaceTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task A_retry_that_waited_for_another_and_for_a_cancel_sees_what_they_left_open()
    {
        await using var race = await Race.StartAsync(database);
        await race.Store.CancelAsync(race.Batch, default);
        await using var other = await race.BeginAsync();
        await other.ExecuteAsync("update batches set version = version + 1; update ranges set pending = pending + 1");

        var begun = race.Store.RetryAsync(race.Batch, 1, [1], sameKey: false, default);
        await race.IsHeldUpAsync(begun);
        await other.CommitAsync();

        Assert.Equal(0, await begun);
        Assert.Equal(BatchStatus.Cancelled, (await race.Store.LoadBatchAsync(race.Batch, default)).Status);
    }

    [Fact]
    public async Task A_delivery_that_comes_while_its_batch_is_pruned_is_not_kept()
    {
        await using var race = await Race.StartAsync(database);
        var delivery = await race.SendAsync();
        await using var pruning = await race.BeginAsync();
        await pruning.ExecuteAsync("delete from attempts; delete from inbox");

        var stored = race.Store.ReceiveAsync([delivery], default);
        await race.IsHeldUpAsync(stored);
        await pruning.CommitAsync();

        Assert.Equal([false], await stored);
        Assert.Equal(0, await race.CountAsync("select count(*) from inbox"));
    }

    [Fact]
    public async Task A_delivery_that_was_being_stored_goes_with_its_batch()
    {
        await using var race = await Race.StartAsync(database);
        var delivery = await race.SendAsync();
        await race.Store.ReceiveAsync([delivery], default);
        await race.Store.CancelAsync(race.Batch, default);
        var batch = await race.Store.LoadBatchAsync(race.Batch, default);
        Assert.True(await race.Store.MarkPrunedAsync(batch, "{}", default));
        await using var receiving = await race.BeginAsync();
        await receiving.ExecuteAsync(
            """
            select 1 from attempts for key share;
            insert into inbox (bucket, batch, stage, item, attempt, message, state, times, received_at, due_at, headers, body)
            select bucket, batch, stage, item, attempt, 'another', state, times, received_at, due_at, headers, body from inbox
            """);

        var emptied = race.DeletePrunedAsync(batch);
        await race.IsHeldUpAsync(emptied);
        await receiving.CommitAsync();

        await emptied;
        Assert.Equal(0, await race.CountAsync("select count(*) from inbox"));
    }

    [Fact]
    public async Task A_delivery_repeated_while_its_answer_is_written_is_marked_as_what_completed_the_item()
    {
        await using var race = await Race.StartAsync(database);
        var delivery = await race.SendAsync();
        await race.Store.ReceiveAsync([delivery], default);
        await using var receiving = await race.BeginAsync();
        await receiving.ExecuteAsync("update inbox set times = times + 1");

        var settled = race.Store.SettleAsync(
            new(
                delivery.Attempt.Range,
                [
                    new()
                    {
                        Item = 1,
                        ExpectedAttempt = 1,
                        Attempt = 1,
                        Generation = 1,
                        Status = Status.Completed,
                        Outcome = StepOutcomeKind.Completed,
                        Result = "{}"u8.ToArray(),
                        Tries = 1,
                    },
                ],
                [delivery.Message]),
            default);
        await race.IsHeldUpAsync(settled);
        await receiving.CommitAsync();

        Assert.Equal([1], await settled);
        Assert.Equal(1, await race.CountAsync("select count(*) from inbox where state = 1 and times = 2"));
    }

    [Fact]
    public async Task An_interval_that_comes_back_while_a_claim_waits_is_claimed()
    {
        await using var race = await Race.StartAsync(database);
        await race.ClaimAsync();
        var late = await race.CandidateAsync();
        await using var giving = await race.BeginAsync();
        await giving.ExecuteAsync("update leases set owner = null, until = null; update ranges set due_at = clock_timestamp()");

        var claimed = race.ClaimAsync(late);
        await race.IsHeldUpAsync(claimed);
        await giving.CommitAsync();

        Assert.Equal([1], (await claimed)!.Items.Select(item => item.Item));
    }

    [Fact]
    public async Task A_lease_that_is_given_back_while_a_claim_waits_is_claimed()
    {
        await using var race = await Race.StartAsync(database);
        await race.ClaimAsync();
        var late = await race.CandidateAsync();
        await using var giving = await race.BeginAsync();
        await giving.ExecuteAsync("delete from leases; update ranges set due_at = clock_timestamp(), next_item = 1");

        var claimed = race.ClaimAsync(late);
        await race.IsHeldUpAsync(claimed);
        await giving.CommitAsync();

        Assert.Equal([1], (await claimed)!.Items.Select(item => item.Item));
    }

    // With a wait of its earlier generation still there, as if a cancel had left it: what shares must not take the new one for it.
    [Fact]
    public async Task An_item_that_comes_to_wait_anew_while_its_answer_is_shared_is_served()
    {
        await using var race = await Race.StartAsync(database);
        var ask = await race.WaitAsync();
        await race.ExecuteAsync(
            $"update workflow_states set status = 0, waits = null where batch = {race.Batch}; update ranges set pending = 1, in_progress = 0 where batch = {race.Batch}");
        await race.EndAsync(ask);
        await using var waiting = await race.BeginAsync();
        await waiting.ExecuteAsync(
            $"""
            update workflow_states set status = 2, waits = 5 where batch = {race.Batch};
            update entity_waiters set request_item = request_item;
            update ranges set pending = 0, in_progress = 1 where batch = {race.Batch}
            """);

        var shared = race.Store.CompleteWaitersAsync(ask.Range, [ask.Item], default);
        await race.IsHeldUpAsync(shared);
        await waiting.CommitAsync();
        await shared;
        await race.Store.ReconcileRequestsAsync(default); // As whoever came to wait would do, to whom it says that the ask has ended.

        Assert.Equal(1, await race.CountAsync($"select count(*) from workflow_states where batch = {race.Batch} and status = 3"));
        Assert.Equal(0, await race.CountAsync("select count(*) from entity_waiters"));
    }

    [Fact]
    public async Task A_request_batch_that_is_reopened_while_its_ending_waits_stays_open()
    {
        await using var race = await Race.StartAsync(database);
        var requests = await race.OpenRequestsAsync();
        await race.ExecuteAsync($"update batches set started_at = started_at - interval '2 hours' where batch = {requests.Batch}");
        await using var reopening = await race.BeginAsync();
        await reopening.ExecuteAsync(
            $"update batches set version = version + 1, started_at = clock_timestamp() where batch = {requests.Batch}");

        var ended = race.Store.ReconcileRequestsAsync(default);
        await race.IsHeldUpAsync(ended);
        await reopening.CommitAsync();
        await ended;

        Assert.Equal(BatchStatus.Running, (await race.Store.LoadBatchAsync(requests.Batch, default)).Status);
    }

    // Who ends states locks them first and then the range that counts them; so must who shares, or each waits for the other.
    [Fact]
    public async Task Completing_waiters_waits_for_a_state_before_it_holds_anything_else()
    {
        await using var race = await Race.StartAsync(database);
        var ask = await race.WaitAsync();
        await race.EndAsync(ask);
        await using var settling = await race.BeginAsync();
        await settling.ExecuteAsync($"select 1 from workflow_states where batch = {ask.Batch} for update");

        var shared = race.Store.CompleteWaitersAsync(ask.Range, [ask.Item], default);
        await race.IsHeldUpAsync(shared);
        await settling.ExecuteAsync($"select 1 from ranges where batch = {ask.Batch} for update");
        await settling.CommitAsync();

        Assert.Equal(1, (await shared).Sum(items => items.Count));
    }

    [Fact]
    public async Task A_waiter_waits_for_the_requests_state_before_it_holds_anything_else()
    {
        await using var race = await Race.StartAsync(database);
        await using var settling = await race.BeginAsync();
        var (claim, ask) = await race.RequestAsync();
        await race.EndAsync(ask);
        await race.Store.CompleteWaitersAsync(ask.Range, null, default);
        await settling.ExecuteAsync($"select 1 from workflow_states where batch = {ask.Batch} for update");

        var waits = race.AwaitEntitiesAsync(claim, ask);
        await race.IsHeldUpAsync(waits);
        await settling.ExecuteAsync($"select 1 from ranges where batch = {ask.Batch} for update");
        await settling.CommitAsync();

        Assert.Equal([ask], await waits);
    }

    [Fact]
    public async Task A_launch_outlasts_the_time_out_of_the_hosts_connection()
    {
        await using var race = await Race.StartAsync(database, "Command Timeout=1");
        await using var other = await race.BeginAsync();
        await other.ExecuteAsync("lock table batch_items in exclusive mode");

        var launched = race.LaunchAsync("twice");
        await race.IsHeldUpAsync(launched);
        await other.ExecuteAsync("select pg_sleep(1.5)"); // The time that is not to count.
        await other.CommitAsync();

        Assert.Equal(1, (await launched).Items);
    }
}
