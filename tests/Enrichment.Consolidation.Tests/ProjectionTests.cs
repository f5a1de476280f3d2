using System.Text;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;
using Enrichment.TestKit;

namespace Enrichment.Consolidation.Tests;

public sealed class ProjectionTests
{
    [Theory]
    [InlineData("clients")]
    [InlineData("workflow_states")]
    [InlineData("item_states")]
    [InlineData("pg_class")]
    [InlineData("sqlite_master")]
    [InlineData("enrichment_x")]
    [InlineData("Leads")]
    [InlineData("leads\n")]
    [InlineData("leads\"; drop table canary; --")]
    [InlineData("léads")]
    [InlineData("1leads")]
    [InlineData("_leads")]
    [InlineData("")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890abcd")]
    [InlineData("public.leads")]
    [InlineData("leads\u0000")]
    [InlineData("ｌeads")]
    public void A_table_that_could_be_anything_else_than_a_plain_new_name_is_refused(string table) =>
        Assert.Contains("cannot be its table", Refusal(p => p.Table(table).Text("x", s => s.Column("x"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("bucket")]
    [InlineData("client")]
    [InlineData("batch")]
    [InlineData("item")]
    [InlineData("rowid")]
    [InlineData("ctid")]
    [InlineData("Email")]
    [InlineData("e mail")]
    [InlineData("e\"mail")]
    [InlineData("email--")]
    [InlineData("")]
    public void A_column_that_could_be_anything_else_than_a_plain_new_name_is_refused(string column) =>
        Assert.Contains("cannot be a column", Refusal(p => p.Text(column, s => s.Column("x"))), StringComparison.Ordinal);

    [Fact]
    public void Words_that_SQL_reserves_are_plain_names() =>
        Assert.Equal(["select", "order", "user", "table", "primary", "end", "value"], Projection.Define("group", p =>
        {
            foreach (var word in new[] { "select", "order", "user", "table", "primary", "end", "value" })
            {
                p.Text(word, s => s.Column("x"));
            }
        }).Columns.Select(column => column.Name));

    [Fact]
    public void Every_problem_is_told_at_once() => Assert.Equal(
        "Projection 'Final Leads' cannot be used. "
        + "'Final Leads' cannot be its name: use lower-case letters, digits and underscores, a letter first, at most 63 characters. "
        + "'ranges' cannot be its table: the engine has a table of that name. Choose another. "
        + "Column 'a' has no source: add a field, a result or a raw column. "
        + "Column 'a' is declared 2 times: keep one. "
        + "Its key names 'b', which is not one of its columns: declare the column or correct the name. "
        + "Its key names 'n', of type number: a key may have columns of type text, integer and date.",
        Assert.Throws<EnrichmentException>(() => Projection.Define("Final Leads", p => p
            .Table("ranges").Key("b", "n").Text("a", _ => { }).Text("a", s => s.Column("x")).Number("n", s => s.Field("n")))).Message);

    [Fact]
    public void A_projection_without_columns_or_with_too_many_is_refused()
    {
        Assert.Contains("declare from 1 to 250", Refusal(_ => { }), StringComparison.Ordinal);
        Assert.Contains("declare from 1 to 250", Refusal(p =>
        {
            for (var i = 0; i < 251; i++)
            {
                p.Text($"c{i}", s => s.Column("x"));
            }
        }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_written_definition_reads_back_as_the_same()
    {
        var again = Projection.Parse(Encoding.UTF8.GetString(Leads.ByEmail.Definition.Span));

        Assert.Equal(Leads.ByEmail.Hash.ToArray(), again.Hash.ToArray());
        Assert.NotEqual(Leads.ByItem.Hash.ToArray(), again.Hash.ToArray());
    }

    [Fact]
    public void A_written_definition_with_buckets_and_expressions_reads_back_as_the_same()
    {
        const string Json = """
            { "name": "x",
              "buckets": { "size": { "order": ["s", "m"], "map": { "tiny": "s", "big": "m" }, "upTo": [[2.50, "s"], [99, "m"]] }, "plain": { "order": ["a"] } },
              "columns": [ { "name": "b", "is": "bucket('size', a)" }, { "name": "a", "type": "integer", "sources": [{ "column": "A" }] },
                           { "name": "d", "type": "partial_date", "sources": [{ "column": "D" }] }, { "name": "late", "is": "d > as_of" } ] }
            """;

        var projection = Projection.Parse(Json);
        var again = Projection.Parse(Encoding.UTF8.GetString(projection.Definition.Span));

        Assert.Equal(projection.Hash.ToArray(), again.Hash.ToArray());
        Assert.Equal(
            projection.Hash.ToArray(),
            Projection
                .Define(
                    "x",
                    p => p
                        .Buckets(
                            "size",
                            ["s", "m"],
                            new Dictionary<string, string> { ["big"] = "m", ["tiny"] = "s" },
                            [(2.5m, "s"), (99, "m")])
                        .Buckets("plain", ["a"])
                        .Is("b", "bucket('size', a)")
                        .Integer("a", s => s.Column("A"))
                        .PartialDate("d", s => s.Column("D"))
                        .Is("late", "d > as_of"))
                .Hash.ToArray());
        Assert.NotEqual(projection.Hash.ToArray(), Projection.Parse(Json.Replace("99", "98", StringComparison.Ordinal)).Hash.ToArray());
        Assert.Equal(["b", "a", "d", "d_last"], projection.Stored.Select(column => column.Name));
    }

    [Fact]
    public void The_projection_of_the_guide_is_sound()
    {
        var projection = Projection.Define("targets", p => p
            .Text("domain", s => s.Field("company.domain"))
            .PartialDate("job_started", s => s.Field("person.current_job_start_date"))
            .Integer("employees", s => s.Field("company.employee_count"))
            .Buckets("size", ["1-50", "51-200", "201+"], upTo: [(50, "1-50"), (200, "51-200"), (10_000_000, "201+")])
            .Is("size", "bucket('size', employees)")
            .Is("is_target", "size >= '51-200' and not contains(lower(domain), 'agency')")
            .Is("new_in_role", "job_started between as_of - 6 months and as_of")
            .Compute("score", "lead_score", 2, row => row["employees"] is long and > 200 ? 80m : 20m));

        Assert.Equal(
            [ColumnType.Text, ColumnType.PartialDate, ColumnType.Integer, ColumnType.Bucket, ColumnType.Boolean, ColumnType.Boolean,
                ColumnType.Number],
            projection.Columns.Select(column => column.Type));
    }

    [Fact]
    public void Every_problem_of_buckets_and_expressions_is_told_at_once() => Assert.Equal(
        "Projection 'x' cannot be used. "
        + "The buckets 'size' are declared 2 times: keep one. "
        + "The buckets 'size' have the text ' b': remove the blanks around it. "
        + "The buckets 'size' have 'a' twice: keep one. "
        + "The buckets 'size' have no label 'zzzzzz', which map or upTo names. Add it to the order. "
        + "The numbers of upTo of the buckets 'size' do not rise: write the lowest first. "
        + "Column 'd_last' is the last day of a partial date already. Choose another name. "
        + "Its key names 'is_new', of type boolean: a key may have columns of type text, integer and date. "
        + "Column 'early', at character 1 of its expression, 'late': 'late' is no stored column with sources, and none that is computed before. Correct the name, declare it before, or put a text between single quotes. "
        + "Column 'after', at character 5 of its expression, 'is_new': 'is_new' is no stored column with sources, and none that is computed before. Correct the name, declare it before, or put a text between single quotes.",
        Refusal(p => p
            .Key("is_new", "early")
            .Buckets("size", ["a", "a", " b"], new Dictionary<string, string> { ["x"] = "zzzzzz" }, [(2, "a"), (2, "a")])
            .Buckets("size", ["a"])
            .PartialDate("d", s => s.Column("D"))
            .Text("d_last", s => s.Column("D"))
            .Is("early", "late")
            .Is("late", "length(d_last)")
            .Is("is_new", "d > as_of")
            .Is("after", "not is_new")));

    [Fact]
    public void Rules_of_columns_are_read_from_a_file_as_they_are_written_in_code()
    {
        var code = Projection.Define("x", p => p
            .Text("plain", s => s.Column("A"))
            .Date(
                "day",
                s => s.Result("one", "/d", format: "epoch_seconds").Field("d", format: "MM-dd-yyyy").Column("D", format: "dd/MM/yyyy"))
            .Integer("n", s => s.Result("one", "/n", observed: "/at").Column("N").Latest().Default(-1).Required().Hidden())
            .Is("more", "n + 1", hidden: true)
            .Number("m", s => s.Result("one", "/m", confidenceAt: "/sure").Field("m", 0.5m).MostConfident().Default(1.5m))
            .TextList("all", s => s.Column("A").Column("B").All().Default("é"))
            .Text("site", s => s.Result("one", ["/raw/site", "/site"]).Column("A").Normalise("domain")));
        var file = Projection.Parse(
            """
            { "name": "x", "columns": [
              { "name": "plain", "type": "text", "choose": "first", "default": null, "required": false, "sources": [{ "column": "A" }] },
              { "name": "day", "type": "date",
                "sources": [{ "result": "one", "pointer": "/d", "format": "epoch_seconds" }, { "field": "d", "format": "MM-dd-yyyy" },
                  { "column": "D", "format": "dd/MM/yyyy" }] },
              { "name": "n", "type": "integer", "choose": "latest", "default": -1, "required": true, "hidden": true,
                "sources": [{ "result": "one", "pointer": "/n", "observed": "/at" }, { "column": "N" }] },
              { "name": "more", "is": "n + 1", "hidden": true },
              { "name": "m", "type": "number", "choose": "confident", "default": 1.5,
                "sources": [{ "result": "one", "pointer": "/m", "confidence_at": "/sure" }, { "field": "m", "confidence": 0.5 }] },
              { "name": "all", "type": "text_list", "choose": "all", "default": "\u00e9", "sources": [{ "column": "A" }, { "column": "B" }] },
              { "name": "site", "type": "text", "normalise": "domain",
                "sources": [{ "result": "one", "pointer": ["/raw/site", "/site"] }, { "column": "A" }] } ] }
            """);

        Assert.Equal(code.Hash.ToArray(), file.Hash.ToArray());
        Assert.Equal(code.Hash.ToArray(), Projection.Parse(Encoding.UTF8.GetString(code.Definition.Span)).Hash.ToArray());
    }

    [Fact]
    public void The_guide_shows_the_same_rules_in_code_and_in_a_file()
    {
        var page = File.ReadAllText(Path.Combine(TestPaths.RepositoryRoot, "docs", "guide", "projections.md")).ReplaceLineEndings("\n");
        var begin = page.IndexOf("```json\n", StringComparison.Ordinal) + 8;

        var shown = Projection.Parse(page[begin..page.IndexOf("\n```", begin, StringComparison.Ordinal)], "guide");

        Assert.Equal(ChosenLeads.Projection.Hash.ToArray(), shown.Hash.ToArray());
    }

    [Fact]
    public void Rules_that_make_no_sense_are_refused_with_the_reason() => Assert.Equal(
        "Projection 'x' cannot be used. "
        + "Column 'a' chooses all values, but is of type text: only a text_list holds several. "
        + "Column 'b' chooses by max, but is of type json, whose values have no order. "
        + "Column 'c' chooses by confidence, but none of its sources has one: add it. "
        + "Column 'd' has a confidence that it does not choose by: choose by 'confident', or remove it. "
        + "Column 'e' says where a value was observed, but does not choose by it: choose by 'latest', or remove it. "
        + "Column 'f' normalises text, but is of type integer: only a text has a spelling. "
        + "Column 'f' has a source with the format 'dd/MM/yyyy', but is of type integer, whose values are not written so. "
        + "Column 'f' has a default that is no integer: \"many\".",
        Refusal(p => p
            .Text("a", s => s.Column("A").All())
            .Json("b", s => s.Column("A").Largest())
            .Text("c", s => s.Column("A").MostConfident())
            .Text("d", s => s.Column("A", 0.5m))
            .Text("e", s => s.Result("one", "/a", observed: "/b"))
            .Integer("f", s => s.Column("A", format: "dd/MM/yyyy").Normalise("phone").Default("many"))));

    [Theory]
    [InlineData("text", """ "\ud800" """, "The text holds half of a surrogate pair")]
    [InlineData("text_list", """ ["b", "\u0000",] """, "The text holds a NUL character")]
    [InlineData("json", """ { "\udc00": 1 } """, "The text holds half of a surrogate pair")]
    public void A_default_that_no_store_can_hold_is_refused_with_its_place(string type, string value, string reason)
    {
        var refusal = Assert.Throws<EnrichmentException>(() => Projection.Parse(
            $$"""{ "name": "x", "columns": [{ "name": "a", "type": "{{type}}", "default": {{value}}, "sources": [{ "field": "y" }] }] }""",
            "file.json"));

        Assert.StartsWith($"file.json, $.columns[0].default: {reason}", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","is":"1"}]}""",
        "file.json, $.columns[0]: a column with 'is' has neither 'type' nor 'sources'")]
    [InlineData("""{"name":"x","key":[],"columns":[{"name":"a","is":"1"}]}""", "file.json, $.key: a key has a column at least.")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","compute":"f","version":1,"sources":[]}]}""",
        "file.json, $.columns[0]: a column with 'compute' has neither 'sources' nor a rule")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","compute":"f"}]}""",
        "file.json, $.columns[0]: 'version' is missing.")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","compute":"F","version":0}]}""",
        "file.json, $: Projection 'x' cannot be used. Column 'a' is computed by 'F', version 0: as its name use lower-case letters")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","version":1,"sources":[{"field":"y"}]}]}""",
        "file.json, $.columns[0].version: only a function has a version.")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"boolean","sources":[{"result":"y","meta":"price"}]}]}""",
        "file.json, $.columns[0].sources[0].meta: expected one of found, stored_at, found \"price\".")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"boolean","sources":[{"result":"y","meta":"found","pointer":"/z"}]}]}""",
        "file.json, $.columns[0].sources[0]: a source with 'meta' has a 'result'")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","sources":[{"result":"y","meta":"found"}]}]}""",
        "file.json, $: Projection 'x' cannot be used. Column 'a' has the source 'result y found', but is of type text")]
    [InlineData(
        """{"name":"x","incomplete":"drop","columns":[{"name":"a","is":"1"}]}""",
        "file.json, $.incomplete: expected \"keep\" or \"leave_out\", found \"drop\".")]
    [InlineData(
        """{"name":"x","incomplete":"leave_out","columns":[{"name":"a","is":"1"}]}""",
        "file.json, $: Projection 'x' cannot be used. It leaves out incomplete rows, but requires no column")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","is":"1","hidden":1}]}""",
        "file.json, $.columns[0].hidden: expected true or false, found 1.")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","is":"1 +"}]}""",
        "file.json, $: Projection 'x' cannot be used. Column 'a', at character 4 of its expression: expected a column")]
    [InlineData(
        """{"name":"x","buckets":{"s":{"order":["a"],"upTo":[["a",1]]}},"columns":[{"name":"a","is":"1"}]}""",
        "file.json, $.buckets.s.upTo[0]: expected a number and its label, such as [50, \"1-50\"], found ")]
    [InlineData("""{"name":"x"}""", "file.json, $: 'columns' is missing.")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"string","sources":[]}]}""",
        "file.json, $.columns[0].type: expected one of text, integer, number, boolean, date, timestamp, text_list, json, partial_date, found \"string\".")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","sources":[{"feild":"y"}]}]}""",
        "file.json, $.columns[0].sources[0].feild: a source has no property 'feild'.")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","sources":[{"result":"y"}]}]}""",
        "file.json, $.columns[0].sources[0]: a source is one of")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","sources":[{"result":"y","pointer":"z"}]}]}""",
        "file.json, $.columns[0].sources[0].pointer: 'z' is not a JSON pointer: it must begin with '/'")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","choose":"newest","sources":[{"field":"y"}]}]}""",
        "file.json, $.columns[0].choose: expected one of first, latest, confident, agree, min, max, all, found \"newest\".")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","normalise":"mail","sources":[{"field":"y"}]}]}""",
        "file.json, $.columns[0].normalise: expected one of company_domain, company_name, country, domain, email, linkedin, person_name, phone, found \"mail\".")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"text","choose":"latest","sources":[{"field":"y","observed":"/z"}]}]}""",
        "file.json, $.columns[0].sources[0].observed: only a result says when a value was observed")]
    [InlineData(
        """{"name":"x","columns":[{"name":"a","type":"date","sources":[{"field":"y","format":"d/M/yy"}]}]}""",
        "file.json, $.columns[0].sources[0].format: expected one of dd/MM/yyyy, MM/dd/yyyy, ")]
    [InlineData(
        """{"name":"X","columns":[{"name":"a","type":"text","sources":[{"field":"y"}]}]}""",
        "file.json, $: Projection 'X' cannot be used.")]
    public void A_file_that_is_not_sound_says_where(string json, string expected) =>
        Assert.StartsWith(
            expected,
            Assert.Throws<EnrichmentException>(() => Projection.Parse(json, "file.json")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_hidden_column_cannot_be_needed_by_a_reader_of_the_table() => Assert.Equal(
        "Projection 'x' cannot be used. "
        + "All of its columns are hidden: show one. "
        + "Column 'late' is hidden, but depends on as_of: no other column can name it. Show it, or remove it. "
        + "Its key names 'a', which is hidden: the table does not have it. Show it. "
        + "Column 'late' depends on as_of and names 'd', which is hidden: the store answers it, and does not have that column. Show it.",
        Refusal(p => p
            .Key("a")
            .Text("a", s => s.Column("A").Hidden())
            .Date("d", s => s.Column("D").Hidden())
            .Is("late", "d < as_of", hidden: true)));

    [Fact]
    public void A_source_without_a_place_or_with_one_twice_is_refused() => Assert.Equal(
        "Projection 'x' cannot be used. "
        + "Column 'a' reads no place in the result of one: add a pointer. "
        + "Column 'b' names the place '/x' twice in one source: keep one.",
        Refusal(p => p.Text("a", s => s.Result("one", [])).Text("b", s => s.Result("one", ["/x", "/y", "/x"]))));

    [Theory]
    [InlineData("a")]
    [InlineData("/a~")]
    [InlineData("/a~2")]
    [InlineData("/01")]
    [InlineData("/-1")]
    [InlineData("/+1")]
    [InlineData("/ 1")]
    [InlineData("/a\0")]
    public void A_pointer_about_which_databases_disagree_is_refused(string pointer) =>
        Assert.Throws<EnrichmentException>(() => JsonPointer.Parse(pointer));

    [Fact]
    public void A_pointer_keeps_RFC_6901()
    {
        using var document = System.Text.Json.JsonDocument.Parse("""{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"m~n":8," ":7,"n":null}""");
        string?[] found =
        [
            .. new[] { "", "/foo", "/foo/0", "/", "/a~1b", "/c%d", "/m~0n", "/ ", "/n", "/foo/2", "/foo/-", "/foo/bar", "/foo/0/x" }.Select(
                pointer => JsonPointer.Parse(pointer).In(document.RootElement)?.GetRawText()),
        ];
        string?[] expected =
        [
            document.RootElement.GetRawText(),
            """["bar","baz"]""",
            "\"bar\"",
            "0",
            "1",
            "2",
            "8",
            "7",
            null,
            null,
            null,
            null,
            null,
        ];
        Assert.Equal(expected, found);
    }

    private static string Refusal(Action<ProjectionBuilder> define) =>
        Assert.Throws<EnrichmentException>(() => Projection.Define("x", define)).Message;
}
