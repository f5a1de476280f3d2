using System.Text.Json;

namespace Enrichment.Cli.Tests;

/// <summary>An operator changes the definition of a table, and sees before what happens.</summary>
public sealed class ChangeOfTableTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task A_change_is_planned_applied_held_and_rolled_back()
    {
        workspace.Write("changed.json", Definition(""" "sources": [{ "column": "Notes" }] """));
        string[] run =
            ["run", "leads.csv", "--workstream", "apollo_scrape", "--pipeline", "pipeline", "--projection", "changed", "--output", "out.csv"];
        (await RunAsync(run)).Succeeded();
        Assert.Equal(
            "changed: this definition is live, as version 1. There is nothing to apply.\n",
            (await RunAsync("projection", "plan", "changed")).Succeeded().Output);
        Assert.Matches(
            @"^NAME +TABLE +VERSION +LIVE SINCE +BUILDING\nchanged +changed +1 +20\S+ \S+Z\n$",
            (await RunAsync("projection", "list")).Succeeded().Output);

        // A default fills what was an issue.
        workspace.Write("changed.json", Definition(
            """ "default": 3, "sources": [{ "column": "Notes" }] """, """, { "name": "first", "type": "text", "sources": [{ "column": "First Name" }] }"""));
        var planned = (await RunAsync("projection", "plan", "changed")).Succeeded().Output;
        Assert.StartsWith(
            """
            changed: version 1 is live, and this definition differs from it.
              Values of column 'notes' may change: it has the default 3 instead of null.
              Column 'first' (text) is added.
            To fill: 2 rows of 1 batch. No vendor is called.
            Hosts do not apply it by themselves. 'enrich projection apply changed' does.

            Of 2 items that were evaluated by both definitions:
              notes: 2 cells change, 2 filled, 0 emptied; 2 issues, before 2
              first: 2 cells change, 2 filled, 0 emptied; 0 issues, before 0
            For example:
              item 1 of 
            """.ReplaceLineEndings("\n"),
            planned,
            StringComparison.Ordinal);
        var json = (await RunAsync("projection", "plan", "changed", "--json")).Succeeded().Json;
        Assert.Equal((1, false, 2, 1), (Number(json, "live"), json.GetProperty("compatible").GetBoolean(), Number(json, "items"), Number(json, "batches")));
        Assert.Equal(4, json.GetProperty("preview").GetProperty("examples").GetArrayLength());

        Assert.Contains(
            "changed: version 2 is built and waits. Version 1 is live.",
            (await RunAsync("projection", "apply", "changed", "--hold")).Succeeded().Output,
            StringComparison.Ordinal);
        Assert.Equal([(2, "held"), (1, "live")], await VersionsAsync());
        Assert.Equal("full_name,domain,notes\r\n", (await ExportAsync())[..24]);
        var applied = (await RunAsync("projection", "apply", "changed")).Succeeded().Output;
        Assert.Contains("changed: version 2 is live instead of version 1.\n2 rows; before 2.\n  notes: 2 cells differ.\n", applied, StringComparison.Ordinal);
        Assert.Equal("full_name,domain,notes,first\r\n", (await ExportAsync())[..30]);

        Assert.Equal("changed: version 1 is live again.\n", (await RunAsync("projection", "rollback", "changed")).Succeeded().Output);
        Assert.Equal([(2, "kept"), (1, "live")], await VersionsAsync());

        // What is lost is lost only on purpose.
        workspace.Write("changed.json", Definition(null));
        var refused = await RunAsync("projection", "apply", "changed");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("Column 'notes' (integer) is dropped with its values. Add --yes", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Column 'notes' (integer) is dropped", (await RunAsync("projection", "apply", "changed", "--yes")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal([(3, "live"), (2, "kept"), (1, "kept")], await VersionsAsync());
        refused = await RunAsync("projection", "rollback", "chnged");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("The store has no projection 'chnged'. Did you mean 'changed'?", refused.Error, StringComparison.Ordinal);

        Task<ToolRun> RunAsync(params string[] command) => workspace.EnrichAsync(command);

        async Task<List<(int, string)>> VersionsAsync() =>
        [
            .. (await RunAsync("projection", "list", "changed", "--json")).Succeeded().Json.GetProperty("versions").EnumerateArray()
                .Select(version => (Number(version, "version"), version.GetProperty("status").GetString()!)),
        ];

        async Task<string> ExportAsync() =>
            (await RunAsync("export", "last", "--projection", "changed", "--output", "-")).Succeeded().Output;
    }

    private static string Definition(string? notes, string more = "") =>
        $$"""
        { "name": "changed", "columns": [
          { "name": "full_name", "type": "text", "sources": [{ "field": "person.full_name" }] },
          { "name": "domain", "type": "text", "sources": [{ "field": "company.domain" }] }{{(
            notes is null ? "" : $$""", { "name": "notes", "type": "integer", {{notes}} }""")}}{{more}} ] }
        """;

    private static int Number(JsonElement json, string property) => json.GetProperty(property).GetInt32();
}
