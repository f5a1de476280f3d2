using System.Text;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>Items in review end by an operator's word: skipped, or with a result that somebody found out.</summary>
public sealed class ResolveTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly object Unknown = ScriptedStep.Script(context =>
        context.Is("b", "c") ? StepOutcome.Failed("nobody knows", ErrorClass.OutcomeUnknown) : context.Named());

    [Fact]
    public async Task A_skipped_item_goes_on_without_an_answer()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Unknown)).Step("test.domain"),
            ["a", "b", "c"]);
        var batch = await bench.RunAsync();

        Assert.Equal(
            2,
            await bench.Client.SkipAsync(batch.Id, new() { ErrorClass = ErrorClass.OutcomeUnknown, Reason = "no trace at the vendor's" }));
        await bench.Engine.RunUntilDrainedAsync();

        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        var states = await bench.StatesAsync(batch);
        Assert.Equal(
            [Status.Completed, Status.Skipped, Status.Skipped],
            states.Where(state => state.Stage == 1).Select(state => state.Status));
        Assert.Equal("no trace at the vendor's", states.Single(state => state is { Item: 2, Stage: 1 }).Error);
        Assert.All(states.Where(state => state.Stage == 2), state => Assert.Equal(Status.Completed, state.Status));
        Assert.Equal(["launched", "completed", "skipped", "completed"], (await bench.Client.ListEventsAsync(batch.Id)).Select(e => e.Kind));
        var timeline = await bench.Client.GetTimelineAsync(batch.Id, 2);
        Assert.Contains(timeline, entry => entry is { What: "failed", Detail: "nobody knows" });
        Assert.Contains(timeline, entry => entry is { What: "skipped", Detail: "no trace at the vendor's" });
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_supplied_result_is_read_by_later_steps_and_by_the_tables_that_were_made_before(bool server)
    {
        var table = Projection.Parse("""
            { "name": "answers", "columns": [
              { "name": "company", "type": "text", "sources": [{ "field": "company.name" }] }, { "name": "answer", "type": "text", "sources": [{ "field": "company.answer" }] },
              { "name": "domain", "type": "text", "sources": [{ "field": "company.domain" }] } ] }
            """);
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Unknown)).Step("test.domain"),
            ["a", "b", "c"],
            e => e.AddProjection(table),
            server ? e => e.UsePostgreSql(database.ConnectionString) : null);
        var batch = await bench.RunAsync();
        Assert.DoesNotContain("found out", await CsvAsync(bench, batch), StringComparison.Ordinal);

        Assert.Equal(
            1,
            await bench.Client.SupplyAsync(batch.Id, JsonElement.Parse("""{"company.answer":"found out"}"""), new() { Items = [2] }));
        await bench.Engine.RunUntilDrainedAsync();

        Assert.Contains("b,found out,b.example.com", await CsvAsync(bench, batch), StringComparison.Ordinal);
        Assert.Equal(BatchStatus.CompletedWithFailures, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task Items_that_wait_can_be_ended_before_they_begin()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Unknown)), ["a", "b", "c"]);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        Assert.Equal(0, await bench.Client.SkipAsync(batch.Id)); // Without names failures alone are meant.
        Assert.Equal(1, await bench.Client.SkipAsync(batch.Id, new() { Items = [2] }));
        Assert.Equal(
            1,
            await bench.Client.SupplyAsync(
                batch.Id,
                JsonElement.Parse("""{"company.answer":"by hand"}"""),
                new() { Items = [3], Stage = 1 }));
        await bench.Engine.RunUntilDrainedAsync();

        Assert.Equal([Status.Completed, Status.Skipped, Status.Completed], (await bench.StatesAsync(batch)).Select(state => state.Status));
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
    }

    [Fact]
    public async Task A_condition_narrows_the_items()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Unknown)), ["a", "b", "c"]);
        var batch = await bench.RunAsync();

        Assert.Equal(
            1,
            await bench.Client.SkipAsync(batch.Id, new() { Where = Pipelines.Condition.Parse("""{"field":"company.name","eq":"c"}""") }));
        Assert.Equal(0, await bench.Client.SkipAsync(batch.Id, new() { ErrorClass = ErrorClass.Transient }));

        Assert.Equal([Status.Completed, Status.Failed, Status.Skipped], (await bench.StatesAsync(batch)).Select(state => state.Status));
    }

    [Theory]
    [InlineData(
        """{"company.anser":"x"}""",
        "Step 'test.scripted' does not produce 'company.anser'. Did you mean 'company.answer'? It produces company.answer.")]
    [InlineData("""{}""", "A result is a JSON object of fields, such as {\"company.size\": 42}. To let an item pass without one, skip it.")]
    [InlineData(
        """[1]""",
        "A result is a JSON object of fields, such as {\"company.size\": 42}. To let an item pass without one, skip it.")]
    [InlineData(
        """{"company.answer":"a\u0000b"}""",
        "The result cannot be stored. The text holds a NUL character (U+0000), which a database text cannot store.")]
    public async Task A_result_that_the_step_could_not_have_given_is_refused(string fields, string message)
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Unknown)), ["a", "b", "c"]);
        var batch = await bench.RunAsync();

        var error = await Assert.ThrowsAsync<EnrichmentException>(() =>
            bench.Client.SupplyAsync(batch.Id, JsonElement.Parse(fields), new() { Items = [2] }));

        Assert.Equal(message, error.Message);
        Assert.Equal(Status.Failed, (await bench.StatesAsync(batch))[1].Status);
    }

    [Fact]
    public async Task Items_that_cannot_be_ended_are_named_one_by_one_and_nothing_is_done()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(Unknown)).Step("test.domain"),
            ["a", "b", "c"]);
        var batch = await bench.RunAsync();

        var error = await Assert.ThrowsAsync<EnrichmentException>(() => bench.Client.SkipAsync(batch.Id, new() { Items = [1, 2, 9] }));
        Assert.Equal(
            "Nothing was done. Item 1 is completed at stage 2, which only a retry changes. Item 9 is not in the batch.",
            error.Message);
        error = await Assert.ThrowsAsync<EnrichmentException>(() => bench.Client.SkipAsync(batch.Id, new() { Items = [2], Stage = 2 }));
        Assert.Equal("Nothing was done. Item 2 is at stage 1, not 2.", error.Message);
        error = await Assert.ThrowsAsync<EnrichmentException>(() => bench.Client.SkipAsync(batch.Id, new() { Stage = 3 }));
        Assert.Equal($"Batch {batch.Id} has no stage 3: its pipeline 'scripted' has the stages 1 to 2.", error.Message);
        error = await Assert.ThrowsAsync<EnrichmentException>(() =>
            bench.Client.SupplyAsync(batch.Id, JsonElement.Parse("{}"), new() { Stage = 1 }));
        Assert.Equal(
            "A result can be supplied for chosen items only. Give their numbers, the class of their error, or a condition.",
            error.Message);

        Assert.Equal(["launched", "completed"], (await bench.Client.ListEventsAsync(batch.Id)).Select(e => e.Kind));
    }

    [Fact]
    public async Task An_item_that_a_host_holds_is_left_to_it()
    {
        Bench? bench = null;
        Exception? refused = null;
        var id = Guid.Empty;
        bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                refused = Record.ExceptionAsync(() => bench!.Client.SkipAsync(id, new() { Items = [1] })).GetAwaiter().GetResult();
                return context.Named();
            }))),
            ["a"]);
        await using var _ = bench;
        id = (await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" })).Id;
        await bench.Engine.RunUntilDrainedAsync();

        Assert.Equal(
            "Nothing was done. Item 1 is held by a host at stage 1: pause the batch, and try again when the host has given it back.",
            Assert.IsType<EnrichmentException>(refused).Message);
        Assert.Equal(Status.Completed, (await bench.Client.ReadStatesAsync(id).SingleAsync()).Status);
    }

    [Fact]
    public async Task A_pruned_batch_has_nothing_to_end()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.scripted", s => s.Options(Unknown)), ["b"]);
        var batch = await bench.RunAsync();
        await bench.Client.PruneAsync(batch.Id);

        Assert.Contains(
            "pruned",
            (await Assert.ThrowsAsync<EnrichmentException>(() => bench.Client.SkipAsync(batch.Id))).Message,
            StringComparison.Ordinal);
    }

    private static async Task<string> CsvAsync(Bench bench, Batch batch)
    {
        using var csv = new MemoryStream();
        await bench.Client.Query("answers").InBatch(batch.Id).ExportAsync(csv);
        return Encoding.UTF8.GetString(csv.ToArray());
    }
}
