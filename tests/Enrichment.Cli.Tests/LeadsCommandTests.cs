using System.Security.Cryptography;
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

        var unknown = await workspace.EnrichAsync([.. few, "--batch", "0197d7a0-0000-7000-8000-000000000000"]);
        Assert.Contains("0197d7a0-0000-7000-8000-000000000000", unknown.Error, StringComparison.Ordinal);
        var sorted = await workspace.EnrichAsync([.. few, "--count", "--sort", "name"]);
        Assert.Contains("--sort is about rows that are shown", sorted.Error, StringComparison.Ordinal);

        async Task<JsonElement> PageAsync(params string[] more) =>
            JsonDocument.Parse((await workspace.EnrichAsync([.. leads, "--json", .. more])).Succeeded().Output).RootElement;

        static IEnumerable<string?> Names(JsonElement page) => page.GetProperty("rows")
            .EnumerateArray()
            .Select(row => row.GetProperty("values").GetProperty("name").GetString());
    }

    [Fact]
    public async Task All_rows_are_written_into_a_file_and_who_took_them_is_listed()
    {
        using var workspace = new Workspace();
        workspace.Write("people.json", Projection);
        workspace.Write("people.csv", "Full Name,Staff\nAnn,5\n=1+1,\nCyd,70\n");
        workspace.Write("names.json", """{ "name": "names", "stages": ["person.name"] }""");
        string[] run = ["run", "people.csv", "--pipeline", "names.json", "--projection", "people.json", "--output", "all.csv"];
        (await workspace.EnrichAsync(run)).Succeeded();
        string[] leads = ["leads", "people", "--sort", "employees:desc"];

        var said = (await workspace.EnrichAsync([.. leads, "--column", "name", "--output", "out.csv"])).Succeeded().Output;
        var json = (await workspace.EnrichAsync([.. leads, "--output", "out.jsonl", "--with-status", "--json"])).Succeeded().Output;
        var piped = (await workspace.EnrichAsync([.. leads, "--output", "-", "--format", "jsonl"])).Succeeded().Output;
        var record = JsonDocument.Parse(json).RootElement.GetProperty("export");

        Assert.Equal($"3 rows, 23 bytes in {workspace.FileNamed("out.csv")}\n", said.ReplaceLineEndings("\n"));
        Assert.Equal("name\r\nCyd\r\nAnn\r\n'=1+1\r\n", workspace.Read("out.csv"));
        Assert.Equal(
            """{"name":"Cyd","employees":70,"enrichment.row":3,"enrichment.status":"completed","enrichment.error":null}""",
            workspace.Read("out.jsonl").Split('\n')[0]);
        Assert.Equal("""{"name":"Cyd","employees":70}""", piped.Split('\n')[0]);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(workspace.FileNamed("out.jsonl")))), record.GetProperty("sha256").GetString());
        var listed = JsonDocument.Parse((await workspace.EnrichAsync("exports", "--json")).Succeeded().Output).RootElement.GetProperty("exports");
        Assert.Equal(["jsonl", "jsonl", "csv", "csv"], listed.EnumerateArray().Select(export => export.GetProperty("format").GetString()));
        Assert.Equal(record.GetProperty("id").GetGuid(), listed[1].GetProperty("id").GetGuid());
        Assert.StartsWith("BEGUN", (await workspace.EnrichAsync("exports")).Succeeded().Output, StringComparison.Ordinal);

        await RefusedAsync(["--count", "--output", "x.csv"], "--output writes all rows, and --count is about what is shown.");
        await RefusedAsync(["--with-status"], "--with-status is about the file that is written. Add --output, or leave it out.");
        await RefusedAsync(["--bom", "--output", "x.jsonl"], "--bom is about CSV, and the format is jsonl. Leave it out, or choose --format csv.");
        await RefusedAsync(["--format", "xml", "--output", "x.csv"], "--format: there is no 'xml'.");
        await RefusedAsync(["--output", "-", "--json"], "would both write to standard output");
        await RefusedAsync(["--output", "enrichment.db"], "is the store, which it would replace");

        async Task RefusedAsync(string[] more, string told)
        {
            var refused = await workspace.EnrichAsync([.. leads, .. more]);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(told, refused.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(workspace.FileNamed("x.csv")));
        }
    }

    [Fact]
    public async Task Rows_of_a_table_are_launched_again_by_its_columns()
    {
        using var workspace = new Workspace();
        workspace.Write("people.json", Projection);
        workspace.Write("people.csv", "Full Name,Staff\nAnn,5\nBob,\nCyd,70\n");
        workspace.Write("names.json", """{ "name": "names", "stages": ["person.name"] }""");
        string[] run = ["run", "people.csv", "--pipeline", "names.json", "--projection", "people.json", "--output", "all.csv"];
        (await workspace.EnrichAsync(run)).Succeeded();
        string[] launch = ["launch", "--from-table", "people", "--where", """{"field":"employees","exists":false}""", "--pipeline", "names.json"];

        var preview = (await workspace.EnrichAsync([.. launch, "--dry-run"])).Succeeded().Output;
        var launched = (await workspace.EnrichAsync([.. launch, "--key", "k", "--json"])).Succeeded().Json;
        var again = (await workspace.EnrichAsync([.. launch, "--key", "k"])).Succeeded();
        var refused = await workspace.EnrichAsync(launch);
        var unnamed = await workspace.EnrichAsync("launch", "--pipeline", "names.json");

        Assert.Contains("Pipeline names, 1 row. Nothing was launched.\n", preview, StringComparison.Ordinal);
        Assert.Equal(1, launched.GetProperty("items").GetInt32());
        Assert.Equal(launched.GetProperty("batches")[0].GetProperty("batch").GetString(), again.Output.Trim());
        Assert.Contains("Of 1 a younger batch has the item", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Name what to launch: an UPLOAD, or --from-table", unnamed.Error, StringComparison.Ordinal);
    }
}
