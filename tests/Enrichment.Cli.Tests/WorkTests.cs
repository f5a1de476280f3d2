using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Cli.Tests;

/// <summary>What an operator is told who works on a batch by separate commands.</summary>
public sealed class WorkTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task A_retry_that_may_not_call_is_kept_until_a_host_may()
    {
        var status = 400;
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(Volatile.Read(ref status), """{"size": 7}"""));
        Put("vendors", vendor.Url);
        Assert.Equal(
            1,
            (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1")).ExitCode);
        Volatile.Write(ref status, 200);

        var retry = (await workspace.EnrichAsync("retry", "last")).Succeeded();
        Assert.EndsWith(
            "begin anew: 'enrich work --until-drained --allow 127.0.0.1' goes on with them.\n",
            retry.Output,
            StringComparison.Ordinal);

        var refused = (await workspace.EnrichAsync("work", "--until-drained")).Succeeded();
        Assert.Contains(
            $"wait at stage 2 for a host that may call for acme.company. Nothing was called: request.url leads to {vendor.Url}",
            refused.Output,
            StringComparison.Ordinal);
        Assert.Contains("put the host into --allow", refused.Output, StringComparison.Ordinal);
        Assert.Contains(
            "put the host into --allow",
            (await workspace.EnrichAsync("tick", "--json")).Succeeded().Json.GetProperty("missing")[0].GetProperty("reason").GetString(),
            StringComparison.Ordinal);
        var run = await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("put the host into --allow", run.Error.Split('\n')[^2], StringComparison.Ordinal);
        Assert.Equal(2, vendor.Requests.Count);

        var work = (await workspace.EnrichAsync("work", "--until-drained", "--allow", "127.0.0.1")).Succeeded();
        Assert.Equal("Nothing is left to do.\n", work.Output);
        Assert.Equal(4, vendor.Requests.Count);
        Assert.Equal(
            "completed",
            (await workspace.EnrichAsync("status", "last", "--json"))
                .Succeeded()
                .Json.GetProperty("batch")
                .GetProperty("status")
                .GetString());
    }

    [Fact]
    public async Task A_retry_names_the_folder_of_vendors_that_this_one_lacks()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(400, "{}"));
        Put("ours", vendor.Url);
        Assert.Equal(
            1,
            (
                await workspace.EnrichAsync(
                    "run",
                    "leads.csv",
                    "--pipeline",
                    "leads",
                    "--output",
                    "out.csv",
                    "--vendors",
                    "ours",
                    "--allow",
                    "127.0.0.1")).ExitCode);

        var resumed = await workspace.EnrichAsync("resume", "last");
        var retry = (await workspace.EnrichAsync("retry", "last", "--item", "1")).Succeeded();

        Assert.Contains("it is not paused but completed_with_failures.", resumed.Error, StringComparison.Ordinal);
        Assert.EndsWith(
            "'enrich work --until-drained --vendors FOLDER --allow 127.0.0.1' goes on with it, where FOLDER has the file of acme.company.\n",
            retry.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Work_ends_with_the_count_of_what_failed_and_tells_it_once()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(400, "{}"));
        Put("vendors", vendor.Url);
        (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded();
        var batch = (await workspace.EnrichAsync("launch", "last", "--pipeline", "leads", "--json"))
            .Succeeded()
            .Json.GetProperty("batch")
            .GetString();

        var work = await workspace.EnrichAsync("work", "--until-drained", "--allow", "127.0.0.1");
        Assert.Equal(1, work.ExitCode);
        Assert.Contains(
            $"\n  2 items of batch {batch} (client default) failed at stage 2, acme.company (permanent).\n'enrich status {batch}' says why",
            work.Output,
            StringComparison.Ordinal);

        (await workspace.EnrichAsync("work", "--until-drained", "--allow", "127.0.0.1")).Succeeded();
        (await workspace.EnrichAsync("retry", "last", "--item", "1")).Succeeded();
        work = await workspace.EnrichAsync("work", "--until-drained", "--allow", "127.0.0.1", "--json");
        var failed = Assert.Single(work.Json.GetProperty("failed").EnumerateArray());
        Assert.Equal(
            (1, 2, "permanent"),
            (work.ExitCode, failed.GetProperty("items").GetInt32(), failed.GetProperty("error_class").GetString()));
    }

    [Fact]
    public async Task A_misspelt_field_of_a_condition_is_refused_with_the_nearest()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(400, "{}"));
        Put("vendors", vendor.Url);
        Assert.Equal(
            1,
            (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1")).ExitCode);
        string[] slip = ["--where", """{"field":"company.domian","eq":"acme.com"}"""];

        foreach (
            var command in (string[][])
                [
                    ["retry", "last", .. slip],
                    ["skip", "last", .. slip],
                    ["supply", "last", "--result", """{"company.size": 1}""", .. slip],
                    ["launch", "last", "--pipeline", "leads", "--where", """{"field":"company.webseit","exists":true}"""],
                ])
        {
            var refused = await workspace.EnrichAsync(command);
            Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
            Assert.Contains("which no record has: no column of the upload feeds it, and ", refused.Error, StringComparison.Ordinal);
            Assert.Contains(
                command[0] == "launch" ? " Did you mean 'company.website'?" : " Did you mean 'company.domain'?",
                refused.Error,
                StringComparison.Ordinal);
        }

        Assert.Equal(
            1,
            (await workspace.EnrichAsync("retry", "last", "--where", """{"field":"company.domain","eq":"acme.com"}""", "--json"))
                .Succeeded()
                .Json.GetProperty("retried")
                .GetInt32());
    }

    private void Put(string folder, string url)
    {
        workspace.Write("leads.json", """{ "name": "leads", "stages": ["company.domain", "acme.company"] }""");
        workspace.Write("leads.csv", "Company Name,Website\nAcme,acme.com\nNorthwind,northwind.example\n");
        Directory.CreateDirectory(workspace.FileNamed(folder));
        workspace.Write(Path.Combine(folder, "acme.json"), $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size=/size"],
              "options": { "request": { "url": "{{url}}" } }
            }
            """);
    }
}
