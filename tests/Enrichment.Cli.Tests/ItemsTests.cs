using System.Text.Json;
using Enrichment.Providers.Http.Tests.Servers;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>An operator sees which rows failed or wait, and why.</summary>
public sealed class ItemsTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Each_item_stands_somewhere_for_a_reason(string kind)
    {
        var store = kind == "sqlite" ? "sqlite:items.db" : $"postgres:{database.ConnectionString}";
        await using var vendor = Acme();
        await LaunchAsync(vendor, store, optional: false);
        (await RunAsync("tick", "--allow", "127.0.0.1")).Succeeded();

        var items = (await RunAsync("items", "last", "--json")).Succeeded().Json;
        Assert.Equal(0, items.GetProperty("more").GetInt32());
        Assert.Equal(
            [
                (1, 3, "person.name", "completed", null, null),
                (2, 2, "acme.company", "failed", null, "permanent"),
                (3, 2, "acme.company", "pending", "retry", "transient"),
            ],
            items.GetProperty("items").EnumerateArray().Select(Standing));
        var waits = items.GetProperty("items")[2];
        Assert.True(waits.GetProperty("acts_at").GetDateTimeOffset() > waits.GetProperty("updated_at").GetDateTimeOffset());
        Assert.Contains("503", waits.GetProperty("error").GetString(), StringComparison.Ordinal);

        var lines = (await RunAsync("items")).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^ITEM +STAGE +STEP +STATUS +WAITS FOR +ERROR$", lines[0]);
        Assert.Matches(@"^ +1 +3 +person.name +completed$", lines[1]);
        Assert.Matches(@"^ +2 +2 +acme.company +failed +permanent: ", lines[2]);
        Assert.Matches(@"^ +3 +2 +acme.company +pending +retry, 20.*Z +transient: .*503", lines[3]);
        Assert.Equal(4, lines.Length);

        Assert.Equal([2], await NumbersAsync("--status", "failed"));
        Assert.Equal([2, 3], await NumbersAsync("--status", "failed", "--status", "pending"));
        Assert.Equal([2, 3], await NumbersAsync("--stage", "2"));
        Assert.Equal([2, 3], await NumbersAsync("--stage", "acme.company"));
        Assert.Equal([3], await NumbersAsync("--error-class", "transient"));
        Assert.Equal([1], await NumbersAsync("--status", "completed"));
        Assert.Equal([1, 3], await NumbersAsync("--item", "1", "--item", "3"));
        Assert.Empty(await NumbersAsync("--status", "skipped"));
        var limited = (await RunAsync("items", "last", "--limit", "1"))
            .Succeeded()
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((3, "… and 2 more; --limit says how many are listed."), (limited.Length, limited[2]));
        var counted = (await RunAsync("items", "last", "--limit", "0", "--json")).Succeeded().Json;
        Assert.Equal((0, 3), (counted.GetProperty("items").GetArrayLength(), counted.GetProperty("more").GetInt32()));
        var refused = await RunAsync("items", "last", "--stage", "4");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("has no stage 4: its pipeline 'leads' has the stages 1 to 3.", refused.Error, StringComparison.Ordinal);
        refused = await RunAsync("items", "last", "--stage", "acme.compan");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("has no stage 'acme.compan'. Did you mean 'acme.company'?", refused.Error, StringComparison.Ordinal);
        refused = await RunAsync("items", "last", "--item", "1", "--item", "999");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(" has no item 999. ", refused.Error, StringComparison.Ordinal);

        Assert.Contains(
            "  Open: 1 wait for a worker or their date; 0 wait for an answer. 'enrich items ",
            (await RunAsync("status", "last")).Succeeded().Output,
            StringComparison.Ordinal);
        (await RunAsync("pause", "last")).Succeeded();
        Assert.Contains(
            "  Open: 1 wait for a worker or their date, which the pause holds ('enrich resume ",
            (await RunAsync("status", "last")).Succeeded().Output,
            StringComparison.Ordinal);
        Assert.Matches("pending +paused +transient: ", (await RunAsync("items", "last", "--item", "3")).Succeeded().Output);

        Task<ToolRun> RunAsync(params string[] command) => workspace.EnrichAsync([.. command, "--store", store]);

        async Task<IEnumerable<int>> NumbersAsync(params string[] filter) =>
            (await RunAsync(["items", "last", "--json", .. filter]))
                .Succeeded()
                .Json.GetProperty("items")
                .EnumerateArray()
                .Select(item => item.GetProperty("item").GetInt32());
    }

    [Fact]
    public async Task An_item_that_failed_at_an_optional_stage_stands_at_a_later_one()
    {
        await using var vendor = Acme();
        await LaunchAsync(vendor, "sqlite:enrichment.db", optional: true);
        (await workspace.EnrichAsync("tick", "--allow", "127.0.0.1")).Succeeded();

        Assert.StartsWith(
            "No item of batch ",
            (await workspace.EnrichAsync("items", "last", "--status", "failed")).Succeeded().Output,
            StringComparison.Ordinal);
        Assert.Matches(
            @"\n +2 +3 +person.name +completed\n$",
            (await workspace.EnrichAsync("items", "last", "--item", "2")).Succeeded().Output);
    }

    private static (int Item, int Stage, string? Step, string? Status, string? Reason, string? ErrorClass) Standing(JsonElement item) => (
        item.GetProperty("item").GetInt32(),
        item.GetProperty("stage").GetInt32(),
        item.GetProperty("step").GetString(),
        item.GetProperty("status").GetString(),
        item.GetProperty("reason").GetString(),
        item.GetProperty("error_class").GetString());

    private static LocalServer Acme() => new(exchange => exchange.Request.Target switch
    {
        "/northwind.example" => exchange.JsonAsync(400, "{}"),
        "/harbor.example" => exchange.JsonAsync(503, "{}"),
        _ => exchange.JsonAsync(200, """{"size":7}"""),
    });

    private async Task LaunchAsync(LocalServer vendor, string store, bool optional)
    {
        Directory.CreateDirectory(workspace.FileNamed("vendors"));
        workspace.Write("vendors/acme.json", $$"""
            {
              "step": "acme.company", "version": "1.0.0", "kind": "call", "reads": ["company.domain"], "produces": ["company.size"],
              "options": { "request": { "method": "GET", "url": "{{vendor.Url}}/{{"{{company.domain}}"}}" }, "answer": { "fields": { "company.size": "/size" } } }
            }
            """);
        workspace.Write(
            "leads.json",
            $$"""{ "name": "leads", "stages": ["company.domain", { "step": "acme.company", "optional": {{(optional ? "true" : "false")}} }, "person.name"] }""");
        workspace.Write(
            "leads.csv",
            "First Name,Last Name,Company Name,Website\nJane,Doe,Acme,acme.com\nBob,Roe,Northwind,northwind.example\nEve,Poe,Harbor,harbor.example\n");
        var upload = (await workspace.EnrichAsync("upload", "leads.csv", "--json", "--store", store))
            .Succeeded()
            .Json.GetProperty("upload")
            .GetString()!;
        (await workspace.EnrichAsync("launch", upload, "--pipeline", "leads", "--store", store)).Succeeded();
    }
}
