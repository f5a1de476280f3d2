using System.Text;

namespace Enrichment.Cli.Tests;

/// <summary>The inbox of drift, on the command line.</summary>
public sealed class DriftCommandTests : IDisposable
{
    private readonly Workspace workspace = new();
    private string answer = "size";

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Findings_are_listed_and_decided_about()
    {
        await RunAsync();
        Assert.StartsWith("Nothing was compared yet: ", (await DriftAsync()).Succeeded().Output, StringComparison.Ordinal);
        answer = "headcount";
        await RunAsync();
        workspace.Write(
            "projection.json",
            """{"name":"sizes","columns":[{"name":"size","type":"integer","sources":[{"result":"test.sized","pointer":"/size"}]}]}""");

        var listed = (await DriftAsync("--projection", "projection", "--json")).Succeeded().Json.GetProperty("findings");
        Assert.Equal(
            ["/headcount", "/size"],
            listed.EnumerateArray().Select(finding => finding.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(
            listed.EnumerateArray(),
            finding => Assert.Equal("replace", finding.GetProperty("patches").GetProperty("sizes")[1].GetProperty("op").GetString()));
        Assert.Contains("is gone: none of 40 answers has it", (await DriftAsync()).Succeeded().Output, StringComparison.Ordinal);

        string[] run =
        [
            "run", "leads.csv", "--workstream", "apollo_scrape", "--pipeline", "pipeline", "--output", "out.csv",
            "--store", "sqlite:leads.db", "--client", "acme",
        ];
        Assert.Contains(
            "\n2 findings in vendors' answers: 'enrich projection drift --client acme --store sqlite:leads.db' tells them.\n",
            (await workspace.EnrichAsync(run)).Succeeded().Error,
            StringComparison.Ordinal);

        Assert.Contains("Finding 1 is accepted.", (await DriftAsync("--accept", "1")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("Finding 2 is ignored.", (await DriftAsync("--ignore", "2")).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain("findings", (await workspace.EnrichAsync(run)).Succeeded().Error, StringComparison.Ordinal);
        Assert.Contains("No answers have changed. Those of 1 step were compared.", (await DriftAsync()).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("Finding 2 is open.", (await DriftAsync("--reopen", "2")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("accepted", (await DriftAsync("--all")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("has no such finding", (await DriftAsync("--accept", "9")).Error, StringComparison.Ordinal);
        Assert.Contains("one finding at a time", (await DriftAsync("--accept", "1", "--ignore", "2")).Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> DriftAsync(params string[] options) =>
        workspace.EnrichAsync(["projection", "drift", "--store", "sqlite:leads.db", "--client", "acme", .. options]);

    private async Task RunAsync()
    {
        await using var engine = EnrichmentEngine.Create(e => e
            .UseSqlite(workspace.FileNamed("leads.db"))
            .AddSteps([StepDescriptor.Of(
                new() { Slug = "test.sized", Version = "1.0.0", Reads = ["company.name"], Produces = [ProducedField.Parse("company.size")] },
                "a test",
                null,
                _ => new SizedStep(answer))])
            .AddPipeline("sized", p => p.Step("test.sized")));
        await engine.MigrateAsync();
        var csv = "Company Name\n" + string.Concat(Enumerable.Range(1, 40).Select(row => $"Company {row}\n"));
        var upload = await engine.Client("acme").UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), again: true);
        await engine.Client("acme").LaunchAsync(upload.Upload.Id, new() { Pipeline = "sized" });
        await engine.RunUntilDrainedAsync();
    }

    private sealed class SizedStep(string property) : IEnrichmentStep
    {
        public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
            new(StepOutcome.Completed([new(property, 7)]));
    }
}
