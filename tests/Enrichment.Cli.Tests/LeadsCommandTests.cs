using System.Text.Json;

namespace Enrichment.Cli.Tests;

public sealed class LeadsCommandTests
{
    private const string Projection = """
        { "name": "people",
          "columns": [{ "name": "name", "type": "text", "sources": [{ "column": "Full Name" }] },
                      { "name": "employees", "type": "integer", "sources": [{ "column": "Staff" }] }] }
        """;

    [Fact]
    public async Task Rows_are_found_in_an_order_page_by_page_and_counted_by_their_values()
    {
        using var workspace = new Workspace();
        workspace.Write("people.json", Projection);
        workspace.Write("people.csv", "Full Name,Staff\nAnn,5\nBob,\nCyd,70\nDee,5\n");
        workspace.Write("names.json", """{ "name": "names", "stages": ["person.name"] }""");
        string[] run = ["run", "people.csv", "--pipeline", "names.json", "--projection", "people.json", "--output", "all.csv"];
        (await workspace.EnrichAsync(run)).Succeeded();
        string[] leads = ["leads", "people", "--sort", "employees:desc", "--sort", "name", "--limit", "3"];

        var first = await PageAsync();
        var next = first.GetProperty("next").GetString()!;
        var second = await PageAsync("--cursor", next);
        var lines = (await workspace.EnrichAsync([.. leads, "--column", "name"])).Succeeded().Output;

        Assert.Equal(["Cyd", "Ann", "Dee"], Names(first));
        Assert.Equal(["Bob"], Names(second));
        Assert.Equal(70, first.GetProperty("rows")[0].GetProperty("values").GetProperty("employees").GetInt32());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Equal(
            $"ITEM  NAME\n   3  Cyd\n   1  Ann\n   4  Dee\nThere are more rows: --cursor {next}\n",
            lines.ReplaceLineEndings("\n"));

        string[] few = ["leads", "people", "--where", """{"field":"employees","le":5}"""];
        string[] counting = ["--count", "--facets", "employees,name", "--availability", "--limit", "1"];
        var counts = (await workspace.EnrichAsync([.. few, .. counting])).Succeeded().Output;
        Assert.Equal(
            """
            2 rows
            employees:
                       2  5
                       1  other values
                       1  no value
            name:
                       1  Ann
                       1  other values
                       2  have name
                       2  have employees

            """.ReplaceLineEndings("\n"),
            counts.ReplaceLineEndings("\n"));
        var none = await workspace.EnrichAsync([.. few, "--where", """{"field":"nmae","exists":true}"""]);
        Assert.Contains("The table 'people' has no column 'nmae'. Did you mean 'name'", none.Error, StringComparison.Ordinal);
        Assert.Contains("one of another query", (await workspace.EnrichAsync([.. few, "--cursor", next])).Error, StringComparison.Ordinal);

        async Task<JsonElement> PageAsync(params string[] more) =>
            JsonDocument.Parse((await workspace.EnrichAsync([.. leads, "--json", .. more])).Succeeded().Output).RootElement;

        static IEnumerable<string?> Names(JsonElement page) => page.GetProperty("rows")
            .EnumerateArray()
            .Select(row => row.GetProperty("values").GetProperty("name").GetString());
    }
}
