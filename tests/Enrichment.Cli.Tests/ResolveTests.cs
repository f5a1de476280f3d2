using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Cli.Tests;

/// <summary>An operator ends what a vendor failed to answer.</summary>
public sealed class ResolveTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task Failed_items_are_supplied_or_skipped_and_the_batch_goes_on()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(400, "{}"));
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        workspace.Write("vendors/acme.json", $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size=/data/size"],
              "options": { "request": { "url": "{{vendor.Url}}" } }
            }
            """);
        workspace.Write("leads.json", """{ "name": "leads", "stages": ["company.domain", "acme.company", "person.name"] }""");
        workspace.Write(
            "leads.csv",
            "First Name,Last Name,Company Name,Website\nJane,Doe,Acme,acme.com\nBob,Roe,Northwind,northwind.example\nEve,Poe,Harbor,harbor.example\n");
        var run = await workspace.EnrichAsync(
            "run",
            "leads.csv",
            "--pipeline",
            "leads",
            "--output",
            "out.csv",
            "--allow",
            "127.0.0.1",
            "--json");
        Assert.Equal((1, 3), (run.ExitCode, run.Json.GetProperty("failed").GetInt32()));

        var supplied = (
            await workspace.EnrichAsync(
                "supply",
                "last",
                "--item",
                "2",
                "--result",
                """{"company.size": 77}""",
                "--reason",
                "asked by telephone",
                "--json")).Succeeded();
        Assert.Equal(1, supplied.Json.GetProperty("supplied").GetInt32());
        var skipped = (await workspace.EnrichAsync("skip", "last", "--error-class", "permanent", "--stage", "2", "--json")).Succeeded();
        Assert.Equal(2, skipped.Json.GetProperty("skipped").GetInt32());
        (await workspace.EnrichAsync("work", "--until-drained")).Succeeded();

        var status = (await workspace.EnrichAsync("status", "last", "--json")).Succeeded().Json;
        Assert.Equal("completed", status.GetProperty("batch").GetProperty("status").GetString());
        (await workspace.EnrichAsync("export", "last", "--output", "again.csv")).Succeeded();
        Assert.Contains("northwind.example,77,", workspace.Read("again.csv"), StringComparison.Ordinal);
        Assert.True((await workspace.EnrichAsync("doctor", "--json")).Succeeded().Json.GetProperty("healthy").GetBoolean());
        Assert.Equal(3, vendor.Requests.Count);

        var refused = await workspace.EnrichAsync("skip", "last", "--item", "2");
        Assert.Equal(
            (2, "enrich: Nothing was done. Item 2 is completed at stage 3, which only a retry changes."),
            (refused.ExitCode, refused.Error.Trim()));
        refused = await workspace.EnrichAsync("supply", "last", "--item", "2", "--result", "xx");
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal("enrich: --result is not JSON: 'x' is an invalid start of a value.", refused.Error.Trim());
    }

    [Fact]
    public async Task A_run_with_unknown_outcomes_sends_to_the_vendor_before_it_calls_again()
    {
        var answer = 400;
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(Interlocked.Exchange(ref answer, 500), "{}"));
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        workspace.Write("vendors/acme.json", $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size=/data/size"],
              "options": { "request": { "url": "{{vendor.Url}}" } }
            }
            """);
        workspace.Write("leads.json", """{ "name": "leads", "stages": ["company.domain", "acme.company"] }""");
        workspace.Write("leads.csv", "Company Name,Website\nAcme,acme.com\nNorthwind,northwind.example\nHarbor,harbor.example\n");

        string[] command = ["run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1"];
        var (run, again) = (await workspace.EnrichAsync(command), await workspace.EnrichAsync([.. command, "--json"]));

        Assert.Equal((1, 1), (run.ExitCode, again.ExitCode));
        Assert.Equal((3, 2), (again.Json.GetProperty("failed").GetInt32(), again.Json.GetProperty("outcome_unknown").GetInt32()));
        Assert.Contains("3 items failed: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("Of 2 items the outcome is unknown: their calls may have been made", run.Output, StringComparison.Ordinal);
        Assert.Contains("Check with the vendor first, then 'enrich retry ", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("--retry-failed", run.Output, StringComparison.Ordinal);
    }
}
