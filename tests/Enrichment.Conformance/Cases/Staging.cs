using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Staging
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    public static async Task A_sealed_upload_says_what_was_sealed(Scene scene)
    {
        var upload = await scene.UploadAsync(3);

        Expect.That(upload.Key > 0);
        Expect.That(!upload.AlreadyThere);
        Expect.Equal(3, upload.Accepted);
        Expect.Equal(0, upload.Rejected);
        Expect.Equal("leads.csv", upload.FileName);
        Expect.Equal(scene.Clock.GetUtcNow(), upload.SealedAt);
        Expect.Sequence(["company", "website"], upload.Columns);
        Expect.Sequence([1], upload.HeaderMap["company.website"]);
        Expect.Sequence(Scene.Hash("leads 3"), upload.Sha256.ToArray());
        var found = await scene.Store.FindUploadAsync(Scene.Client, upload.Id, default);
        Expect.Equal(upload.Key, found!.Key);
        Expect.Equal(upload.Report, found.Report);
        Expect.Sequence(upload.HeaderMap.Keys.Order(), found.HeaderMap.Keys.Order());
    }

    public static async Task Rows_come_back_byte_for_byte_in_file_order_across_buckets(Scene scene)
    {
        var upload = await scene.UploadAsync(2_500);

        var rows = await Scene.ToListAsync(scene.Store.ReadRowsAsync(upload, after: 0, default));

        Expect.Sequence(Enumerable.Range(1, 2_500), rows.Select(r => r.Row));
        Expect.Sequence(Enumerable.Range(1, 2_500).Select(n => Text(Scene.Row(n))), rows.Select(Text));
    }

    public static async Task Row_numbers_have_gaps_where_rows_were_refused(Scene scene)
    {
        var staging = await scene.BeginAsync();
        var (odd, even) = (
            Enumerable.Range(0, 1_250).Select(n => (2 * n) + 1).ToList(),
            Enumerable.Range(1, 1_250).Select(n => 2 * n).ToList());
        await scene.Store.StageAsync(
            staging,
            [.. odd.Select(n => Scene.Row(n))],
            [.. even.Select(n => new StagedReject(n, n + 1, "ragged", "has 3 cells", "a,b,c"u8.ToArray()))],
            default);
        var upload = await scene.Store.SealAsync(staging, Scene.Seal("gaps", 1_250, 1_250), default);

        Expect.Sequence(odd, (await Scene.ToListAsync(scene.Store.ReadRowsAsync(upload, after: 0, default))).Select(r => r.Row));
        Expect.Sequence(even, (await Scene.ToListAsync(scene.Store.ReadRejectsAsync(upload, after: 0, default))).Select(r => r.Row));
    }

    public static async Task An_unsealed_upload_is_invisible(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(staging, [Scene.Row(1)], [], default);

        Expect.Null(await scene.Store.FindUploadAsync(Scene.Client, staging.Id, default));
    }

    public static async Task An_unsealed_upload_cannot_be_launched(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(staging, [Scene.Row(1)], [], default);
        var pretended = (await scene.UploadAsync(1)) with { Key = staging.Upload, Id = staging.Id };

        await Expect.ThrowsAsync<EnrichmentException>(() => scene.LaunchAsync(pretended));
    }

    public static async Task A_discarded_upload_leaves_nothing_behind(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(staging, [Scene.Row(1)], [new(2, 3, "ragged", "has 3 cells", "a,b,c"u8.ToArray())], default);

        await scene.Store.DiscardAsync(staging, default);
        await scene.Store.DiscardAsync(staging, default);

        foreach (var table in new[] { "uploads", "upload_rows", "rejected_rows" })
        {
            Expect.Equal(0, await scene.Fixture.CountRawAsync($"select count(*) from {table}"), table);
        }
    }

    public static async Task An_upload_is_abandoned_once_nothing_was_added_to_it_for_a_while(Scene scene)
    {
        var sealed_ = await scene.UploadAsync(1);
        var staging = await scene.BeginAsync();
        scene.Clock.Advance(Idle / 2);
        await scene.Store.StageAsync(staging, [Scene.Row(1)], [], default);
        scene.Clock.Advance(Idle - TimeSpan.FromSeconds(1));
        Expect.Empty(await scene.Store.FindAbandonedUploadsAsync(Idle, default));
        Expect.That(!await scene.Store.GiveUpAsync(staging, Idle, default));
        scene.Clock.Advance(TimeSpan.FromSeconds(1));

        var found = Expect.Single(await scene.Store.FindAbandonedUploadsAsync(Idle, default));

        Expect.Equal((staging.Upload, staging.Id, staging.Client), (found.Upload, found.Id, found.Client));
        Expect.That(await scene.Store.GiveUpAsync(found, Idle, default));
        await scene.Store.DiscardAsync(found, default);
        Expect.Empty(await scene.Store.FindAbandonedUploadsAsync(Idle, default));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from uploads"));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
        Expect.Equal(sealed_.Id, (await scene.Store.FindUploadAsync(Scene.Client, sealed_.Id, default))!.Id);
    }

    public static async Task An_upload_that_was_given_up_takes_no_rows_and_cannot_be_sealed(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(staging, [Scene.Row(1)], [], default);
        scene.Clock.Advance(Idle);
        Expect.That(await scene.Store.GiveUpAsync(staging, Idle, default));

        await Expect.ThrowsAsync<EnrichmentException>(() => scene.Store.StageAsync(staging, [Scene.Row(2)], [], default));
        await Expect.ThrowsAsync<EnrichmentException>(() => scene.Store.SealAsync(staging, Scene.Seal("leads 1", 1), default));

        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
        Expect.Single(await scene.Store.FindAbandonedUploadsAsync(Idle, default), "what was given up and not removed");
    }

    public static async Task A_sealed_upload_is_never_given_up(Scene scene)
    {
        var upload = await scene.UploadAsync(1);
        scene.Clock.Advance(Idle);

        Expect.That(!await scene.Store.GiveUpAsync(new(upload.Key, upload.Id, upload.Client), Idle, default));
        await Expect.ThrowsAsync<EnrichmentException>(() =>
            scene.Store.StageAsync(new(upload.Key, upload.Id, upload.Client), [Scene.Row(2)], [], default));
    }

    public static async Task The_same_fingerprint_again_is_the_existing_upload_and_what_was_staged_is_gone(Scene scene)
    {
        var first = await scene.UploadAsync(3);

        var second = await scene.UploadAsync(3);

        Expect.Equal(first.Id, second.Id);
        Expect.Equal(first.Key, second.Key);
        Expect.That(second.AlreadyThere);
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from uploads"));
        Expect.Equal(3, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
    }

    public static async Task The_same_content_again_on_request_is_an_upload_of_its_own_each_time(Scene scene)
    {
        var ids = new HashSet<Guid> { (await scene.UploadAsync(2)).Id };
        for (var i = 0; i < 2; i++)
        {
            var staging = await scene.BeginAsync();
            await scene.Store.StageAsync(staging, [Scene.Row(1), Scene.Row(2)], [], default);
            var upload = await scene.Store.SealAsync(staging, Scene.Seal("leads 2", 2, again: true), default);
            Expect.That(!upload.AlreadyThere);
            ids.Add(upload.Id);
        }

        Expect.Equal(3, ids.Count);
    }

    public static async Task Two_that_seal_the_same_content_at_once_end_with_one_upload(Scene scene)
    {
        var stagings = new List<Storage.Staging>();
        for (var i = 0; i < 8; i++)
        {
            stagings.Add(await scene.BeginAsync());
            await scene.Store.StageAsync(stagings[i], [Scene.Row(1)], [], default);
        }

        var uploads = await Task.WhenAll(stagings.Select(s => Task.Run(() => scene.Store.SealAsync(s, Scene.Seal("same", 1), default))));

        Expect.Single(uploads.Select(u => u.Id).Distinct());
        Expect.Single(uploads.Where(u => !u.AlreadyThere));
        Expect.Equal(1, await scene.Fixture.CountRawAsync("select count(*) from upload_rows"));
    }

    public static async Task Two_clients_may_upload_the_same_content(Scene scene)
    {
        var acme = await scene.UploadAsync(1, "acme");
        var umbrella = await scene.UploadAsync(1, "umbrella");

        Expect.That(acme.Id != umbrella.Id);
        Expect.That(!umbrella.AlreadyThere);
    }

    public static async Task Refused_rows_are_kept_as_the_bytes_that_they_were(Scene scene)
    {
        byte[] illegal = [0x61, 0x00, 0xC3, 0x28, 0xFF, 0x0D, 0x0A, 0x22];
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(
            staging,
            [Scene.Row(2)],
            [new(1, 2, "encoding", "is not UTF-8 at byte 2", illegal), new(3, 9, "empty", "", default)],
            default);
        var upload = await scene.Store.SealAsync(staging, Scene.Seal("rejects", 1, 2), default);

        var rejects = await Scene.ToListAsync(scene.Store.ReadRejectsAsync(upload, after: 0, default));

        Expect.Sequence([1, 3], rejects.Select(r => r.Row));
        Expect.Sequence([2L, 9L], rejects.Select(r => r.Line));
        Expect.Sequence(["encoding", "empty"], rejects.Select(r => r.Code));
        Expect.Sequence(illegal, rejects[0].Raw.ToArray());
        Expect.Equal(0, rejects[1].Raw.Length);
    }

    public static async Task A_foreign_client_sees_no_upload(Scene scene)
    {
        var upload = await scene.UploadAsync(1, "acme");
        await scene.UploadAsync(1, "umbrella");

        Expect.Null(await scene.Store.FindUploadAsync("umbrella", upload.Id, default));
        Expect.Null(await scene.Store.FindUploadAsync("nobody", upload.Id, default));
    }

    public static async Task An_upload_without_rows_can_be_sealed_and_read(Scene scene)
    {
        var upload = await scene.Store.SealAsync(await scene.BeginAsync(fileName: null), Scene.Seal("", 0), default);

        Expect.Null((await scene.Store.FindUploadAsync(Scene.Client, upload.Id, default))!.FileName);
        Expect.Empty(await Scene.ToListAsync(scene.Store.ReadRowsAsync(upload, after: 0, default)));
    }

    public static async Task Hosts_that_migrate_at_once_all_succeed(Scene scene)
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.Store.MigrateAsync(default))));

        Expect.Equal(1, (await scene.UploadAsync(1)).Accepted);
        Expect.That(scene.Store.MigrationScript().Contains("workflow_states", StringComparison.Ordinal));
    }

    public static async Task A_schema_with_all_migrations_is_current_and_one_that_misses_a_migration_is_older(Scene scene)
    {
        Expect.Equal(SchemaState.Current, await scene.Store.CheckSchemaAsync(default));

        // Of one migration alone none is left to miss: the database is then as if it had none.
        var migrations = await scene.Fixture.CountRawAsync("select count(*) from migrations");
        await scene.Fixture.ExecuteRawAsync("delete from migrations where number = (select max(number) from migrations)");

        Expect.Equal(migrations == 1 ? SchemaState.Missing : SchemaState.Older, await scene.Store.CheckSchemaAsync(default));
    }

    public static async Task A_schema_that_breaks_this_version_is_refused_in_a_sentence_and_left_alone(Scene scene)
    {
        await scene.Fixture.ExecuteRawAsync(Later("true"));

        var refused = await Expect.ThrowsAsync<EnrichmentException>(() => scene.Store.CheckSchemaAsync(default));

        Expect.That(refused.Message.Contains("Upgrade this host.", StringComparison.Ordinal));
        Expect.Equal(refused.Message, (await Expect.ThrowsAsync<EnrichmentException>(() => scene.Store.MigrateAsync(default))).Message);
        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from migrations where number = 9999"));
    }

    public static async Task A_schema_of_a_newer_version_that_breaks_no_other_serves_this_one(Scene scene)
    {
        await scene.Fixture.ExecuteRawAsync(Later("false"));

        await scene.Store.MigrateAsync(default);

        Expect.Equal(SchemaState.Current, await scene.Store.CheckSchemaAsync(default));
        Expect.Equal(1, (await scene.UploadAsync(1)).Accepted);
    }

    public static async Task An_object_whose_text_has_moved_is_made_anew_but_not_one_of_a_newer_version(Scene scene)
    {
        await scene.Fixture.ExecuteRawAsync("update schema_objects set hash = 'older' where name = 'item_states'");
        Expect.Equal(SchemaState.Older, await scene.Store.CheckSchemaAsync(default));
        await scene.Store.MigrateAsync(default);
        Expect.Equal(SchemaState.Current, await scene.Store.CheckSchemaAsync(default));
        Expect.Equal(0L, await scene.Fixture.CountRawAsync("select count(*) from schema_objects where hash = 'older'"));

        await scene.Fixture.ExecuteRawAsync("update schema_objects set hash = 'newer', version = version + 1 where name = 'item_states'");
        await scene.Store.MigrateAsync(default);

        Expect.Equal(SchemaState.Current, await scene.Store.CheckSchemaAsync(default));
        Expect.Equal(1L, await scene.Fixture.CountRawAsync("select count(*) from schema_objects where hash = 'newer'"));
    }

    private static string Later(string breaks) =>
        $"insert into migrations (number, name, checksum, breaks, applied_at) select 9999, '9999_later', 'x', {breaks}, applied_at from migrations where number = 1";

    private static string Text(StagedRow row) => Encoding.UTF8.GetString(row.Raw.Span);
}
