using System.Diagnostics;
using System.Text.Json;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;

namespace Enrichment.Cli.Tests;

/// <summary>
/// What an operator is told of calls to a vendor: of those made for a company that several items share, and of those made again.
/// </summary>
public sealed class VendorCallTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task The_status_of_a_batch_of_requests_says_what_it_is()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(200, """{"size": 5}"""));
        Describe(vendor, "\"entity\": { \"kind\": \"company\", \"keys\": [\"company.domain\"] },");
        (await RunAsync()).Succeeded();
        var requests = await RequestBatchAsync();

        var text = (await workspace.EnrichAsync("status", requests)).Succeeded().Output.Split('\n');
        var json = (await workspace.EnrichAsync("status", requests, "--json")).Succeeded().Json;
        var ordinary = (await workspace.EnrichAsync("status", "last", "--json")).Succeeded().Json;

        Assert.Contains("  entity requests  ", text[0], StringComparison.Ordinal);
        Assert.Equal("  2 requests: one call for each company or person that items of other batches wait for, made this month.", text[1]);
        Assert.Equal(
            (true, 2),
            (json.GetProperty("batch").GetProperty("entity_requests").GetBoolean(), json.GetProperty("requests").GetInt32()));
        Assert.False(ordinary.GetProperty("batch").GetProperty("entity_requests").GetBoolean());
        Assert.Equal(2, vendor.Requests.Count);
    }

    [Fact]
    public async Task The_timeline_says_when_a_retry_keeps_the_key_of_the_last_call()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(500, "{}"));
        Describe(vendor);
        Assert.Equal(1, (await RunAsync()).ExitCode);

        (await workspace.EnrichAsync("retry", "last", "--item", "1", "--error-class", "outcome_unknown", "--same-key")).Succeeded();
        (await workspace.EnrichAsync("retry", "last", "--item", "2", "--error-class", "outcome_unknown")).Succeeded();

        Assert.Equal("its calls keep the idempotency key of generation 1", await ReplacedAsync(1));
        Assert.Null(await ReplacedAsync(2));
        Assert.Matches(
            "replaced by a new generation +its calls keep the idempotency key of generation 1",
            (await workspace.EnrichAsync("timeline", "1")).Succeeded().Output);
    }

    [Fact]
    public async Task A_run_says_that_an_account_is_used_up_and_goes_on_once_it_is_resumed()
    {
        var bought = false;
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(Volatile.Read(ref bought) ? 200 : 402, """{"size": 5}"""));
        Describe(vendor);
        var run = Tool.Start(workspace.Folder, "run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1");
        var told = await LineAsync(run, "Stage 2 waits because the account 'default/acme.company' is used up.");

        Volatile.Write(ref bought, true);
        Assert.EndsWith(
            "'enrich accounts --resume default/acme.company' goes on at once (vendor_credits).",
            told,
            StringComparison.Ordinal);
        (await workspace.EnrichAsync("accounts", "--resume", "default/acme.company")).Succeeded();

        Assert.Contains("3 rows in ", (await Tool.RunAsync(run)).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_a_batch_that_was_cancelled_says_so()
    {
        await using var vendor = new LocalServer(exchange => exchange.JsonAsync(402, "{}"));
        Describe(vendor);
        var run = Tool.Start(workspace.Folder, "run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1");
        await LineAsync(run, "Stage 2 waits because the account 'default/acme.company' is used up.");

        (await workspace.EnrichAsync("cancel", "last")).Succeeded();

        var ended = await Tool.RunAsync(run);
        Assert.Equal(1, ended.ExitCode);
        Assert.Matches("\nBatch .* was cancelled: 3 items did not end. ", ended.Output);
    }

    private void Describe(LocalServer vendor, string more = "")
    {
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        workspace.Write("vendors/acme.json", $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size=/size"], {{more}}
              "options": { "request": { "url": "{{vendor.Url}}" } }
            }
            """);
        workspace.Write("leads.json", """{ "name": "leads", "stages": ["company.domain", "acme.company"] }""");
        workspace.Write(
            "leads.csv",
            "First Name,Last Name,Company Name,Website\nJane,Doe,Acme,acme.com\nBob,Roe,Northwind,northwind.example\nEve,Poe,Acme,acme.com\n");
    }

    private Task<ToolRun> RunAsync() =>
        workspace.EnrichAsync("run", "leads.csv", "--pipeline", "leads", "--output", "out.csv", "--allow", "127.0.0.1");

    private static async Task<string> LineAsync(Process run, string beginning)
    {
        using var patience = new CancellationTokenSource(Wait.Patience);
        // A tool that does not say it would wait for the account for ever.
        await using var end = patience.Token.Register(run.Kill);
        while (await run.StandardError.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The tool ended without a line that begins with: {beginning}");
    }

    // No list shows it: items wait for it, nobody launched it.
    private async Task<string> RequestBatchAsync()
    {
        await using var connection = new SqliteConnection($"Data Source={workspace.FileNamed("enrichment.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "select id from batches where entity_requests";
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string?> ReplacedAsync(int item) =>
        (await workspace.EnrichAsync("timeline", $"{item}", "--json")).Succeeded().Json.GetProperty("timeline").EnumerateArray()
            .Single(entry => entry.GetProperty("what").GetString() == "replaced by a new generation")
            is var replaced
        && replaced.TryGetProperty("detail", out var detail)
        && detail.ValueKind == JsonValueKind.String
            ? detail.GetString()
            : null;
}
