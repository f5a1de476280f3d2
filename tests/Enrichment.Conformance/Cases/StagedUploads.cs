using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>What operators do with uploads: find them, read their rows in parts, delete them.</summary>
internal static class StagedUploads
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    public static async Task Uploads_are_found_by_each_property_of_a_filter(Scene scene)
    {
        var begin = scene.Clock.GetUtcNow();
        var first = await UploadAsync(scene, "first", "Leads ÄRZTE.csv");
        scene.Clock.Advance(TimeSpan.FromDays(1));
        var second = await UploadAsync(scene, "second", "crm.csv", workstream: "crm_data");
        await scene.LaunchAsync(second);
        await scene.LaunchAsync(second);
        await scene.UploadAsync(1, "umbrella");

        await FoundAsync(new(), second, first);
        await FoundAsync(new() { FileName = "ärzte.CSV" }, first);
        await FoundAsync(new() { FileName = "%" });
        await FoundAsync(new() { Workstream = "crm_data" }, second);
        await FoundAsync(new() { Sha256 = Scene.Hash("first") }, first);
        await FoundAsync(new() { From = begin.AddHours(1) }, second);
        await FoundAsync(new() { Until = begin.AddHours(1).ToOffset(TimeSpan.FromHours(5)) }, first);
        await FoundAsync(new() { Launched = true }, second);
        await FoundAsync(new() { Launched = false }, first);
        var launched = (await scene.Store.FindUploadAsync(Scene.Client, second.Id, default))!;
        Expect.Equal((2, "jane"), (launched.Batches, launched.By));

        async Task FoundAsync(UploadFilter filter, params Upload[] uploads)
        {
            var found = await Scene.ToListAsync(scene.Store.ReadUploadsAsync(Scene.Client, filter, int.MaxValue, default));
            Expect.Sequence(uploads.Select(upload => upload.Id), found.Select(upload => upload.Id), $"{filter}");
        }
    }

    public static async Task Uploads_below_a_key_are_the_next_page(Scene scene)
    {
        var uploads = new List<Upload>();
        for (var i = 0; i < 103; i++)
        {
            uploads.Add(await UploadAsync(scene, $"file {i}"));
        }

        var rest = await Scene.ToListAsync(scene.Store.ReadUploadsAsync(Scene.Client, new(), uploads[102].Key, default));

        Expect.Sequence(uploads.Take(102).Reverse().Select(upload => upload.Id), rest.Select(upload => upload.Id));
    }

    public static async Task An_upload_of_request_batches_is_none_of_the_clients(Scene scene)
    {
        var upload = await scene.UploadAsync(1);
        await EntityScene.OpenAsync(scene);

        Expect.Equal(
            upload.Id,
            Expect.Single(await Scene.ToListAsync(scene.Store.ReadUploadsAsync(Scene.Client, new(), int.MaxValue, default))).Id);
    }

    public static async Task The_batches_of_an_upload_are_those_launched_from_it(Scene scene)
    {
        var (upload, other) = (await scene.UploadAsync(2), await scene.UploadAsync(3));
        var batches = new[] { await scene.LaunchAsync(upload), await scene.LaunchAsync(upload) };
        await scene.LaunchAsync(other);

        var found = await Scene.ToListAsync(scene.Store.ReadBatchesAsync(Scene.Client, new() { Upload = upload.Key }, default));
        Expect.Sequence(batches.Reverse().Select(batch => batch.Id), found.Select(batch => batch.Id));
    }

    public static async Task Rows_are_read_after_a_row_wherever_it_is(Scene scene)
    {
        var staging = await scene.BeginAsync();
        var rows = Enumerable.Range(1, 3_010).ToLookup(row => row % 3 > 0);
        await scene.Store.StageAsync(
            staging,
            [.. rows[true].Select(row => Scene.Row(row))],
            [.. rows[false].Select(row => new StagedReject(row, row + 1, "ragged", "has 3 cells", "a,b,c"u8.ToArray()))],
            default);
        var upload = await scene.Store.SealAsync(staging, Scene.Seal("rows", rows[true].Count(), rows[false].Count()), default);

        foreach (var after in (int[])[0, 1, 998, 999, 1_000, 1_001, 2_999, 3_009, 3_010, int.MaxValue])
        {
            Expect.Sequence(
                rows[true].Where(row => row > after),
                (await Scene.ToListAsync(scene.Store.ReadRowsAsync(upload, after, default))).Select(row => row.Row));
            Expect.Sequence(
                rows[false].Where(row => row > after),
                (await Scene.ToListAsync(scene.Store.ReadRejectsAsync(upload, after, default))).Select(row => row.Row));
        }
    }

    public static async Task A_withdrawn_upload_is_gone_for_every_reader_and_the_sweep_removes_it(Scene scene)
    {
        var (upload, other) = (await scene.UploadAsync(2_500), await scene.UploadAsync(2));

        Expect.That(await scene.Store.WithdrawUploadAsync(upload, default));

        // The host is lost here: its rows are still stored.
        Expect.Null(await scene.Store.FindUploadAsync(Scene.Client, upload.Id, default));
        Expect.That(!await scene.Store.WithdrawUploadAsync(upload, default));
        await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(upload));
        await Expect.ThrowsAsync<EnrichmentException>(() =>
            scene.Store.StageAsync(new(upload.Key, upload.Id, upload.Client), [Scene.Row(9_999)], [], default));
        var left = Expect.Single(await scene.Store.FindAbandonedUploadsAsync(Idle, default));
        Expect.That(await scene.Store.GiveUpAsync(left, Idle, default));
        await scene.Store.DiscardAsync(left, default);
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from uploads"));
        Expect.Equal(2, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
        Expect.Equal(other.Id, (await scene.Store.FindUploadAsync(Scene.Client, other.Id, default))!.Id);
        await scene.ExpectHealthyAsync();
    }

    public static async Task The_content_of_a_withdrawn_upload_is_welcome_again(Scene scene)
    {
        var upload = await scene.UploadAsync(2);
        await scene.Store.WithdrawUploadAsync(upload, default);

        var again = await scene.UploadAsync(2);

        Expect.That(!again.AlreadyThere && again.Id != upload.Id);
        await scene.LaunchAsync(again);
    }

    public static async Task An_upload_that_a_batch_was_launched_from_is_not_withdrawn_pruned_or_not(Scene scene)
    {
        var upload = await scene.UploadAsync(2);
        var batch = await scene.LaunchAsync(upload);

        Expect.That(!await scene.Store.WithdrawUploadAsync(upload, default));
        await scene.FinishAsync(batch);
        Expect.That(await scene.Store.MarkPrunedAsync(await scene.ReloadAsync(batch), "{}", default));
        Expect.That(!await scene.Store.WithdrawUploadAsync(upload, default));

        Expect.Equal(upload.Id, (await scene.Store.FindUploadAsync(Scene.Client, upload.Id, default))!.Id);
    }

    public static async Task Of_a_launch_and_a_deletion_at_once_one_wins(Scene scene)
    {
        for (var round = 0; round < 20; round++)
        {
            var upload = await UploadAsync(scene, $"round {round}", rows: 50);
            var launch = Task.Run(() => TryLaunchAsync(scene, upload));
            var withdrawal = Task.Run(() => scene.Store.WithdrawUploadAsync(upload, default));

            var (batch, withdrawn) = (await launch, await withdrawal);

            Expect.Equal(withdrawn, batch is null);
            if (withdrawn)
            {
                await scene.Store.DiscardAsync(new(upload.Key, upload.Id, upload.Client), default);
            }
        }

        await scene.ExpectHealthyAsync();
        Expect.Equal(
            50 * await scene.Fixture.CountRawAsync("select count(*) from batches"),
            await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
    }

    private static async Task<Batch?> TryLaunchAsync(Scene scene, Upload upload)
    {
        try
        {
            return await scene.LaunchAsync(upload, key: upload.Id.ToString());
        }
        catch (EnrichmentException)
        {
            return null;
        }
    }

    private static async Task<Upload> UploadAsync(
        Scene scene, string content, string fileName = "leads.csv", string workstream = "leads", int rows = 1)
    {
        var staging = await scene.Store.BeginUploadAsync(new(Scene.Client, workstream, "1", fileName, "jane"), default);
        await scene.Store.StageAsync(staging, [.. Enumerable.Range(1, rows).Select(row => Scene.Row(row))], [], default);
        return await scene.Store.SealAsync(staging, Scene.Seal(content, rows), default);
    }
}
