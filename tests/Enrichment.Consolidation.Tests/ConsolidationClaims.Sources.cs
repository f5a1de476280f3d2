using System.Globalization;
using System.Text;
using Enrichment.Consolidation.Changes;

namespace Enrichment.Consolidation.Tests;

/// <content>Which source serves, and which rows are written.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_bad_value_is_an_issue_and_a_word_for_nothing_is_passed_over_and_the_next_source_serves()
    {
        var upload = await ground.UploadAsync("acme", ["Size", "Staff"], NoMap, [["51-200", "7"], ["n/a", "8"], ["few", "many"], ["9", "10"]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => item == 4 ? """{"size":{"from":1}}""" : null);
        var projection = Projection.Define(
            "sizes",
            p => p.Integer("size", s => s.Result("one", "/size").Column("Size").Column("Staff")).Text("from", s => s.Result("one", "/size")));

        var report = await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal([[7L, null], [8L, null], [null, null], [9L, null]], await ground.RowsAsync(projection));
        Assert.Equal(
            [
                new(batch.Id, 1, "size", "column Size", "cast", "51-200"),
                new(batch.Id, 3, "size", "column Size", "cast", "few"),
                new(batch.Id, 3, "size", "column Staff", "cast", "many"),
                new(batch.Id, 4, "from", "result one /size", "cast", """{"from":1}"""),
                new(batch.Id, 4, "size", "result one /size", "cast", """{"from":1}"""),
            ],
            await ground.IssuesAsync(projection));
        Assert.Equal((1L, 4L), (report.Issues["from"], report.Issues["size"]));
    }

    [Fact]
    public async Task If_every_value_is_bad_every_value_is_an_issue()
    {
        const int Items = 1_100;
        var upload = await ground.UploadAsync(
            "acme", ["Size", "Day"], NoMap, [.. Enumerable.Range(1, Items).Select(item => new[] { $"few {item}", $"day {item}" })]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => $$"""{"size":{"from":{{item}}},"day":[{{item}}]}""");
        var projection = Projection.Define("bad", p => p
            .Integer("size", s => s.Result("one", "/size").Column("Size").Required())
            .Date("day", s => s.Result("one", "/day").Column("Day"))
            .Boolean("yes", s => s.Column("Day")));

        var report = await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.All(await ground.RowsAsync(projection), row => Assert.All(row, Assert.Null));
        Assert.Equal(
            Enumerable.Range(1, Items).SelectMany(item => new ProjectionIssue[]
            {
                new(batch.Id, item, "size", null, "missing", ""),
                new(batch.Id, item, "size", "result one /size", "cast", $$"""{"from":{{item}}}"""),
                new(batch.Id, item, "size", "column Size", "cast", $"few {item}"),
                new(batch.Id, item, "day", "result one /day", "cast", $"[{item}]"),
                new(batch.Id, item, "day", "column Day", "cast", $"day {item}"),
                new(batch.Id, item, "yes", "column Day", "cast", $"day {item}"),
            }).Order(Comparer),
            (await ground.IssuesAsync(projection)).Order(Comparer));
        Assert.Equal((3L * Items, 2L * Items, 1L * Items), (report.Issues["size"], report.Issues["day"], report.Issues["yes"]));
    }

    private static readonly IComparer<ProjectionIssue> Comparer = Comparer<ProjectionIssue>.Create((one, other) =>
        (one.Item, one.Column, one.Source).CompareTo((other.Item, other.Column, other.Source)));

    [Fact]
    public async Task A_placeholder_in_a_cell_is_no_value_of_a_field_and_text_of_its_column()
    {
        var upload = await ground.UploadAsync(
            "acme",
            ["Site", "Web", "Land"],
            new() { ["company.website"] = [0, 1], ["company.country"] = [2] },
            [["#REF!", "a.com", "NA"], [" — ", "unknown", "N/A"], ["b.com", "c.com", "#N/A"]]);
        var batch = await ground.LaunchAsync(upload);
        var projection = Projection.Define("sites", p => p
            .Text("site", s => s.Field("company.website"))
            .Text("country", s => s.Field("company.country"))
            .Text("raw", s => s.Column("Site")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [["a.com", "NA", "#REF!"], [null, null, " — "], ["b.com", null, "b.com"]],
            await ground.RowsAsync(projection));
    }

    [Fact]
    public async Task Of_several_places_the_first_with_a_value_serves_and_JSON_in_a_string_is_entered_once()
    {
        string[] answers =
        [
            """{"raw":{"domain":"a.com"},"domain":"b.com"}""",
            """{"raw":{"domain":" "},"domain":"b.com"}""",
            """{"raw":"{\"domain\":\"c.com\",\"n\":1e2}","domain":"b.com"}""",
            """{"raw":" [broken","domain":""}""",
            """{"raw":"{\"domain\":\"\\u0000\"}"}""",
            """{"raw":"{\"domain\":\"d.com\",\"list\":[\"{\\\"x\\\":1}\"]}","list":["{\"x\":2}"]}""",
        ];
        var upload = await ground.UploadAsync("acme", ["A"], NoMap, [.. answers.Select(_ => new[] { "fallback" })]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => answers[item - 1]);
        var projection = Projection.Define(
            "places",
            p => p
                .Text("domain", s => s.Result("one", ["/raw/domain", "/domain"]).Column("A"))
                .Integer("n", s => s.Result("one", "/raw/n"))
                .Integer("x", s => s.Result("one", ["/raw/list/0/x", "/list/0/x"])));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [
                ["a.com", null, null],
                ["b.com", null, null],
                ["c.com", 100L, null],
                ["fallback", null, null],
                ["fallback", null, null],
                ["d.com", null, 2L],
            ],
            await ground.RowsAsync(projection));
        Assert.Empty(await ground.IssuesAsync(projection));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        var places = new List<(string Source, string? Pointer)>();
        foreach (var item in new[] { 1, 2, 3 })
        {
            var chosen = (await ExplainAsync(projection, batch, item)).Cells[0].Candidates[0];
            places.Add((chosen.Source, chosen.Pointer));
        }

        const string Source = "result one /raw/domain or /domain";
        Assert.Equal([(Source, "/raw/domain"), (Source, "/domain"), (Source, "/raw/domain")], places);
    }

    [Fact]
    public async Task A_hidden_column_serves_expressions_and_is_neither_in_the_table_nor_in_an_export()
    {
        var upload = await ground.UploadAsync(
            "acme", ["A", "B", "C"], NoMap, [["7", "x", "2023-02"], ["many", "y", null], ["3", "x", "2024"]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        var projection = Projection.Define(
            "hiding",
            p => p
                .Key("b")
                .Integer("a", s => s.Column("A").Hidden())
                .Is("twice", "a * 2", hidden: true)
                .PartialDate("since", s => s.Column("C").Hidden())
                .Is("four_times", "twice * 2")
                .Text("b", s => s.Column("B"))
                .Is("year", "year(since)"));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(["four_times", "b", "year"], projection.ColumnNames);
        Assert.Equal([[null, "y", null], [12L, "x", 2024L]], await ground.RowsAsync(projection));
        Assert.Equal([new(batch.Id, 2, "a", "column A", "cast", "many")], await ground.IssuesAsync(projection));
        Assert.StartsWith("four_times,b,year\r\n", Encoding.UTF8.GetString(await ground.ExportAsync(projection)), StringComparison.Ordinal);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        var cells = (await ExplainAsync(projection, batch, 1)).Cells;
        Assert.Equal([7L, 14L, "2023-02", 28L, "x", 2023L], cells.Select(cell => cell.Value));
    }

    [Fact]
    public async Task A_function_of_the_host_computes_a_column_and_what_it_throws_is_an_issue()
    {
        var upload = await ground.UploadAsync(
            "acme", ["N", "D"], NoMap, [["7", "2023-02"], ["0", null], [null, null], ["1", "2024"], ["2", null]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        var projection = Projection.Define("scored", p => p
            .Compute("score", "lead_score", 2, row => row["n"] switch
            {
                null => (decimal?)null,
                1L => decimal.MaxValue,
                2L => throw new InvalidOperationException("secret"),
                long n => 100m / n,
                _ => 0m,
            })
            .Integer("n", s => s.Column("N"))
            .PartialDate("d", s => s.Column("D"))
            .Is("is_good", "score > 10")
            .Compute("text", "words", 1, row => row["is_good"] is true ? $"{row["d"]} {row["n"]} {row.Count}" : "\0")
            .Compute("seen", "later", 1, row => new DateTimeOffset(2023, 2, 1, 1, 0, 0, TimeSpan.FromHours(1)).AddTicks(7), hidden: true)
            .Compute("tags", "tags", 1, row => new[] { "a", null!, row["seen"] is DateTimeOffset at ? $"{at:O}" : "" }));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        string[] tags = ["a", "2023-02-01T00:00:00.0000000+00:00"];
        Assert.Equal(
            [
                [14.28571428571428571428571429m, 7L, "2023-02", true, "2023-02 7 4", tags],
                [null, 0L, null, null, null, tags],
                [null, null, null, null, null, tags],
                [null, 1L, "2024", null, null, tags],
                [null, 2L, null, null, null, tags],
            ],
            await ground.RowsAsync(projection));
        var issues = await ground.IssuesAsync(projection);
        Assert.Equal(
            [
                (2, "lead_score 2 failed: DivideByZeroException"),
                (4, "lead_score 2 gives a number that is too large"),
                (5, "lead_score 2 failed: InvalidOperationException"),
            ],
            issues.Where(issue => issue.Column == "score").Select(issue => (issue.Item, issue.Value)));
        Assert.All(
            issues.Where(issue => issue.Column == "text"),
            issue => Assert.Equal("words 1 gives a text with NUL or half of a surrogate pair", issue.Value));
        Assert.Equal(4, issues.Count(issue => issue.Column == "text"));
        Assert.Equal("lead_score 2", (await ExplainAsync(projection, batch, 1)).Cells[0].Expression);

        // What a host reads has no code.
        var read = Projection.Parse(Encoding.UTF8.GetString(projection.Definition.Span));
        Assert.Equal(projection.Hash.ToArray(), read.Hash.ToArray());
        Assert.Equal(5, (await ground.RowsAsync(read)).Count);
        Assert.StartsWith(
            "Column 'score' is computed by the function 'lead_score', version 2, which this host does not have.",
            (await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.RebuildAsync(read, default))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_item_without_a_required_value_has_no_row_if_the_projection_leaves_it_out(bool keyed)
    {
        var batch = await ground.LaunchAsync(await SizesAsync(4), TwoStages);
        await ground.AnswerAsync(batch, 1, last: false, Name);
        await ground.AnswerAsync(batch, 2, last: true, item => item == 2 ? null : """{"size":7}""");
        var projection = Projection.Define("complete", p => (keyed ? p.Key("name") : p)
            .LeaveOutIncomplete()
            .Text("name", s => s.Field("name"))
            .Integer("size", s => s.Result("two", "/size").Required()));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(["n1", "n3", "n4"], (await ground.RowsAsync(projection)).Select(row => row[0]));
        Assert.Equal([new(batch.Id, 2, "size", null, "missing", "")], await ground.IssuesAsync(projection));
        Assert.False((await ExplainAsync(projection, batch, 2)).HasRow);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        // A retry may fill the value, or lose it.
        await ground.Store.RetryAsync(batch.Key, 2, [1, 2], sameKey: false, default);
        await ground.AnswerAsync(await ground.Store.LoadBatchAsync(batch.Key, default), 2, last: true, item => item == 1 ? null : """{"size":8}""");
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(["n2", "n3", "n4"], (await ground.RowsAsync(projection)).Select(row => row[0]).Order());
        Assert.Equal([1], (await ground.IssuesAsync(projection)).Select(issue => issue.Item));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        var read = Projection.Parse(Encoding.UTF8.GetString(projection.Definition.Span));
        Assert.Equal(projection.Hash.ToArray(), read.Hash.ToArray());
        Assert.Equal(
            ["Rows without a value in a required column are kept."],
            ProjectionChange.Between(
                read,
                Projection.Parse(Encoding.UTF8.GetString(projection.Definition.Span).Replace("\"incomplete\":\"leave_out\",", "", StringComparison.Ordinal)))
                .Parts.Select(part => part.Sentence));
    }

    [Fact]
    public async Task A_column_may_tell_whether_a_vendor_found_something_and_when()
    {
        var batch = await ground.LaunchAsync(await SizesAsync(3), TwoStages);
        await ground.AnswerAsync(batch, 1, last: false, Name);
        await ground.AnswerAsync(batch, 2, last: true, item => item switch { 1 => """{"size":7}""", 2 => Ground.Nothing, _ => null });
        var projection = Projection.Define("metas", p => p
            .Boolean("found", s => s.Found("two"))
            .Timestamp("at", s => s.StoredAt("two"))
            .Date("day", s => s.StoredAt("nowhere").StoredAt("two").Latest())
            .Boolean("any", s => s.Found("two").Found("one"))
            .Text("name", s => s.Field("name")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        var rows = await ground.RowsAsync(projection);
        Assert.Equal([[true, true, "n1"], [false, false, "n2"], [null, true, "n3"]], rows.Select(row => new[] { row[0], row[3], row[4] }));
        Assert.Equal((await ExplainAsync(projection, batch, 1)).Cells[1].Candidates[0].StoredAt, rows[0][1]);
        Assert.Equal(DateOnly.FromDateTime(((DateTimeOffset)rows[0][1]!).UtcDateTime), rows[0][2]);
        Assert.Null(rows[2][1]);
        Assert.Empty(await ground.IssuesAsync(projection));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        var cell = (await ExplainAsync(projection, batch, 2)).Cells[0];
        Assert.Equal((false, "result two found", "two", "false"), (cell.Value, cell.Candidates[0].Source, cell.Candidates[0].Step, cell.Candidates[0].Raw));
        Assert.NotNull(cell.Candidates[0].StoredAt);
        Assert.Equal(projection.Hash.ToArray(), Projection.Parse(Encoding.UTF8.GetString(projection.Definition.Span)).Hash.ToArray());
    }

    [Fact]
    public async Task Of_a_batch_that_still_works_only_rows_that_differ_are_written_again()
    {
        var batch = await ground.LaunchAsync(await SizesAsync(3), TwoStages);
        await ground.AnswerAsync(batch, 1, last: false, Name);
        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);
        await ground.RawAsync("update {schema}.projection_1_v1 set name = 'untouched'");
        await ground.AnswerAsync(batch, 2, last: true, item => item == 2 ? """{"size":70}""" : null);

        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);

        Assert.Equal([["untouched", 1L], ["n2", 70L], ["untouched", 3L]], await ground.RowsAsync(Answers));

        // Of a batch that works no one can tell what the table must show.
        Assert.Empty(await ground.Store.ExamineAsync(Answers, default));
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);
        Assert.Single(await ground.Store.ExamineAsync(Answers, default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_that_are_too_large_to_be_written_together_are_all_written(bool keyed)
    {
        string?[][] rows = [.. Enumerable.Range(1, 9).Select(row => new[] { $"{row % 6}", new string((char)('a' + row), 3 << 20) })];
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["N", "Text"], NoMap, rows), ("one", []));
        var projection = Projection.Define(
            "large",
            p => (keyed ? p.Key("n") : p).Integer("n", s => s.Column("Text").Column("N")).Text("text", s => s.Column("Text")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            rows.Skip(keyed ? 3 : 0).Select(row => (Convert.ToInt64(row[0], CultureInfo.InvariantCulture), row[1]![0])),
            (await ground.RowsAsync(projection)).Select(row => ((long)row[0]!, ((string)row[1]!)[0])));
        Assert.Equal(9, (await ground.IssuesAsync(projection)).Count);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
    }

    [Fact]
    public async Task Every_batch_has_the_name_of_its_workstream_as_a_field()
    {
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["n"], NoMap, [["1"], ["2"]]), ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => item == 1 ? """{"a":"x"}""" : null);
        var projection = Projection.Define("sourced", p => p
            .Text("workstream", s => s.Field("batch.workstream"))
            .Text("a", s => s.Result("one", "/a").Field("batch.workstream")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal([["leads", "x"], ["leads", "leads"]], await ground.RowsAsync(projection));
        var explained = await ground.Store.ExplainAsync(projection, batch, 2, ground.AsOf, default);
        Assert.Equal(("chosen", "leads", null), explained!.Cells[0].Candidates.Select(each => (each.Outcome, each.Raw, each.Step)).Single());
    }
}
