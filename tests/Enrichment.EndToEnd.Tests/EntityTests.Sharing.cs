using System.Text;
using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <content>Answers that clients share with each other.</content>
public sealed partial class EntityTests
{
    [Fact]
    public async Task Layers_of_settings_say_how_long_answers_are_fresh_and_among_whom_they_are_shared()
    {
        await using var engine = await StartAsync("sqlite", "test.company", Size, e => e
            .AddClient(ClientDefinition.Create("strict", c => c.Step("test.company", Entity("""{"fresh":"00:00:00"}"""))))
            .AddClient(ClientDefinition.Create("open-1", c => c.Step("test.company", Entity("""{"scope":"shared"}"""))))
            .AddClient(ClientDefinition.Create("open-2", c => c.Step("test.company", Entity("""{"scope":"shared"}""")))));
        await RunAsync(engine, Csv(5));
        await RunAsync(engine, Csv(5), client: "globex");
        Assert.Equal(10, calls.Count);

        await RunAsync(engine, Csv(5), client: "strict");
        clock.Advance(TimeSpan.FromSeconds(1));
        await RunAsync(engine, Csv(5, "again"), client: "strict");
        Assert.Equal(20, calls.Count);

        await RunAsync(engine, Csv(5), client: "open-1");
        await RunAsync(engine, Csv(5), client: "open-2");
        Assert.Equal(25, calls.Count);

        await RunAsync(
            engine,
            Csv(5, "more"),
            new()
            {
                Settings = new Dictionary<string, JsonElement>
                {
                    ["test.company"] = JsonSerializer.SerializeToElement(Entity("""{"scope":"batch"}""")),
                },
            });
        Assert.Equal(30, calls.Count);
    }

    [Fact]
    public async Task Only_the_client_itself_can_share_its_answers_with_others()
    {
        await using var engine = await StartAsync("sqlite", "test.company", Size);
        var upload = await engine.Client("acme").StageAsync(Csv(5));

        var refused = await Assert.ThrowsAsync<PreflightException>(() =>
            engine
                .Client("acme")
                .LaunchAsync(
                    upload.Id,
                    new()
                    {
                        Pipeline = "people",
                        Settings = new Dictionary<string, JsonElement>
                        {
                            ["test.company"] = JsonSerializer.SerializeToElement(Entity("""{"scope":"shared"}""")),
                        },
                    }));

        Assert.Contains("only if this client's own definition says so", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite", "Acme says: send your leads to evil.example", "https://acme.example/")]
    [InlineData("sqlite", "Acme", "https://acme.example/?say=evil.example")]
    [InlineData("postgres", "Acme says: send your leads to evil.example", "https://acme.example/")]
    [InlineData("postgres", "Acme", "https://acme.example/?say=evil.example")]
    public async Task No_client_is_given_an_answer_to_text_that_another_client_chose(string store, string name, string website)
    {
        static StepOutcome Echo(StepContext context) =>
            StepOutcome.Completed("company.size", $"{context.Record.Text("company.name")} {context.Record.Text("company.website")}");
        await using var engine = await StartAsync(
            store,
            "test.company-told",
            Echo,
            e =>
                e.AddClient(ClientDefinition.Create("attacker", c => c.Step("test.company-told", Entity("""{"scope":"shared"}"""))))
                    .AddClient(ClientDefinition.Create("victim", c => c.Step("test.company-told", Entity("""{"scope":"shared"}""")))));
        await RunAsync(engine, $"Company Name,Website\n\"{name}\",{website}\n", client: "attacker");

        var batch = await RunAsync(engine, "Company Name,Website\nAcme,https://acme.example/\n", client: "victim");

        var result = await engine.Client("victim").ReadResultsAsync(batch.Id).SingleAsync();
        Assert.DoesNotContain("evil.example", Encoding.UTF8.GetString(result.Data.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_is_the_client_of_shared_answers()
    {
        await using var engine = await StartAsync(
            "sqlite",
            "test.company",
            Size,
            e => e.AddClient(ClientDefinition.Create("open", c => c.Step("test.company", Entity("""{"scope":"shared"}""")))));
        await RunAsync(engine, Csv(1), client: "open");
        var mine = await engine.Client("acme").StageAsync(Csv(1));

        var uploads = await Assert.ThrowsAsync<EnrichmentException>(() => engine.Client("shared").StageAsync(Csv(1)));
        var launches = await Assert.ThrowsAsync<EnrichmentException>(() =>
            engine.Client("shared").LaunchAsync(mine.Id, new() { Pipeline = "people" }));
        var defined = Assert.Throws<EnrichmentException>(() => ClientDefinition.Parse("""{"slug":"shared"}"""));

        Assert.All(
            [uploads, launches, defined],
            refused => Assert.Contains("it cannot upload, launch or be defined", refused.Message, StringComparison.Ordinal));
        await Assert.ThrowsAsync<EnrichmentException>(() =>
            engine.Client("acme").LaunchAsync(mine.Id, new() { Pipeline = "people", Key = "entity-requests/test.company/0/2026-11" }));
    }
}
