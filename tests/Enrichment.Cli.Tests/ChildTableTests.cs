namespace Enrichment.Cli.Tests;

public sealed class ChildTableTests
{
    private const string Projection = """
        { "name": "people",
          "columns": [{ "name": "name", "type": "text", "sources": [{ "column": "Full Name" }] }, { "name": "jobs", "is": "count(work_history)" }],
          "children": [{ "name": "work_history", "table": "people_jobs", "each": { "column": "Jobs" },
            "columns": [{ "name": "title", "type": "text", "sources": [{ "pointer": "/title" }] },
                        { "name": "year", "type": "integer", "sources": [{ "pointer": "/year" }] }] }] }
        """;

    [Fact]
    public async Task A_child_table_is_exported_by_its_name_and_its_issues_and_rows_are_told()
    {
        using var workspace = new Workspace();
        workspace.Write("people.json", Projection);
        workspace.Write("people.csv", """
            Full Name,Jobs
            Ann,"[{""title"":""CTO"",""year"":2020},{""title"":""=cmd"",""year"":""soon""}]"
            Bob,"[null]"

            """.ReplaceLineEndings("\n"));
        workspace.Write("names.json", """{ "name": "names", "stages": ["person.name"] }""");
        (await workspace.EnrichAsync("run", "people.csv", "--pipeline", "names.json", "--output", "all.csv")).Succeeded();
        string[] table = ["--projection", "people.json"];

        var exported = (await workspace.EnrichAsync(["export", "last", .. table, "--child", "work_history", "--output", "-"])).Succeeded().Output;

        var lines = exported.ReplaceLineEndings("\n").TrimEnd().Split('\n');
        Assert.Equal("batch,item,title,year", lines[0]);
        Assert.Equal(["1,'=cmd,", "1,CTO,2020"], lines[1..].Select(line => line[37..]).Order(StringComparer.Ordinal));
        var issues = (await workspace.EnrichAsync(["issues", "last", .. table])).Succeeded().Output;
        Assert.Contains("work_history.year", issues, StringComparison.Ordinal);
        Assert.Contains("shape", issues, StringComparison.Ordinal);
        var explained = (await workspace.EnrichAsync(["projection", "explain", "1", "last", .. table])).Succeeded().Output;
        Assert.Contains("work_history: 2 rows", explained, StringComparison.Ordinal);
        Assert.Contains("title = CTO, year = 2020", explained, StringComparison.Ordinal);

        var unknown = await workspace.EnrichAsync(["export", "last", .. table, "--child", "work_histroy", "--output", "-"]);
        Assert.Contains("has no child table 'work_histroy'. Did you mean 'work_history'?", unknown.Error, StringComparison.Ordinal);
        var alone = await workspace.EnrichAsync("export", "last", "--child", "work_history", "--output", "-");
        Assert.Contains("Give the projection with --projection", alone.Error, StringComparison.Ordinal);
    }
}
