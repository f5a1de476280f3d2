using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

public sealed class LaunchTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly object Answers = ScriptedStep.Script(context => context.Named());

    [Fact]
    public async Task The_same_key_and_request_give_the_same_batch_and_another_request_is_refused()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a", "b"]);
        var options = new LaunchOptions { Pipeline = "scripted", Key = "monday" };

        var first = await bench.Client.LaunchAsync(bench.Upload.Id, options);
        var second = await bench.Client.LaunchAsync(bench.Upload.Id, options);
        var refused = await Assert.ThrowsAsync<EnrichmentException>(() =>
            bench.Client.LaunchAsync(bench.Upload.Id, options with { Rows = [1] }));

        Assert.Equal((first.Id, false, true), (second.Id, first.AlreadyThere, second.AlreadyThere));
        Assert.StartsWith($"The key 'monday' was used before, for batch {first.Id}", refused.Message, StringComparison.Ordinal);
        Assert.Single(await bench.Client.ListBatchesAsync().ToListAsync());
    }

    [Fact]
    public async Task A_pipeline_that_comes_with_the_request_is_the_same_request_if_it_says_the_same()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a", "b"]);
        var first = await LaunchAsync(s => s.Options(Answers).When(Condition.Exists("company.name")));

        var second = await LaunchAsync(s => s.Options(Answers).When(Condition.Exists("company.name")));

        Assert.Equal((first.Id, true), (second.Id, second.AlreadyThere));
        await RefusedAsync(s => s.Options(Answers).When(Condition.Exists("company.website")));
        await RefusedAsync(s => s.Options(new { script = "another" }).When(Condition.Exists("company.name")));
        await RefusedAsync(s => s.Options(Answers).When(Condition.Exists("company.name")).Retry(tries: 2));
        Assert.Single(await bench.Client.ListBatchesAsync().ToListAsync());

        Task<Batch> LaunchAsync(Action<StageBuilder> stage) =>
            bench.Client.LaunchAsync(
                bench.Upload.Id,
                new() { Definition = PipelineDefinition.Create("given", p => p.Step("test.scripted", stage)), Key = "monday" });

        async Task RefusedAsync(Action<StageBuilder> stage) =>
            Assert.StartsWith(
                "The key 'monday' was used before",
                (await Assert.ThrowsAsync<EnrichmentException>(() => LaunchAsync(stage))).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_settings_in_other_white_space_and_order_are_the_same_request()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Answers)),
            ["a"],
            e => e.AddStep<SettledStep>());
        var first = await LaunchAsync("""{"name":"x","numbers":[1,2]}""");

        var second = await LaunchAsync("""{ "numbers": [ 1, 2 ], "name": "\u0078" }""");

        Assert.Equal((first.Id, true), (second.Id, second.AlreadyThere));
        await Assert.ThrowsAsync<EnrichmentException>(() => LaunchAsync("""{"name":"x","numbers":[2,1]}"""));

        Task<Batch> LaunchAsync(string settings) =>
            bench.Client.LaunchAsync(
                bench.Upload.Id,
                new()
                {
                    Definition = PipelineDefinition.Parse(
                        $$"""{"name":"given","stages":[{"step":"test.settled","options":{{settings}}}]}"""),
                    Key = "monday",
                });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xd800)]
    public async Task A_key_or_a_files_name_that_no_store_can_keep_is_refused_before_it(int character)
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a"]);
        var text = $"leads{(char)character}";

        await Assert.ThrowsAsync<EnrichmentException>(() =>
            bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted", Key = text }));
        await Assert.ThrowsAsync<EnrichmentException>(() =>
            bench.Client.UploadAsync(new MemoryStream("a\n1\n"u8.ToArray()), options: new() { FileName = text }));
    }

    [Fact]
    public async Task Two_launches_at_once_under_one_key_make_one_batch()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a", "b"]);

        var batches = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(_ => Task.Run(() => bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted", Key = "once" }))));

        Assert.Single(batches.Select(batch => batch.Id).Distinct());
    }

    [Fact]
    public async Task A_filter_and_a_list_of_rows_choose_what_is_launched()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a", "b", "c", "d"]);

        var batch = await bench.RunAsync(new() { Rows = [4, 2, 1, 2], Where = Condition.Ne("company.name", "b") });

        Assert.Equal([1, 4], (await bench.StatesAsync(batch)).Select(state => state.Item));
        var nothing = await Assert.ThrowsAsync<EnrichmentException>(() => bench.RunAsync(new() { Rows = [99] }));
        Assert.StartsWith("Nothing was launched", nothing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preflight_reports_every_problem_at_once()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted").Step("acme.unknown").Step("test.domain", s => s.Version("[2.0,3.0)")),
            ["a"]);

        var problems = await Assert.ThrowsAsync<PreflightException>(() =>
            bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" }));

        Assert.Contains("acme.unknown", problems.Message, StringComparison.Ordinal);
        Assert.Contains("[2.0,3.0)", problems.Message, StringComparison.Ordinal);
        Assert.Contains("script", problems.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await bench.Client.ListBatchesAsync().ToListAsync());
    }

    [Fact]
    public async Task Another_client_sees_neither_upload_nor_batch()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Answers)), ["a"]);
        var batch = await bench.RunAsync();
        var other = bench.Engine.Client("rival");

        await Assert.ThrowsAsync<NotFoundException>(() => other.GetUploadAsync(bench.Upload.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => other.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" }));
        await Assert.ThrowsAsync<NotFoundException>(() => other.GetBatchAsync(batch.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => other.CancelAsync(batch.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => other.RetryAsync(batch.Id));
        await Assert.ThrowsAsync<NotFoundException>(async () => await other.ReadStatesAsync(batch.Id).ToListAsync());
        Assert.Empty(await other.ListBatchesAsync().ToListAsync());
    }

    [Fact]
    public async Task Settings_of_the_batch_win_over_the_clients_and_the_pipelines_and_secrets_stay_names()
    {
        var seen = new List<(string? Note, string? Key)>();
        var script = ScriptedStep.ScriptJson(context =>
        {
            seen.Add((context.Options<ScriptOptions>().Note, context.Options<ScriptOptions>().ApiKey));
            return context.Named();
        });
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.scripted",
                    s =>
                        s.Options(
                            new
                            {
                                script = script.GetProperty("script").GetString(),
                                note = "pipeline",
                                apiKey = "secret:VENDOR",
                            })),
            ["a"],
            e =>
                e.AddClient(ClientDefinition.Create("acme", c => c.Step("test.scripted", new { note = "client" })))
                    .UseSecrets(asked => asked.Name == "VENDOR" ? "hunter2" : null));

        var batch = await bench.RunAsync();
        await bench.RunAsync(
            new()
            {
                Settings = new Dictionary<string, JsonElement>
                {
                    ["test.scripted"] = JsonSerializer.SerializeToElement(new { note = "batch" }),
                },
            });

        Assert.Equal([("client", "hunter2"), ("batch", "hunter2")], seen);
        Assert.DoesNotContain("hunter2", batch.Snapshot, StringComparison.Ordinal);
        Assert.Contains("secret:VENDOR", batch.Snapshot, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_launch_inside_the_hosts_transaction_is_undone_with_it()
    {
        await using var engine = await TestEngine.StartAsync(e =>
            e.UsePostgreSql(database.ConnectionString).AddStep<DomainStep>().AddPipeline("leads", p => p.Step("test.domain")));
        var client = engine.Client("acme");
        var upload = await client.StageAsync("Company Name,Website\na,https://a.example.com\n");
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();

        await using (var undone = await connection.BeginTransactionAsync())
        {
            await client.LaunchAsync(upload.Id, new() { Pipeline = "leads" }, undone);
            await undone.RollbackAsync();
        }

        Assert.Empty(await client.ListBatchesAsync().ToListAsync());
        await using (var kept = await connection.BeginTransactionAsync())
        {
            await client.LaunchAsync(upload.Id, new() { Pipeline = "leads" }, kept);
            await kept.CommitAsync();
        }

        await engine.RunUntilDrainedAsync();
        Assert.Equal(BatchStatus.Completed, (await client.ListBatchesAsync().ToListAsync()).Single().Status);
    }

    private sealed record Settled
    {
        public string? Name { get; init; }

        public int[]? Numbers { get; init; }
    }

    [EnrichmentStep("test.settled", "1.0.0", Pure = true, Options = typeof(Settled))]
    private sealed class SettledStep : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Skipped("nothing to do"));
    }
}
