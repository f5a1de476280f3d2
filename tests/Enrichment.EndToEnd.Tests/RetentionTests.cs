using System.IO.Compression;
using System.Text.Json;
using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What becomes of ended batches, on a clock that stands still until it is moved.</summary>
public sealed class RetentionTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private static readonly RetentionOptions NinetyDays = new() { Keep = TimeSpan.FromDays(90) };

    private readonly FakeClock clock = new();
    private readonly string schema = $"retention_{Guid.NewGuid():n}"[..40];
    private readonly string folder = Directory.CreateTempSubdirectory("retention-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_worker_prunes_what_has_had_its_time_and_leaves_what_it_came_to(string kind)
    {
        Directory.Delete(folder); // The worker makes it.
        var archive = folder;
        await using var engine = await StartAsync(kind, e => e
            .AddRetention(new() { Keep = TimeSpan.FromDays(90), Archive = archive }));
        var client = engine.Client("acme");
        var old = await RunAsync(engine, "Acme");
        clock.Advance(TimeSpan.FromDays(89));
        var young = await RunAsync(engine, "Globex");
        Assert.Null((await client.GetBatchAsync(old.Id)).PrunedAt);

        clock.Advance(TimeSpan.FromDays(2));
        await engine.RunUntilDrainedAsync();

        Assert.Equal(clock.GetUtcNow(), (await client.GetBatchAsync(old.Id)).PrunedAt);
        Assert.Null((await client.GetBatchAsync(young.Id)).PrunedAt);
        Assert.Equal(1, (await client.GetProgressAsync(old.Id)).Ended);
        var told = Assert.Single(await client.ListEventsAsync(old.Id), e => e.Kind == "pruned");
        Assert.Contains($"{Environment.MachineName}/{Environment.ProcessId}/", told.Detail, StringComparison.Ordinal);
        Assert.Contains($"{old.Id}.jsonl.gz", told.Detail, StringComparison.Ordinal);
        Assert.Contains("ACME", await ReadArchiveAsync(old), StringComparison.Ordinal);
        Assert.True(
            OperatingSystem.IsWindows()
                || File.GetUnixFileMode(Path.Combine(archive, $"{old.Id}.jsonl.gz")) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.True(
            OperatingSystem.IsWindows()
                || File.GetUnixFileMode(archive) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Assert.Single(Directory.GetFiles(folder));
        Assert.Equal("GLOBEX", (await client.ReadResultsAsync(young.Id).FirstAsync()).Text());
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Without_retention_nothing_is_ever_deleted(string kind)
    {
        await using var engine = await StartAsync(kind);
        var batch = await RunAsync(engine, "Acme");

        clock.Advance(TimeSpan.FromDays(10_000));
        await engine.RunUntilDrainedAsync();

        Assert.Equal("ACME", (await engine.Client("acme").ReadResultsAsync(batch.Id).FirstAsync()).Text());
    }

    [Fact]
    public async Task A_request_for_pruned_data_is_told_that_it_was_pruned_and_when()
    {
        await using var engine = await StartAsync("sqlite");
        var client = engine.Client("acme");
        var batch = await RunAsync(engine, "Acme");
        clock.Advance(TimeSpan.FromDays(41));
        await client.PruneAsync(batch.Id);

        foreach (var reading in new Func<Task>[]
        {
            async () => await client.ReadStatesAsync(batch.Id).FirstAsync(),
            async () => await client.ReadResultsAsync(batch.Id).FirstAsync(),
            () => client.GetTimelineAsync(batch.Id, 1),
            () => client.ReadRecordsAsync(batch.Id),
            () => client.RetryAsync(batch.Id),
        })
        {
            var refused = await Assert.ThrowsAsync<EnrichmentException>(reading);
            Assert.StartsWith(
                $"Batch {batch.Id} was pruned on 2026-02-11: its items, states and results are gone.",
                refused.Message,
                StringComparison.Ordinal);
        }

        var rows = await Assert.ThrowsAsync<EnrichmentException>(() => client.LaunchAsync(batch.UploadId, new() { Pipeline = "scripted" }));
        Assert.Contains("pruned on 2026-02-11. Upload the file again.", rows.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_who_is_overtaken_by_pruning_does_not_take_what_is_left_for_the_whole()
    {
        await using var engine = await StartAsync("sqlite");
        var client = engine.Client("acme");
        var batch = await RunAsync(engine, [.. Enumerable.Range(1, 1_500).Select(n => $"Company {n}")]);

        await Assert.ThrowsAsync<EnrichmentException>(async () =>
        {
            var read = 0;
            await foreach (var _ in client.ReadResultsAsync(batch.Id))
            {
                if (++read == 1)
                {
                    await client.PruneAsync(batch.Id);
                }
            }
        });
    }

    [Fact]
    public async Task A_batch_that_a_dead_host_left_half_deleted_is_finished_by_any_worker()
    {
        await using var engine = await StartAsync("sqlite");
        var batch = await RunAsync(engine, [.. Enumerable.Range(1, 1_500).Select(n => $"Company {n}")]);
        Assert.True(await engine.Store.MarkPrunedAsync(batch, "{}", default));
        await engine.Store.DeletePrunedAsync(batch, default).FirstAsync();
        Assert.NotEmpty(await engine.Store.FindUndeletedAsync(default));

        clock.Advance(TimeSpan.FromHours(1));
        await engine.RunUntilDrainedAsync();

        Assert.Empty(await engine.Store.FindUndeletedAsync(default));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task An_archive_that_cannot_be_written_keeps_its_batch()
    {
        await using var engine = await StartAsync("sqlite");
        var batch = await RunAsync(engine, "Acme");
        var file = Path.Combine(folder, "taken");
        await File.WriteAllTextAsync(file, "no folder");

        await Assert.ThrowsAnyAsync<IOException>(() => engine.PruneAsync(new() { OlderThan = TimeSpan.Zero, Archive = file }));

        Assert.Null((await engine.Client("acme").GetBatchAsync(batch.Id)).PrunedAt);
        Assert.Equal("ACME", (await engine.Client("acme").ReadResultsAsync(batch.Id).FirstAsync()).Text());
    }

    [Fact]
    public async Task A_batch_that_the_typed_tables_do_not_show_yet_waits_for_them()
    {
        var projection = Consolidation.Projection.Define("answers", p => p.Text("answer", s => s.Field("company.answer")));
        await using var engine = await StartAsync("sqlite", e => e.AddProjection(projection));
        var batch = await RunAsync(engine, "Acme");
        await engine.Store.MarkConsolidatedAsync(batch with { Version = 0 }, default);

        Assert.Empty((await engine.PruneAsync(new() { OlderThan = TimeSpan.Zero })).Batches);

        await engine.RunUntilDrainedAsync();
        Assert.Equal([batch.Id], (await engine.PruneAsync(new() { OlderThan = TimeSpan.Zero })).Batches.Select(gone => gone.Id));
        Assert.Equal("ACME", (await engine.Client("acme").ReadRowsAsync("answers").FirstAsync()).Values[0]);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_item_is_explained_to_its_client_and_by_the_table_once_its_batch_is_pruned(string kind)
    {
        var projection = Consolidation.Projection.Define("answers", p => p.Text("answer", s => s.Field("company.answer")));
        await using var engine = await StartAsync(kind, e => e.AddProjection(projection));
        var client = engine.Client("acme");
        var batch = await RunAsync(engine, "Acme");

        var row = await client.ExplainAsync("answers", batch.Id, 1);
        Assert.Equal("ACME", row.Cells[0].Value);
        var source = Assert.Single(row.Cells[0].Candidates);
        Assert.Equal(("field company.answer", "chosen"), (source.Source, source.Outcome));
        Assert.Equal(("test.scripted", 1, 1, clock.GetUtcNow()), (source.Step, source.Stage, source.Attempt, source.StoredAt));
        Assert.StartsWith($"Batch {batch.Id} has no item 2. ", await RefusedAsync(client, "answers", 2), StringComparison.Ordinal);
        Assert.StartsWith($"Batch {batch.Id} has no item 0. ", await RefusedAsync(client, "answers", 0), StringComparison.Ordinal);
        Assert.StartsWith("There is no projection 'answer'.", await RefusedAsync(client, "answer", 1), StringComparison.Ordinal);
        Assert.Equal($"Client 'rival' has no batch {batch.Id}.", await RefusedAsync(engine.Client("rival"), "answers", 1));

        Assert.Single((await engine.PruneAsync(new() { OlderThan = TimeSpan.Zero })).Batches);

        row = await client.ExplainAsync("answers", batch.Id, 1);
        Assert.Equal((true, "ACME"), (row.IsPruned, row.Cells[0].Value));
        source = Assert.Single(row.Cells[0].Candidates);
        Assert.Equal(("chosen", "test.scripted", 1, 1, null), (source.Outcome, source.Step, source.Stage, source.Attempt, source.StoredAt));
        Assert.Contains("has no row of item 2", await RefusedAsync(client, "answers", 2), StringComparison.Ordinal);
        Assert.Equal($"Client 'rival' has no batch {batch.Id}.", await RefusedAsync(engine.Client("rival"), "answers", 1));

        async Task<string> RefusedAsync(EnrichmentClient by, string table, int item) =>
            (await Assert.ThrowsAnyAsync<EnrichmentException>(() => by.ExplainAsync(table, batch.Id, item))).Message;
    }

    [Fact]
    public async Task On_PostgreSQL_a_month_that_has_had_its_time_is_dropped_whole()
    {
        await using var engine = await StartAsync("postgres", e => e.AddRetention(NinetyDays));
        var batches = new List<Batch>();
        foreach (var name in new[] { "Acme", "Globex" })
        {
            batches.Add(await RunAsync(engine, name));
            clock.Advance(TimeSpan.FromDays(20));
        }

        clock.Advance(TimeSpan.FromDays(60));
        await engine.RunUntilDrainedAsync();
        Assert.Null((await engine.Client("acme").GetBatchAsync(batches[0].Id)).PrunedAt);

        clock.Advance(TimeSpan.FromDays(11));
        await engine.RunUntilDrainedAsync();

        Assert.All(batches, batch => Assert.NotNull(engine.Store.LoadBatchAsync(batch.Key, default).Result.PrunedAt));
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand($"select to_regclass('{schema}.enrichment_results_2026_01') is null");
        Assert.True((bool)(await command.ExecuteScalarAsync())!);
        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public void Retention_that_would_leave_nothing_is_refused() =>
        Assert.Contains(
            "Keep: expected how long ended batches are kept, at least 1 day",
            Assert.Throws<EnrichmentException>(() => EnrichmentEngine.Create(e => e.AddRetention(new() { Keep = TimeSpan.Zero }))).Message,
            StringComparison.Ordinal);

    private Task<EnrichmentEngine> StartAsync(string kind, Action<EnrichmentBuilder>? more = null) =>
        TestEngine.StartAsync(e =>
        {
            _ =
                kind == "sqlite"
                    ? e.UseSqlite(":memory:", new() { Clock = clock })
                    : e.UsePostgreSql(database.ConnectionString, new() { Schema = schema, Clock = clock });
            e.AddStep<ScriptedStep>()
                .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context => context.Named()))));
            more?.Invoke(e);
        });

    private static Task<Batch> RunAsync(EnrichmentEngine engine, params string[] companies) =>
        engine.RunAsync(TestEngine.Companies(companies), "scripted");

    private async Task<string> ReadArchiveAsync(Batch batch)
    {
        using var text = new StreamReader(
            new GZipStream(File.OpenRead(Path.Combine(folder, $"{batch.Id}.jsonl.gz")), CompressionMode.Decompress));
        return await text.ReadToEndAsync();
    }
}

file static class Results
{
    public static string? Text(this StoredResult result) =>
        JsonDocument.Parse(result.Data).RootElement.GetProperty("company.answer").GetString();
}
