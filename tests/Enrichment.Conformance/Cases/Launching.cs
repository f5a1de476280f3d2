using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Launching
{
    public static async Task Every_accepted_row_becomes_an_item_with_one_pending_state_due_now(Scene scene)
    {
        var batch = await scene.BatchAsync(2_500, stages: 3);

        Expect.Equal(2_500, batch.Items);
        Expect.Equal(BatchStatus.Pending, batch.Status);
        Expect.Equal(scene.Clock.GetUtcNow(), batch.CreatedAt);
        Expect.Null(batch.StartedAt);
        var states = await scene.StatesAsync(batch);
        Expect.Sequence(Enumerable.Range(1, 2_500), states.Select(s => s.Item));
        Expect.That(states.All(s => s is { Stage: 1, Generation: 1, Status: Status.Pending, Attempt: 0, Tries: 0, Reason: "due" }));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_transaction_that_has_ended_is_refused_in_a_sentence(Scene scene)
    {
        var upload = await scene.UploadAsync(1);
        await using var connection = await scene.Fixture.OpenAsync();
        var committed = await connection.BeginTransactionAsync();
        await committed.CommitAsync();
        await Refused(committed);
        await committed.DisposeAsync();
        await Refused(committed);
        var rolledBack = await connection.BeginTransactionAsync();
        await rolledBack.RollbackAsync();
        await Refused(rolledBack);

        async Task Refused(System.Data.Common.DbTransaction transaction)
        {
            var refused = await Expect.ThrowsAsync<EnrichmentException>(() =>
                scene.Store.LaunchAsync(scene.Request(upload), transaction, default));
            Expect.That(refused.Message.Contains("committed, rolled back or disposed of", StringComparison.Ordinal));
        }
    }

    public static async Task The_trace_context_of_a_launch_stays_with_its_batch(Scene scene)
    {
        var upload = await scene.UploadAsync(1);
        const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        var traced = await scene.Store.LaunchAsync(scene.Request(upload) with { TraceParent = Context }, null, default);
        var alone = await scene.LaunchAsync(upload);

        Expect.Equal(Context, traced.TraceParent);
        Expect.Equal(Context, (await scene.Store.FindBatchAsync(traced.Key, default))!.TraceParent);
        Expect.Null(alone.TraceParent);
    }

    public static async Task Counts_and_ranges_are_those_of_the_rows(Scene scene)
    {
        var batch = await scene.BatchAsync(2_500, stages: 3);

        var counts = await scene.ProgressAsync(batch);
        Expect.Equal(
            new StageCounts
            {
                Stage = 1,
                Pending = 2_500,
                InProgress = 0,
                Completed = 0,
                Failed = 0,
                Skipped = 0,
                Cancelled = 0,
                ToAdvance = 0,
            },
            counts);
        Expect.Single(await scene.Store.ReadProgressAsync(batch.Key, default));
        var candidates = await scene.CandidatesAsync(batch);
        Expect.Equal(3, candidates.Count);
        Expect.Equal(3, candidates.Select(c => c.Range.Bucket).Distinct().Count());
    }

    public static async Task A_list_of_rows_launches_those_only(Scene scene)
    {
        var upload = await scene.UploadAsync(1_500);

        var batch = await scene.LaunchAsync(upload, rows: [2, 700, 1_400]);

        Expect.Equal(3, batch.Items);
        Expect.Sequence([2, 700, 1_400], (await scene.StatesAsync(batch)).Select(s => s.Item));
        await scene.ExpectHealthyAsync();
    }

    public static async Task Rows_that_were_refused_or_never_existed_are_not_launched(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(
            staging,
            [Scene.Row(1), Scene.Row(3)],
            [new(2, 3, "ragged", "has 3 cells", "a,b,c"u8.ToArray())],
            default);
        var upload = await scene.Store.SealAsync(staging, Scene.Seal("holes", 2, 1), default);

        var batch = await scene.LaunchAsync(upload, rows: [1, 2, 3, 99]);

        Expect.Equal(2, batch.Items);
        Expect.Sequence([1, 3], (await scene.StatesAsync(batch)).Select(s => s.Item));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_launch_that_leaves_no_row_is_refused(Scene scene)
    {
        var upload = await scene.UploadAsync(3);

        await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(upload, rows: []));
        await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(upload, rows: [17]));

        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from batches"));
        Expect.Equal(0, await scene.Fixture.CountRawAsync("select count(*) from batch_items"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_same_key_and_request_give_the_same_batch_however_far_it_is(Scene scene)
    {
        var upload = await scene.UploadAsync(3);
        var first = await scene.LaunchAsync(upload, key: "monday");
        await scene.FinishAsync(first);

        var again = await scene.LaunchAsync(upload, key: "monday");

        Expect.Equal(first.Id, again.Id);
        Expect.That(again.AlreadyThere);
        Expect.That(!first.AlreadyThere);
        Expect.Equal(BatchStatus.Completed, again.Status);
        Expect.Equal(3, await scene.Fixture.CountRawAsync("select count(*) from batch_items"));
    }

    public static async Task A_key_that_was_used_for_another_request_is_refused(Scene scene)
    {
        var upload = await scene.UploadAsync(3);
        await scene.LaunchAsync(upload, key: "monday");

        var error = await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(upload, stages: 2, key: "monday"));

        Expect.That(error.Message.Contains("monday", StringComparison.Ordinal));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from batches"));
    }

    public static async Task Two_clients_may_use_the_same_key(Scene scene)
    {
        var acme = await scene.LaunchAsync(await scene.UploadAsync(1, "acme"), key: "monday");
        var umbrella = await scene.LaunchAsync(await scene.UploadAsync(2, "umbrella"), key: "monday");

        Expect.That(acme.Id != umbrella.Id);
        Expect.Equal(2, umbrella.Items);
    }

    public static async Task Hosts_that_launch_with_the_same_key_at_once_get_one_batch(Scene scene)
    {
        var upload = await scene.UploadAsync(1_500);

        var batches = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.LaunchAsync(upload, key: "race"))));

        Expect.Single(batches.Select(b => b.Key).Distinct());
        Expect.Single(batches.Where(b => !b.AlreadyThere));
        Expect.Equal(1_500, await scene.Fixture.CountRawAsync("select count(*) from workflow_states"));
        await scene.ExpectHealthyAsync();
    }

    public static async Task One_upload_may_be_launched_many_times_under_different_keys(Scene scene)
    {
        var upload = await scene.UploadAsync(5);
        var first = await scene.LaunchAsync(upload);
        var second = await scene.LaunchAsync(upload, rows: [1, 2]);

        await scene.FinishAsync(first);

        Expect.Equal(5, (await scene.ProgressAsync(first)).Completed);
        Expect.Equal(2, (await scene.ProgressAsync(second)).Pending);
    }

    public static async Task A_launch_inside_the_hosts_transaction_is_not_there_once_that_is_rolled_back(Scene scene)
    {
        var upload = await scene.UploadAsync(3);
        var request = scene.Request(upload);
        await using (var connection = await scene.Fixture.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            Expect.Equal(3, (await scene.Store.LaunchAsync(request, transaction, default)).Items);
            await transaction.RollbackAsync();
        }

        Expect.Null(await scene.Store.FindBatchAsync(Scene.Client, request.Id, default));
        foreach (var table in new[] { "batches", "batch_items", "workflow_states", "ranges", "batch_events" })
        {
            Expect.Equal(0, await scene.Fixture.CountRawAsync($"select count(*) from {table}"), table);
        }
    }

    public static async Task A_launch_inside_the_hosts_transaction_is_there_once_that_commits(Scene scene)
    {
        var upload = await scene.UploadAsync(3);
        var request = scene.Request(upload);
        await using (var connection = await scene.Fixture.OpenAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await scene.Store.LaunchAsync(request, transaction, default);
            await transaction.CommitAsync();
        }

        var batch = await scene.Store.FindBatchAsync(Scene.Client, request.Id, default);
        Expect.Equal(3, batch!.Items);
        await scene.FinishAsync(batch);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_batch_holds_what_it_was_launched_with(Scene scene)
    {
        var upload = await scene.UploadAsync(3);
        var request = scene.Request(upload, stages: 2, key: "monday");
        var batch = await scene.Store.LaunchAsync(request, null, default);

        foreach (
            var read in new[]
            {
                batch,
                (await scene.Store.FindBatchAsync(Scene.Client, batch.Id, default))!,
                await scene.ReloadAsync(batch),
            })
        {
            Expect.Equal(request.Id, read.Id);
            Expect.Equal(batch.Key, read.Key);
            Expect.Equal(Scene.Client, read.Client);
            Expect.Equal(upload.Id, read.UploadId);
            Expect.Equal(upload.Key, read.Upload);
            Expect.Equal("walk", read.Pipeline);
            Expect.Equal(request.Snapshot, read.Snapshot);
            Expect.Equal("monday", read.LaunchKey);
        }

        Expect.Sequence(["launched"], (await scene.Store.ReadEventsAsync(batch.Key, default)).Select(e => e.Kind));
    }

    public static async Task A_foreign_client_neither_sees_nor_launches(Scene scene)
    {
        var upload = await scene.UploadAsync(3, "acme");
        var batch = await scene.LaunchAsync(upload);
        await scene.UploadAsync(1, "umbrella");

        Expect.Null(await scene.Store.FindBatchAsync("umbrella", batch.Id, default));
        Expect.Empty(await Scene.ToListAsync(scene.Store.ReadBatchesAsync("umbrella", new(), default)));
        await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(upload with { Client = "umbrella" }));
    }

    public static async Task Batches_of_one_launch_are_made_together_or_not_at_all(Scene scene)
    {
        var (first, second) = (await scene.UploadAsync(3), await scene.UploadAsync(2, content: "others"));
        var requests = new[] { scene.Request(first, key: "k", rows: [1, 3]) with { Detail = """{"table":"t"}""" }, scene.Request(second, key: "k/2") };

        await Expect.ThrowsAsync<EnrichmentException>(() =>
            scene.Store.LaunchAsync([requests[0], requests[1] with { Rows = BucketRun.Of(second.Id, [99]) }], null, default));
        Expect.Empty(await Scene.ToListAsync(scene.Store.ReadBatchesAsync(Scene.Client, new(), default)));
        var launched = await scene.Store.LaunchAsync(requests, null, default);
        var again = await scene.Store.LaunchAsync(requests, null, default);
        await scene.LaunchAsync(first, key: "key");

        Expect.Sequence([(first.Id, 2), (second.Id, 2)], launched.Select(batch => (batch.UploadId, batch.Items)));
        Expect.That(Expect.Single(again) is { AlreadyThere: true } one && one.Id == launched[0].Id);
        Expect.Sequence(
            launched.Reverse().Select(batch => batch.Id),
            (await Scene.ToListAsync(scene.Store.ReadBatchesAsync(Scene.Client, new() { LaunchKey = "k" }, default))).Select(batch => batch.Id));
        Expect.Sequence(requests[0].RequestHash.ToArray(), launched[0].RequestHash.ToArray());
        Expect.Equal("""{"table":"t"}""", (await scene.Store.ReadEventsAsync(launched[0].Key, default))[0].Detail);
        await scene.ExpectHealthyAsync();
    }
}
