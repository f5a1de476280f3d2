using System.Text.Json;
using Enrichment.Sqlite;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.Cli.Tests;

/// <summary>What a newcomer and an operator can ask for is listed, and what a projection leaves out is said.</summary>
public sealed class ListingTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Theory]
    [InlineData("steps", "steps", "step", "company.domain")]
    [InlineData("fields", "fields", "field", "person.email")]
    [InlineData("workstreams", "workstreams", "workstream", "apollo_scrape")]
    [InlineData("pipelines", "pipelines", "pipeline", "leads")]
    public async Task Names_that_a_definition_may_use_are_listed_without_a_store(
        string command,
        string list,
        string property,
        string expected)
    {
        var entries = (await workspace.EnrichAsync(command, "--json"))
            .Succeeded()
            .Json.GetProperty(list)
            .EnumerateArray()
            .Select(entry => entry.GetProperty(property).GetString())
            .ToList();
        var lines = (await workspace.EnrichAsync(command)).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Contains(expected, entries);
        Assert.StartsWith(property.ToUpperInvariant(), lines[0], StringComparison.Ordinal);
        Assert.Equal(entries.Count, lines.Length - 1);
        Assert.Contains(lines, line => line.StartsWith(expected + " ", StringComparison.Ordinal));
        Assert.Equal(
            entries.Count - 1,
            (await workspace.EnrichAsync(command, "--json", "--limit", "1")).Succeeded().Json.GetProperty("more").GetInt32());
        Assert.False(File.Exists(workspace.FileNamed("enrichment.db")));
    }

    [Theory]
    [InlineData("fields", "fields", "headers")]
    [InlineData("workstreams", "workstreams", "recognized_by")]
    public async Task Of_many_headers_a_table_shows_the_first_and_JSON_all(string command, string list, string property)
    {
        var entries = (await workspace.EnrichAsync(command, "--json")).Succeeded().Json.GetProperty(list).EnumerateArray();
        var longest = entries
            .Select(entry => entry.GetProperty(property).EnumerateArray().Select(header => header.GetString()).ToList())
            .MaxBy(headers => headers.Count)!;

        var table = (await workspace.EnrichAsync(command)).Succeeded().Output;

        Assert.Contains($"{string.Join(", ", longest.Take(5))} and {longest.Count - 5} more", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_that_are_used_up_are_listed_and_resumed()
    {
        workspace.Write("leads.csv", Workspace.Leads);
        (await workspace.EnrichAsync("upload", "leads.csv")).Succeeded();
        var upload = (await workspace.EnrichAsync("uploads", "--json")).Succeeded().Json;
        var client = upload.GetProperty("client").GetString();
        Assert.Equal("No account is used up.\n", (await workspace.EnrichAsync("accounts")).Succeeded().Output);
        using (var store = new SqliteStore(workspace.FileNamed("enrichment.db")))
        {
            await store.PauseAccountAsync(LimitKey.Of(client, "clay"), TimeSpan.FromMinutes(15), TimeSpan.Zero, default);
        }

        Assert.Contains($"{client}/clay ", (await workspace.EnrichAsync("accounts")).Succeeded().Output, StringComparison.Ordinal);
        var refused = await workspace.EnrichAsync("accounts", "--resume", "clay");
        Assert.Contains(
            $"The account 'clay' is not used up. Accounts that are used up: {client}/clay.",
            refused.Error,
            StringComparison.Ordinal);
        (await workspace.EnrichAsync("accounts", "--resume", $"{client}/clay")).Succeeded();
        Assert.Empty((await workspace.EnrichAsync("accounts", "--json")).Succeeded().Json.GetProperty("accounts").EnumerateArray());
    }

    [Fact]
    public async Task A_file_that_is_not_JSON_is_listed_among_the_pipelines_with_what_is_wrong()
    {
        workspace.Write("broken.json", """{ "name": "broken", "stages": [""");

        var broken = (await workspace.EnrichAsync("pipelines", "--json")).Succeeded().Json.GetProperty("pipelines").EnumerateArray()
            .Single(pipeline => pipeline.GetProperty("file").GetString() == "broken.json");

        Assert.Contains("broken.json, line 1, column ", broken.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Cells_that_no_cast_could_save_are_counted_said_and_listed(string kind)
    {
        string[] store = ["--store", kind == "sqlite" ? "sqlite:issues.db" : $"postgres:{database.ConnectionString}"];
        var run = (
            await workspace.EnrichAsync([
                "run",
                "leads.csv",
                "--workstream",
                "apollo_scrape",
                "--pipeline",
                "pipeline",
                "--projection",
                "projection",
                "--output",
                "out.csv",
                "--json",
                .. store,
            ])).Succeeded();
        Assert.Equal(2, run.Json.GetProperty("issues").GetProperty("notes").GetInt32());
        Assert.Contains("warning: final_leads: 2 issues (notes 2): ", run.Error, StringComparison.Ordinal);

        // The address of a server may hold a password.
        Assert.Contains(
            $"--projection projection --store {(kind == "sqlite" ? "sqlite:issues.db" : "ADDRESS")}' lists them", run.Error, StringComparison.Ordinal);

        foreach (var command in (string[][])[["consolidate", "last"], ["export", "last", "--output", "again.csv"]])
        {
            var again = (await workspace.EnrichAsync([.. command, "--projection", "projection", "--json", .. store])).Succeeded();
            Assert.Equal(2, again.Json.GetProperty("issues").GetProperty("notes").GetInt32());
            Assert.Contains("warning: final_leads: 2 issues (notes 2): ", again.Error, StringComparison.Ordinal);
        }

        var issues = (await workspace.EnrichAsync(["issues", "--projection", "projection", "--json", .. store])).Succeeded().Json;
        Assert.Equal(
            [(1, "notes", "integer", "cast", "=cmd", "column Notes"), (2, "notes", "integer", "cast", "two\nlines", "column Notes")],
            issues
                .GetProperty("issues")
                .EnumerateArray()
                .Select(issue =>
                    (
                        issue.GetProperty("item").GetInt32(),
                        Text(issue, "column"),
                        Text(issue, "type"),
                        Text(issue, "reason"),
                        Text(issue, "value"),
                        Text(issue, "source"))));
        var listed = (await workspace.EnrichAsync(["issues", "last", "--projection", "projection.json", .. store])).Succeeded();
        Assert.DoesNotContain("lists them", listed.Error, StringComparison.Ordinal);
        var lines = listed.Output;
        Assert.Matches(@"\n +2 +notes +integer +cast +two\\nlines +column Notes\n", lines);

        static string Text(JsonElement issue, string property) => issue.GetProperty(property).GetString()!;
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_cells_of_an_item_are_explained_source_by_source(string kind)
    {
        string[] store = ["--store", kind == "sqlite" ? "sqlite:explained.db" : $"postgres:{database.ConnectionString}"];
        workspace.Write("explained.json", """
            { "name": "explained", "key": ["domain"], "columns": [
              { "name": "full_name", "type": "text", "sources": [{ "field": "person.full_name" }, { "column": "First Name" }] },
              { "name": "domain", "type": "text", "sources": [{ "field": "company.domain" }] },
              { "name": "notes", "type": "integer", "default": 3, "sources": [{ "column": "Notes" }, { "result": "no.step", "pointer": "/n" }] },
              { "name": "is_long", "is": "length(full_name) > 5" } ] }
            """);
        string[] table = ["--projection", "explained", .. store];
        string[] run = ["run", "leads.csv", "--workstream", "apollo_scrape", "--pipeline", "pipeline", "--output", "out.csv", .. store];
        (await workspace.EnrichAsync(run)).Succeeded();

        var text = (await workspace.EnrichAsync(["projection", "explain", "1", .. table])).Succeeded().Output;

        Assert.Matches(
            """
            ^explained has one row for each domain: that of the youngest item. This is item 1's own.

            full_name \(text\) = Jane O'Toole
              chosen              field person.full_name  Jane O'Toole  \(person.name 1.0.0, attempt 1, 20\S+ \S+Z\)
              not_chosen          column First Name       JANE

            domain \(text\) = northwind.example
              chosen              field company.domain  northwind.example  \(company.domain 1.0.0, attempt 1, 20\S+ \S+Z\)

            notes \(integer\) = 3, the default
              does_not_cast       column Notes       =cmd
              not_in_batch        result no.step /n

            is_long \(boolean\) = true, computed: length\(full_name\) > 5
            $
            """.ReplaceLineEndings("\n"),
            text);
        var lost = (await workspace.EnrichAsync(["projection", "explain", "2", "last", "--column", "notes", .. table])).Succeeded().Output;
        Assert.Contains("explained has no row of item 2: ", lost, StringComparison.Ordinal);
        Assert.Contains("column Notes       two\\nlines\n", lost, StringComparison.Ordinal);
        Assert.DoesNotContain("full_name", lost, StringComparison.Ordinal);

        var json = (await workspace.EnrichAsync(["projection", "explain", "1", "--column", "full_name", "--json", .. table])).Succeeded().Json;
        Assert.Equal((1, "explained"), (json.GetProperty("item").GetInt32(), Text(json, "projection")));
        Assert.True(json.GetProperty("has_row").GetBoolean());
        var cell = Assert.Single(json.GetProperty("cells").EnumerateArray());
        Assert.Equal(("full_name", "Jane O'Toole", "first"), (Text(cell, "column"), Text(cell, "value"), Text(cell, "choose")));
        Assert.Equal(
            [("field person.full_name", "chosen", "Jane O'Toole"), ("column First Name", "not_chosen", "JANE")],
            cell.GetProperty("candidates").EnumerateArray().Select(one => (Text(one, "source"), Text(one, "outcome"), Text(one, "raw"))));

        var refused = await workspace.EnrichAsync(["projection", "explain", "1", "--column", "note", .. table]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Equal("enrich: The projection 'explained' has no column 'note'. Did you mean 'notes'?", refused.Error.Trim());
        Assert.Contains(" has no item 3. ", (await workspace.EnrichAsync(["projection", "explain", "3", .. table])).Error, StringComparison.Ordinal);
        Assert.Contains("enrich projection explain 17 last", (await workspace.EnrichAsync(["projection", "explain", "last", .. table])).Error, StringComparison.Ordinal);

        static string Text(JsonElement entry, string property) => entry.GetProperty(property).GetString()!;
    }

    [Fact]
    public async Task A_listed_value_is_not_cut_in_the_middle_of_a_character()
    {
        var beginning = new string('x', 39);
        workspace.Write("emoji.csv", $"Company,Notes\nAcme,{beginning}😀😀\n");
        string[] table = ["--projection", "projection", "--json"];
        (await workspace.EnrichAsync(["run", "emoji.csv", "--pipeline", "normalize", "--output", "emoji.out", .. table])).Succeeded();

        var issues = (await workspace.EnrichAsync(["issues", .. table])).Succeeded().Json.GetProperty("issues");

        Assert.Equal(beginning + "…", Assert.Single(issues.EnumerateArray()).GetProperty("value").GetString());
    }

    [Fact]
    public async Task A_projection_that_names_what_the_batch_does_not_have_is_warned_of()
    {
        workspace.Write("typos.json", """
            { "name": "typos", "columns": [
              { "name": "domain", "type": "text", "sources": [{ "field": "company.domian" }] },
              { "name": "notes", "type": "text", "sources": [{ "column": "notes" }, { "field": "person.full_nam" }, { "field": "person.full_name" }] },
              { "name": "size", "type": "text", "sources": [{ "result": "company.phon", "pointer": "/x" }] },
              { "name": "country", "type": "text", "sources": [{ "field": "company.country" }, { "field": "somewhere.else" }] },
              { "name": "v1", "type": "text", "sources": [{ "result": "vendor.other", "pointer": "/1" }] },
              { "name": "v2", "type": "text", "sources": [{ "result": "vendor.other", "pointer": "/2" }, { "field": "zip.code" }] },
              { "name": "v3", "type": "partial_date", "sources": [{ "result": "vendor.other", "pointer": "/3" }] },
              { "name": "v4", "type": "text", "sources": [{ "field": "zip.code" }] } ] }
            """);

        var run = (
            await workspace.EnrichAsync(
                "run",
                "leads.csv",
                "--pipeline",
                "pipeline",
                "--projection",
                "typos",
                "--output",
                "out.csv",
                "--json")).Succeeded();

        Assert.Equal(
            [
                "Column 'domain' stays empty: the batch has no field 'company.domian'. Did you mean 'company.domain'",
                "Column 'notes': the batch has no column 'notes'. Did you mean 'Notes'",
                "Column 'size' stays empty: the batch has no step 'company.phon'. Did you mean 'company.phone'",
                "4 columns stay empty: the batch has no source of them. They are 'v1', 'v2', 'v3', 'v4'.",
            ],
            run.Json.GetProperty("warnings")
                .EnumerateArray()
                .Select(warning => warning.GetString()!.Split([" or ", "?"], StringSplitOptions.None)[0])
                .ToList());
        Assert.Contains(
            "warning: typos: Column 'domain' stays empty: the batch has no field 'company.domian'.",
            run.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_of_the_export_sees_which_rows_did_not_complete()
    {
        (
            await workspace.EnrichAsync(
                "run",
                "leads.csv",
                "--workstream",
                "apollo_scrape",
                "--pipeline",
                "pipeline",
                "--projection",
                "projection",
                "--with-status",
                "--output",
                "table.csv")).Succeeded();
        (
            await workspace.EnrichAsync("export", "last", "--with-status", "--bom", "--output-delimiter", ";", "--output", "all.csv")).Succeeded();

        Assert.Equal(
            "full_name,domain,notes,enrichment.row,enrichment.status,enrichment.error\r\nJane O'Toole,northwind.example,,1,completed,\r\nBob Smith,,,2,completed,\r\n",
            workspace.Read("table.csv"));
        Assert.Equal([0xEF, 0xBB, 0xBF], File.ReadAllBytes(workspace.FileNamed("all.csv"))[..3]);
        Assert.Contains(";enrichment.row;enrichment.status;enrichment.error\r\n", workspace.Read("all.csv"), StringComparison.Ordinal);
        Assert.EndsWith(";2;completed;\r\n", workspace.Read("all.csv"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--projection", "projection")]
    [InlineData]
    public async Task A_row_that_passed_its_pipeline_is_completed_in_an_export_whatever_its_last_stage_did(params string[] table)
    {
        workspace.Write(
            "passing.json",
            """{ "name": "passing", "stages": ["person.email", { "step": "company.domain", "when": { "field": "company.name", "eq": "none such" } }] }""");
        (
            await workspace.EnrichAsync([
                "run",
                "leads.csv",
                "--workstream",
                "apollo_scrape",
                "--pipeline",
                "passing",
                "--with-status",
                .. table,
                "--output",
                "out.csv",
            ])).Succeeded();

        Assert.Equal([",1,completed,", ",2,completed,"], workspace.Read("out.csv").Split("\r\n")[1..^1].Select(line => line[^13..]));

        (await workspace.EnrichAsync("upload", "leads.csv", "--workstream", "apollo_scrape")).Succeeded();
        (await workspace.EnrichAsync("launch", "last", "--pipeline", "pipeline")).Succeeded();
        (await workspace.EnrichAsync("skip", "last", "--item", "1", "--reason", "known")).Succeeded();
        (await workspace.EnrichAsync(["export", "last", "--with-status", .. table, "--output", "out.csv"])).Succeeded();

        Assert.Equal([",1,pending,", ",2,pending,"], workspace.Read("out.csv").Split("\r\n")[1..^1].Select(line => line[^11..]));
    }

    [Fact]
    public async Task Reasons_that_an_operator_gave_stand_in_the_timeline_and_the_events()
    {
        (await workspace.EnrichAsync("upload", "leads.csv", "--workstream", "apollo_scrape")).Succeeded();
        (await workspace.EnrichAsync("launch", "last", "--pipeline", "pipeline")).Succeeded();
        (
            await workspace.EnrichAsync("skip", "last", "--item", "1", "--stage", "company.country", "--reason", "known \u001b[31malready")).Succeeded();
        (
            await workspace.EnrichAsync(
                "supply",
                "last",
                "--item",
                "2",
                "--result",
                """{"company.country":"DE"}""",
                "--reason",
                "asked by telephone")).Succeeded();

        var timeline = (await workspace.EnrichAsync("timeline", "1")).Succeeded().Output;
        Assert.Matches(@"\S+ \S+Z +1 +company.country +.*skipped +.*known \\u001B\[31malready", timeline);
        Assert.Contains(
            "asked by telephone",
            (await workspace.EnrichAsync("timeline", "2", "last")).Succeeded().Output,
            StringComparison.Ordinal);
        var events = (await workspace.EnrichAsync("events")).Succeeded().Output;
        Assert.Contains("known \\u001B[31malready", events, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', events + timeline);
        Assert.Equal(
            ["launched", "skipped", "supplied"],
            (await workspace.EnrichAsync("events", "--json"))
                .Succeeded()
                .Json.GetProperty("events")
                .EnumerateArray()
                .Select(happened => happened.GetProperty("what").GetString()));
        var stranger = await workspace.EnrichAsync("timeline", "3");
        Assert.Equal(2, stranger.ExitCode);
        Assert.Contains("has no item 3.", stranger.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_is_not_there_is_an_error_and_a_near_name_is_no_new_client()
    {
        (await workspace.EnrichAsync("upload", "leads.csv", "--client", "acme")).Succeeded();

        foreach (var command in (string[][])[["status"], ["status", "last"], ["uploads"], ["items", "last"]])
        {
            var run = await workspace.EnrichAsync([.. command, "--client", "acne"]);
            Assert.Equal(
                (2, "enrich: There is no client 'acne' in this store. Did you mean 'acme'? Name one with --client: acme.\n"),
                (run.ExitCode, run.Error));
        }

        var refused = await workspace.EnrichAsync("upload", "leads.csv", "--client", "acne");
        Assert.Equal(
            (2, "enrich: There is no client 'acne'. Did you mean 'acme'? If it is a new client, add --create-client.\n"),
            (refused.ExitCode, refused.Error));
        Assert.Contains(
            "Client 'northwind' is new.\n",
            (await workspace.EnrichAsync("upload", "leads.csv", "--client", "northwind")).Succeeded().Error,
            StringComparison.Ordinal);
        (await workspace.EnrichAsync("upload", "leads.csv", "--client", "acne", "--create-client")).Succeeded();
        Assert.Equal("CLIENT\nacme\nacne\nnorthwind\n", (await workspace.EnrichAsync("clients")).Succeeded().Output);
    }
}
