using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

public sealed class RunTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private const int StoreUnreachable = 3;
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public async Task A_run_whose_batch_was_pruned_makes_another()
    {
        string[] command = ["run", "leads.csv", "--pipeline", "pipeline.json", "--output", "out.csv"];
        (await workspace.EnrichAsync(command)).Succeeded();
        // Keeps the upload.
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "other.csv")).Succeeded();
        var pruned = (await workspace.EnrichAsync("status", "--json"))
            .Succeeded()
            .Json.GetProperty("batches")[1]
            .GetProperty("batch")
            .GetString()!;
        (await workspace.EnrichAsync("prune", pruned)).Succeeded();
        var expected = workspace.Read("out.csv");
        File.Delete(workspace.FileNamed("out.csv"));

        var again = (await workspace.EnrichAsync([.. command, "--json"])).Succeeded().Json.GetProperty("batch").GetString();
        var repeated = (await workspace.EnrichAsync([.. command, "--json"])).Succeeded().Json.GetProperty("batch").GetString();

        Assert.Equal(expected, workspace.Read("out.csv"));
        Assert.NotEqual(pruned, again);
        Assert.Equal(again, repeated);
    }

    [Fact]
    public async Task A_file_becomes_its_columns_and_the_produced_fields_in_its_order()
    {
        var run = (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--output", "out.csv")).Succeeded();

        Snapshot.Match(workspace.Read("out.csv"));
        Assert.Equal($"3 rows in {workspace.FileNamed("out.csv")}\n", run.Output);
        Assert.Contains("3 rows, 3 accepted, 0 rejected", run.Error, StringComparison.Ordinal);
        Assert.Contains("crm_data by its headers", run.Error, StringComparison.Ordinal);
        Assert.Contains("unmapped: Notes", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(workspace.Folder), file => file.EndsWith(".part", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_output_that_is_run_again_has_no_name_twice()
    {
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--output", "once.csv")).Succeeded();
        var run = (await workspace.EnrichAsync("run", "once.csv", "--pipeline", "pipeline.json", "--output", "twice.csv", "--json"))
            .Succeeded();

        var once = workspace.Read("once.csv").Split("\r\n")[0].Split(',');
        var twice = workspace.Read("twice.csv").Split("\r\n")[0].Split(',');
        Assert.Equal(twice.Distinct(), twice);
        Assert.Equal(once[^2..], twice[^2..]);
        Assert.Equal(once.Length + once.Count(name => name.Contains('.', StringComparison.Ordinal)), twice.Length);
        Assert.Equal(["Notes"], run.Json.GetProperty("unmapped").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task A_projection_gives_its_table_instead()
    {
        var run = (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "pipeline.json", "--projection", "projection.json",
            "--output", "out.csv", "--json")).Succeeded();

        Assert.Equal("full_name,domain,notes\r\nJane O'Toole,northwind.example,\r\nBob Smith,,\r\n,,\r\n", workspace.Read("out.csv"));
        Assert.Equal("completed", run.Json.GetProperty("status").GetString());
        Assert.Equal(3, run.Json.GetProperty("output_rows").GetInt32());
    }

    [Fact]
    public async Task A_JSON_object_or_list_is_kept_and_reported_and_becomes_no_text()
    {
        workspace.Write("nested.jsonl", """
            {"Company Name":{"name":"Acme"},"First Name":"Jane","Last Name":["X"],"City":["Bonn"],"Email":"jane@acme.example"}
            {"Company Name":"Northwind, Inc.","First Name":"Bob","Last Name":"Smith","Email":"bob@northwind.example"}

            """);
        workspace.Write("table.json", """
            { "name": "table", "columns": [
              { "name": "company", "type": "text", "sources": [{ "field": "company.name" }] },
              { "name": "city", "type": "text", "sources": [{ "field": "person.city" }] } ] }
            """);
        var run = (await workspace.EnrichAsync("run", "nested.jsonl", "--pipeline", "normalize", "--output", "out.csv")).Succeeded();
        Assert.Contains("company.name: 1 row with a JSON object or list in Company Name", run.Error, StringComparison.Ordinal);
        Assert.Contains("person.last_name: 1 row with a JSON object or list in Last Name", run.Error, StringComparison.Ordinal);

        var lines = workspace.Read("out.csv").Split("\r\n");
        var jane = lines[0].Split(',').Zip(lines[1].Split(',')).ToDictionary(cell => cell.First, cell => cell.Second);
        Assert.Equal("\"{\"\"name\"\":\"\"Acme\"\"}\"", jane["Company Name"]);
        Assert.Equal(("", "", "Jane"), (jane["company.name"], jane["person.last_name"], jane["person.first_name"]));

        Assert.Equal(
            "company,city\r\n,\r\nNorthwind,\r\n",
            (await workspace.EnrichAsync("export", "last", "--projection", "table.json", "--output", "-")).Succeeded().Output);
        var issue = Assert.Single(
            (await workspace.EnrichAsync("issues", "last", "--projection", "table.json", "--json"))
                .Succeeded()
                .Json.GetProperty("issues")
                .EnumerateArray());
        Assert.Equal(
            (1, "city", "[\"Bonn\"]"),
            (issue.GetProperty("item").GetInt32(), issue.GetProperty("column").GetString(), issue.GetProperty("value").GetString()));
    }

    [Fact]
    public async Task A_projection_computes_columns_and_looks_from_the_day_that_is_given()
    {
        workspace.Write("jobs.csv", "Company Name,Started,Size\nAcme,2026-06,120\nNone,2026,0\nOdd,later,7\n");
        workspace.Write("table.json", """
            { "name": "jobs", "columns": [
              { "name": "company", "type": "text", "sources": [{ "column": "Company Name" }] },
              { "name": "started", "type": "partial_date", "sources": [{ "column": "Started" }] },
              { "name": "size", "type": "integer", "sources": [{ "column": "Size" }] },
              { "name": "share", "is": "round(100 / size, 2)" },
              { "name": "is_new", "is": "started between as_of - 6 months and as_of" } ] }
            """);
        string[] run = ["run", "jobs.csv", "--pipeline", "normalize", "--workstream", "any", "--projection", "table.json", "--output", "out.csv"];
        (await workspace.EnrichAsync([.. run, "--as-of", "2026-11-30"])).Succeeded();
        Assert.Equal(
            "company,started,size,share,is_new\r\nAcme,2026-06,120,0.83,true\r\nNone,2026,0,,\r\nOdd,,7,14.29,\r\n",
            workspace.Read("out.csv"));

        string[] export = ["export", "last", "--projection", "table.json", "--output", "-"];
        Assert.Equal(
            "company,started,size,share,is_new\r\nAcme,2026-06,120,0.83,false\r\nNone,2026,0,,false\r\nOdd,,7,14.29,\r\n",
            (await workspace.EnrichAsync([.. export, "--as-of", "2028-01-01"])).Succeeded().Output);
        var issues = (await workspace.EnrichAsync("issues", "last", "--projection", "table.json", "--json")).Succeeded().Json;
        Assert.Equal(
            ["started cast later column Started", "share compute division by zero, at character 11 is round(100 / size, 2)"],
            issues
                .GetProperty("issues")
                .EnumerateArray()
                .OrderByDescending(issue => issue.GetProperty("item").GetInt32())
                .Select(issue => string.Join(
                    ' ',
                    new[] { "column", "reason", "value", "source" }.Select(name => issue.GetProperty(name).GetString()))));

        Assert.Contains("'2028' is no day", (await workspace.EnrichAsync([.. export, "--as-of", "2028"])).Error, StringComparison.Ordinal);
        Assert.Contains(
            "Add --projection",
            (await workspace.EnrichAsync("export", "last", "--output", "-", "--as-of", "2028-01-01")).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_twice_it_is_the_same_batch_and_the_same_file()
    {
        string[] command = ["run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv", "--json"];
        var first = (await workspace.EnrichAsync(command)).Succeeded();
        var written = workspace.Read("out.csv");
        File.Delete(workspace.FileNamed("out.csv"));

        var second = (await workspace.EnrichAsync(command)).Succeeded();

        Assert.Equal(first.Output, second.Output);
        Assert.Equal(written, workspace.Read("out.csv"));
        Assert.Contains("--again makes a new one", second.Error, StringComparison.Ordinal);

        var third = (await workspace.EnrichAsync([.. command, "--again"])).Succeeded();

        Assert.NotEqual(first.Json.GetProperty("batch").GetString(), third.Json.GetProperty("batch").GetString());
        Assert.Equal(2, (await workspace.EnrichAsync("status", "--json")).Json.GetProperty("batches").GetArrayLength());
        Assert.Equal(written, workspace.Read("out.csv"));
    }

    [Theory]
    [InlineData("--again")]
    [InlineData("--refresh")]
    public async Task After_a_new_batch_a_repeated_run_goes_on_with_the_youngest(string anew)
    {
        string[] command = ["run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv", "--json"];
        var first = BatchOf(await workspace.EnrichAsync(command));
        var limited = BatchOf(await workspace.EnrichAsync([.. command, "--limit", "1"]));
        var second = BatchOf(await workspace.EnrichAsync([.. command, anew]));
        var third = BatchOf(await workspace.EnrichAsync([.. command, anew]));

        var repeated = await workspace.EnrichAsync(command);

        Assert.Equal(4, new[] { first, limited, second, third }.Distinct().Count());
        Assert.Equal(third, BatchOf(repeated));
        Assert.Contains($"This file and pipeline are batch {third} already, completed", repeated.Error, StringComparison.Ordinal);
        Assert.Equal(limited, BatchOf(await workspace.EnrichAsync([.. command, "--limit", "1"])));

        static string BatchOf(ToolRun run) => run.Succeeded().Json.GetProperty("batch").GetString()!;
    }

    [Fact]
    public async Task A_store_that_takes_no_writes_ends_a_run_with_3_and_a_word_on_what_to_do()
    {
        var store = $"postgres:{database.ConnectionString}";
        (await workspace.EnrichAsync("upload", "leads.csv", "--store", store)).Succeeded();

        var server = await workspace.EnrichAsync(
            "upload", "leads.csv", "--again", "--store", $"{store};Options=-c default_transaction_read_only=on");

        Assert.Equal(StoreUnreachable, server.ExitCode);
        Assert.Contains("enrich: The store takes no writes: 25006: ", server.Error, StringComparison.Ordinal);
        Assert.Contains(
            "Name the server that takes them with --store or ENRICHMENT_STORE, or make this one writable; then repeat the command.",
            server.Error,
            StringComparison.Ordinal);

        (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded();
        await ForbidWritesAsync(workspace.FileNamed("enrichment.db"));

        var file = await workspace.EnrichAsync("upload", "leads.csv", "--again");

        Assert.Equal(StoreUnreachable, file.ExitCode);
        Assert.Contains("Make the file and its directory writable", file.Error, StringComparison.Ordinal);
        (await workspace.EnrichAsync("status")).Succeeded();

        // Not by the file's rights, which say nothing to root: a version of the format that only a younger SQLite may write.
        static async Task ForbidWritesAsync(string path)
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.Position = 18;
            file.WriteByte(3);
        }
    }

    [Fact]
    public async Task A_limit_takes_the_first_accepted_rows()
    {
        (await workspace.EnrichAsync("run", "leads.csv", "--pipeline", "normalize", "--output", "out.csv", "--limit", "1")).Succeeded();

        Assert.Equal(2, workspace.Read("out.csv").Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith("JANE", workspace.Read("out.csv").Split("\r\n")[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData()]
    [InlineData("--projection", "projection.json")]
    public async Task Both_stores_write_the_same_bytes(params string[] projection)
    {
        string[] command = ["run", Workspace.QuickstartLeads, "--pipeline", "pipeline.json", .. projection];
        (await workspace.EnrichAsync([.. command, "--output", "sqlite.csv"])).Succeeded();
        var run = (await workspace.EnrichAsync(
            [.. command, "--output", "postgres.csv", "--store", $"postgres:{database.ConnectionString}", "--json"])).Succeeded();

        Assert.Equal(1000, run.Json.GetProperty("output_rows").GetInt32());
        Assert.Equal(File.ReadAllBytes(workspace.FileNamed("sqlite.csv")), File.ReadAllBytes(workspace.FileNamed("postgres.csv")));
        Assert.Empty((await workspace.EnrichAsync("doctor", "--json")).Succeeded().Json.GetProperty("findings").EnumerateArray());
        Assert.Empty((await workspace.EnrichAsync("doctor", "--json", "--store", $"postgres:{database.ConnectionString}"))
            .Succeeded().Json.GetProperty("findings").EnumerateArray());
    }
}
