using System.Collections.Concurrent;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>Rows of a typed table are launched again.</summary>
public sealed class QueryLaunchTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly Projection Answers = Projection.Define("answers", p => p
        .Text("name", s => s.Field("company.name"))
        .Text("answer", s => s.Field("company.answer")));

    private static readonly Projection ByName = Projection.Define("by_name", p => p
        .Text("name", s => s.Field("company.name"))
        .Text("answer", s => s.Field("company.answer"))
        .Key("name"));

    private static readonly Projection Leads = Projection.Define("final_leads", p => p
        .Text("name", s => s.Field("company.name"))
        .Text("person_email", s => s.Field("company.answer"))
        .Is("is_stale", "name = 'd'"));

    private readonly ConcurrentDictionary<string, bool> answered = new();
    private readonly ConcurrentQueue<string> asked = new();

    public static TheoryData<bool> Stores => [false, true];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Rows_that_lack_a_value_are_launched_again_over_the_uploads_that_they_are_from(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, first, second) = await RunTwoAsync(engine);
        asked.Clear();
        answered.Clear();

        var preview = await client.PreviewLaunchAsync(Missing(client), Options());
        var launch = await client.LaunchAsync(Missing(client), Options());
        await engine.RunUntilDrainedAsync();

        Assert.Equal((3, 0, 0), (preview.Items, preview.Superseded, preview.Pruned));
        Assert.Equal([(first.Id, 2), (second.Id, 1)], preview.Uploads.Select(upload => (upload.Key, upload.Value.Rows)).Order());
        Assert.Equal((3, 2, false), (launch.Items, launch.Batches.Count, launch.AlreadyThere));
        Assert.Equal([(first.Id, 2), (second.Id, 1)], launch.Batches.Select(batch => (batch.UploadId, batch.Items)).Order());
        Assert.Equal(["b", "c", "e"], asked.Order());
        Assert.Equal(["B", "C", "E"], await AnswersAsync(client, launch));
        Assert.Empty(await engine.ExamineAsync());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_row_is_superseded_by_a_younger_batch_that_works_has_ended_or_was_pruned(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, _, _) = await RunTwoAsync(engine);
        answered.Clear();
        var again = await client.LaunchAsync(Missing(client), Options());

        var whileItWorks = await Assert.ThrowsAsync<EnrichmentException>(() => client.LaunchAsync(Missing(client), Options()));
        await engine.RunUntilDrainedAsync();
        var afterItEnded = await Assert.ThrowsAsync<EnrichmentException>(() => client.LaunchAsync(Missing(client), Options()));
        foreach (var batch in again.Batches)
        {
            await client.PruneAsync(batch.Id);
        }

        var afterItWasPruned = await Assert.ThrowsAsync<EnrichmentException>(() => client.LaunchAsync(Missing(client), Options()));
        var rest = await client.LaunchAsync(client.Query("answers"), Options());

        Assert.All(
            [whileItWorks, afterItEnded, afterItWasPruned],
            refused => Assert.Contains("Of 3 a younger batch has the item, and of 0 ", refused.Message, StringComparison.Ordinal));
        Assert.Equal((5, 3, 0), (rest.Items, rest.Superseded, rest.Pruned));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Rows_of_pruned_uploads_are_left_out_and_counted(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, _, second) = await RunTwoAsync(engine);
        await client.PruneAsync((await client.ListBatchesAsync(second.Id).SingleAsync()).Id);

        var launch = await client.LaunchAsync(client.Query("answers"), Options());

        Assert.Equal((3, 2), (launch.Items, launch.Pruned));
        Assert.Single(launch.Batches);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task The_same_key_and_question_give_the_same_batches_although_the_rows_have_changed(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, _, _) = await RunTwoAsync(engine);
        answered.Clear();
        var options = Options() with { Key = "nightly" };
        var first = await client.LaunchAsync(Missing(client), options);
        await engine.RunUntilDrainedAsync();

        var second = await client.LaunchAsync(Missing(client), options);
        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => client.LaunchAsync(client.Query("answers"), options));

        Assert.True(second.AlreadyThere);
        Assert.Equal(first.Batches.Select(batch => batch.Id), second.Batches.Select(batch => batch.Id));
        Assert.StartsWith("The key 'nightly' was used before", refused.Message, StringComparison.Ordinal);
        var detail = JsonDocument.Parse((await client.ListEventsAsync(first.Batches[0].Id)).First(e => e.Kind == "launched").Detail!).RootElement;
        Assert.Equal(("answers", 3, 2), (
            detail.GetProperty("table").GetString(), detail.GetProperty("items").GetInt32(), detail.GetProperty("uploads").GetInt32()));
        Assert.Equal("answer", detail.GetProperty("where")[0].GetProperty("field").GetString());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Of_launches_with_one_key_at_once_one_makes_the_batches(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, _, _) = await RunTwoAsync(engine);

        var launches = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            Task.Run(() => client.LaunchAsync(client.Query("answers"), Options() with { Key = "at once" }))));

        Assert.Single(launches, launch => !launch.AlreadyThere);
        Assert.Single(launches.Select(launch => string.Join(',', launch.Batches.Select(batch => batch.Id))).Distinct());
        Assert.Equal(4, await client.ListBatchesAsync().CountAsync());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_limit_takes_the_first_rows_in_the_order_of_the_query(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, _, _) = await RunTwoAsync(engine);
        asked.Clear();

        await client.LaunchAsync(client.Query("answers").OrderBy("name", descending: true), Options() with { Limit = 2 });
        await engine.RunUntilDrainedAsync();

        Assert.Equal(["d", "e"], asked.Order());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_row_of_a_table_by_key_is_launched_as_its_youngest_item(bool onServer)
    {
        await using var engine = await EngineAsync(onServer);
        var (client, _, _) = await RunTwoAsync(engine);
        var youngest = await RunAsync(engine, ["a", "x"]);
        asked.Clear();

        var launch = await client.LaunchAsync(client.Query("by_name").Where(Condition.Eq("name", "a")), Options());
        await engine.RunUntilDrainedAsync();
        var again = await client.LaunchAsync(client.Query("by_name").Where(Condition.Eq("name", "a")), Options());

        Assert.Equal((youngest.Id, 1), (Assert.Single(launch.Batches).UploadId, launch.Items));
        Assert.Equal(["a"], asked);
        Assert.Equal(youngest.Id, Assert.Single(again.Batches).UploadId);
    }

    [Fact]
    public async Task Every_problem_is_told_and_nothing_is_launched()
    {
        await using var engine = await EngineAsync(onServer: false);
        var (client, _, _) = await RunTwoAsync(engine);
        var broken = PipelineDefinition.Create("broken", p => p.Step("test.unknown"));

        var refused = await Assert.ThrowsAsync<PreflightException>(() =>
            client.LaunchAsync(client.Query("answers"), new() { Definition = broken }));
        var rows = await Assert.ThrowsAsync<EnrichmentException>(() =>
            client.LaunchAsync(client.Query("answers"), Options() with { Rows = [1] }));
        var foreign = await Assert.ThrowsAsync<EnrichmentException>(() =>
            engine.Client("umbrella").LaunchAsync(client.Query("answers"), Options()));

        Assert.StartsWith("Rows of 2 uploads, ", refused.Message, StringComparison.Ordinal);
        Assert.Single(refused.Problems);
        Assert.StartsWith("The query says which rows are launched.", rows.Message, StringComparison.Ordinal);
        Assert.StartsWith("The query is of client 'acme'", foreign.Message, StringComparison.Ordinal);
        Assert.Equal(2, await client.ListBatchesAsync().CountAsync());
    }

    [Fact]
    public async Task The_page_of_the_guide_launches_what_lacks_a_value_and_what_is_stale()
    {
        await using var engine = await EngineAsync(onServer: false);
        var (client, _, _) = await RunTwoAsync(engine);

        var stale = client.Query("final_leads").Where("""{ "any": [{ "field": "person_email", "exists": false }, { "field": "is_stale", "eq": true }] }""");
        var preview = await client.PreviewLaunchAsync(stale, new() { Pipeline = "emails" });
        var launch = await client.LaunchAsync(stale, new() { Pipeline = "emails", Key = "nightly 2026-12-01" });

        Assert.Equal((4, 4), (preview.Items, launch.Items));
    }

    private static LaunchOptions Options() => new() { Pipeline = "scripted" };

    private static ProjectionQuery Missing(EnrichmentClient client) => client.Query("answers").Where("""{ "field": "answer", "exists": false }""");

    private async Task<(EnrichmentClient Client, Upload First, Upload Second)> RunTwoAsync(EnrichmentEngine engine)
    {
        foreach (var name in (string[])["b", "c", "e"])
        {
            answered[name] = false;
        }

        return (engine.Client("acme"), await RunAsync(engine, ["a", "b", "c"]), await RunAsync(engine, ["d", "e"]));
    }

    private static async Task<Upload> RunAsync(EnrichmentEngine engine, string[] companies)
    {
        var upload = await engine.Client("acme").StageAsync(TestEngine.Companies(companies));
        await engine.Client("acme").LaunchAsync(upload.Id, Options());
        await engine.RunUntilDrainedAsync();
        return upload;
    }

    private static async Task<List<string>> AnswersAsync(EnrichmentClient client, QueryLaunch launch)
    {
        var answers = new List<string>();
        foreach (var batch in launch.Batches)
        {
            answers.AddRange((await client.ReadRowsAsync("answers", batch.Id).ToListAsync()).Select(row => (string)row.Values[1]!));
        }

        answers.Sort(StringComparer.Ordinal);
        return answers;
    }

    // Each test has a database of its own.
    private async Task<EnrichmentEngine> EngineAsync(bool onServer)
    {
        var script = ScriptedStep.Script(context =>
        {
            var name = context.Record.Text("company.name")!;
            asked.Enqueue(name);
            return answered.GetValueOrDefault(name, true) ? context.Named() : StepOutcome.NotFound();
        });
        var schema = $"query_{Guid.NewGuid():n}"[..30];
        return await TestEngine.StartAsync(e =>
        {
            _ = onServer
                ? e.UsePostgreSql(database.ConnectionString, new() { Schema = schema })
                : e.UseSqlite(":memory:");
            e.AddStep<ScriptedStep>()
                .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(script)))
                .AddProjection(Answers)
                .AddProjection(ByName)
                .AddPipeline("emails", p => p.Step("test.scripted", s => s.Options(script)))
                .AddProjection(Leads)
                .ConfigureWorker(TestEngine.Quick);
        });
    }
}
