using System.Globalization;
using Enrichment.Sqlite;

namespace Enrichment.Consolidation.Tests;

/// <content>Which of several values a column takes.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_column_takes_the_value_that_its_rule_says_and_ties_go_to_the_order()
    {
        var upload = await ground.UploadAsync("acme", ["N"], NoMap, [["30"], ["20"], ["x"], [""]]);
        var batch = await ground.LaunchAsync(upload, ("one", []), ("two", []));
        string?[] first = ["""{"n":10,"at":"2024-05-02","sure":0.9}""", """{"n":20,"at":"2024-05-02"}""", """{"n":5,"at":"then","sure":"no"}""", null];
        string?[] second = ["""{"n":20,"at":"2024-05-01T23:59:59Z","sure":"0.5"}""", """{"n":7,"at":"2024-05-02"}""", """{"n":6,"at":"2020-01-01"}""", "{}"];
        await ground.AnswerAsync(batch, 1, last: false, item => first[item - 1]);
        await ground.AnswerAsync(batch, 2, last: true, item => second[item - 1]);
        var hour = ground.Store is SqliteStore ? "3600000" : "interval '1 hour'";
        await ground.RawAsync($$"""update {schema}.enrichment_results set created_at = created_at - {{hour}} where stage = 1""");
        var projection = Projection.Define("chosen", p => p
            .Integer("first", s => Sources(s))
            .Integer("latest", s => Sources(s).Latest())
            .Integer("observed", s => s.Column("N").Result("one", "/n", observed: "/at").Result("two", "/n", observed: "/at").Latest())
            .Integer(
                "confident",
                s => s.Column("N", 0.6m)
                    .Result("one", "/n", confidenceAt: "/sure")
                    .Result("two", "/n", confidence: 0.1m, confidenceAt: "/sure")
                    .MostConfident())
            .Integer("agreed", s => Sources(s).Agreed())
            .Integer("smallest", s => Sources(s).Smallest())
            .Integer("largest", s => Sources(s).Largest())
            .Text("largest_text", s => Sources(s).Largest())
            .TextList("all", s => Sources(s).All()));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [
                [30L, 20L, 10L, 10L, 30L, 10L, 30L, "30", new[] { "30", "10", "20" }],
                [20L, 7L, 20L, 20L, 20L, 7L, 20L, "7", new[] { "20", "7" }],
                [5L, 6L, 5L, 6L, 5L, 5L, 6L, "x", new[] { "x", "5", "6" }],
                [null, null, null, null, null, null, null, null, null],
            ],
            await ground.RowsAsync(projection));
        Assert.Equal(
            ["agreed", "confident", "first", "largest", "latest", "observed", "smallest"],
            (await ground.IssuesAsync(projection)).Select(issue => issue.Column));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        static SourceBuilder Sources(SourceBuilder source) => source.Column("N").Result("one", "/n").Result("two", "/n");
    }

    [Fact]
    public async Task A_text_counts_in_its_one_spelling_or_is_an_issue_and_the_next_source_serves()
    {
        var upload = await ground.UploadAsync(
            "acme",
            ["Mail", "Other", "Site"],
            NoMap,
            [
                ["Jane@ACME.com ", "x@y.com", "https://www.acme.co.uk/about"],
                ["jane at acme", " bob@acme.com", "acme"],
                ["n/a", "bob@acme.com", "-"],
                ["jane@acme.com", "jane@acme.com", "acme.co.uk"],
            ]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        var projection = Projection.Define("spelt", p => p
            .Text("email", s => s.Column("Mail").Column("Other").Normalise("email"))
            .Text("agreed", s => s.Column("Other").Column("Mail").Column("Other").Normalise("email").Agreed())
            .Text("domain", s => s.Column("Site").Normalise("domain"))
            .Key("email"));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [["bob@acme.com", "bob@acme.com", null], ["jane@acme.com", "jane@acme.com", "acme.co.uk"]],
            (await ground.RowsAsync(projection)).OrderBy(row => (string)row[0]!, StringComparer.Ordinal));
        Assert.Equal(
            [
                new(batch.Id, 2, "agreed", "column Mail", "normalise", "jane at acme"),
                new(batch.Id, 2, "domain", "column Site", "normalise", "acme"),
                new(batch.Id, 2, "email", "column Mail", "normalise", "jane at acme"),
            ],
            await ground.IssuesAsync(projection));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
    }

    [Fact]
    public async Task A_column_without_a_value_has_its_default_and_a_required_one_an_issue()
    {
        var upload = await ground.UploadAsync("acme", ["N"], NoMap, [["1"], ["x"], ["n/a"]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        var projection = Projection.Define("filled", p => p
            .Integer("n", s => s.Column("N").Default(-7).Required())
            .Date("day", s => s.Column("N").Default("2024-02-29"))
            .Text("text", s => s.Result("one", "/x").Default("ein \"Wort\""))
            .TextList("list", s => s.Result("one", "/x").Default("one"))
            .Number("must", s => s.Column("N").Required()));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        var day = new DateOnly(2024, 2, 29);
        Assert.Equal(
            [
                [1L, day, "ein \"Wort\"", new[] { "one" }, 1m],
                [-7L, day, "ein \"Wort\"", new[] { "one" }, null],
                [-7L, day, "ein \"Wort\"", new[] { "one" }, null],
            ],
            await ground.RowsAsync(projection));
        Assert.Equal(
            ["1 day column N cast 1", "2 day column N cast x", "2 must  missing ", "2 must column N cast x", "2 n column N cast x", "3 must  missing "],
            (await ground.IssuesAsync(projection)).Select(issue =>
                string.Create(CultureInfo.InvariantCulture, $"{issue.Item} {issue.Column} {issue.Source} {issue.Reason} {issue.Value}")));
    }
}
