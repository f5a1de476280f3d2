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
        Assert.StartsWith(
            "Version 2 waits for an operator: 'enrich projection apply changed' with its definition goes on",
            (await RunAsync("projection", "list", "changed")).Succeeded().Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "Version 2 has this definition, and is being built beside: 'enrich projection apply changed' goes on with it.",
            (await RunAsync("projection", "plan", "changed")).Succeeded().Output,
            StringComparison.Ordinal);
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
        workspace.Write("changed.json", Definition(null).Replace("\"columns\"", "\"table\": \"renamed\", \"columns\"", StringComparison.Ordinal));
        refused = await RunAsync("projection", "apply", "changed");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("The table is named 'renamed' instead of 'changed'. Add --yes", refused.Error, StringComparison.Ordinal);
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

    [Fact]
    public async Task Hints_name_the_file_and_a_change_warns_of_what_no_batch_has()
    {
        const string Name = """ { "name": "full_name", "type": "text", "sources": [{ "field": "person.full_name" }] } """;
        workspace.Write("v1.json", $$"""{ "name": "big", "columns": [{{Name}}, { "name": "n", "type": "integer", "sources": [{ "column": "Notes" }] }] }""");
        var run = (await workspace.EnrichAsync(
            "run", "leads.csv", "--workstream", "apollo_scrape", "--pipeline", "pipeline", "--projection", "v1", "--output", "out.csv"))
            .Succeeded();
        Assert.Matches("'enrich issues [-0-9a-f]+ --projection v1' lists them", run.Error);
        Assert.Contains("live", (await workspace.EnrichAsync("projection", "list", "v1")).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains(
            "Projection 'big' cannot go back", (await workspace.EnrichAsync("projection", "rollback", "v1")).Error, StringComparison.Ordinal);

        workspace.Write("v2.json", $$"""
            { "name": "big", "columns": [
              {{Name}}, { "name": "note", "type": "text", "sources": [{ "column": "Nots" }] },
              { "name": "known", "type": "text", "sources": [{ "field": "person.ful_name" }, { "field": "company.domain" }] },
              { "name": "listed", "is": "full_name in others.name" } ],
              "lists": [{ "name": "others", "workstream": "apolo_scrape", "columns": [{{Name.Replace("full_name\", \"type", "name\", \"type", StringComparison.Ordinal)}}] }] }
            """);
        var planned = (await workspace.EnrichAsync("projection", "plan", "v2.json")).Succeeded();
        Assert.Contains("'enrich projection apply v2.json' does.", planned.Output, StringComparison.Ordinal);
        var applied = await workspace.EnrichAsync(
            "projection", "apply", "v2", "--client", "default", "--store", $"sqlite:{workspace.FileNamed("enrichment.db")}");
        Assert.Contains(
            $"'enrich projection plan v2 --client default --store sqlite:{workspace.FileNamed("enrichment.db")}' shows", applied.Error, StringComparison.Ordinal);
        string[] warnings =
        [
            "warning: big: Column 'note' stays empty: the batch has no column 'Nots'. Did you mean 'Notes'?",
            "warning: big: Column 'known': the batch has no field 'person.ful_name'. Did you mean 'person.full_name'",
            "warning: big: The list 'others' is empty: the store has no batch of the workstream 'apolo_scrape'. Did you mean 'apollo_scrape'?",
        ];
        Assert.All(
            ((string[])[planned.Error, applied.Error]).SelectMany(error => error.Split('\n').Zip(warnings)),
            line => Assert.StartsWith(line.Second, line.First, StringComparison.Ordinal));

        // A shell takes the name as one word, whatever is in it.
        const string Hostile = "it's $(v) \"2\"; `x`.json";
        const string Quoted = "\"it's \\$(v) \\\"2\\\"; \\`x\\`.json\"";
        workspace.Write(Hostile, File.ReadAllText(workspace.FileNamed("v2.json")));
        var hostile = await workspace.EnrichAsync("projection", "plan", Hostile);
        Assert.Contains($"'enrich projection apply {Quoted}' does.", hostile.Succeeded().Output, StringComparison.Ordinal);
        hostile = await workspace.EnrichAsync("projection", "apply", Hostile, "--store", $"sqlite:{workspace.FileNamed("enrichment.db")}");
        Assert.Contains(
            $"'enrich projection plan {Quoted} --store sqlite:{workspace.FileNamed("enrichment.db")}' shows", hostile.Error, StringComparison.Ordinal);

        // Also where the table is filled: the live definition has such a list now.
        (await workspace.EnrichAsync("projection", "apply", "v2", "--yes")).Succeeded();
        Assert.Contains(
            warnings[2], (await workspace.EnrichAsync("consolidate", "last", "--projection", "v2")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(
            "big: version 1 is live again.\n",
            (await workspace.EnrichAsync("projection", "rollback", "v2", "--to", "1")).Succeeded().Output);
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
