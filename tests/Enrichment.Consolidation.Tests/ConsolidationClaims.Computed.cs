using System.Globalization;
using System.Text;

namespace Enrichment.Consolidation.Tests;

/// <content>Columns that are computed, partial dates, and conditions on the day of the reader.</content>
public abstract partial class ConsolidationClaims
{
    private static readonly Projection Computed = Projection.Define(
        "computed",
        p => p
            .Buckets(
                "size",
                ["1-50", "51-200", "201+"],
                new Dictionary<string, string> { ["2-10 employees"] = "1-50" },
                [(50, "1-50"), (200, "51-200")])
            .Is("site", "domain(website)")
            .Text("website", s => s.Column("Website"))
            .Integer("employees", s => s.Column("Employees"))
            .PartialDate("started", s => s.Column("Started"))
            .TextList("tags", s => s.Result("one", "/tags"))
            .Is("half", "employees / 2")
            .Is("inverse", "round(100 / employees, 3)")
            .Is("copy", "employees")
            .Is("label", "bucket('size', employees)")
            .Is("is_large", "label >= '51-200'")
            .Is("words", "split(website, '.')")
            .Is("is_software", "has(tags, 'Software')")
            .Is("half_a_year_later", "started + 6 months")
            .Is("began", "earliest(started)")
            .Is("new_in_role", "started between as_of - 6 months and as_of and is_large"));

    [Fact]
    public async Task A_computed_column_is_a_cell_of_its_type_and_what_cannot_be_computed_an_issue()
    {
        var batch = await ComputedBatchAsync();
        var projection = Projection.Parse(Encoding.UTF8.GetString(Computed.Definition.Span));

        var report = await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [
                [
                    "acme.com", "www.acme.com", 120L, "2026-06", new[] { "Software", "AI" }, 60m, 0.833m, 120L, "51-200", true,
                    new[] { "www", "acme", "com" }, true, "2026-12-01/2026-12-30", new DateOnly(2026, 6, 1), true,
                ],
                [
                    null, "Jane Example", 0L, "2026", null, 0m, null, 0L, "1-50", false, new[] { "Jane Example" }, null,
                    "2026-07-01/2027-06-30", new DateOnly(2026, 1, 1), false,
                ],
                [
                    "globex.com", "globex.com", 999L, "2026-05-30", Array.Empty<string>(), 499.5m, 0.1m, 999L, null, null, new[] { "globex", "com" },
                    false, "2026-11-30", new DateOnly(2026, 5, 30), null,
                ],
                [null, null, null, null, null, null, null, null, null, null, null, null, null, null, null],
            ],
            await ground.RowsAsync(projection));
        Assert.Equal(
            [
                new(batch.Id, 2, "inverse", null, "compute", "division by zero, at character 11"),
                new(batch.Id, 3, "label", null, "unknown_bucket", "999"),
                new(batch.Id, 4, "started", "column Started", "cast", "02/01/2026"),
            ],
            await ground.IssuesAsync(projection));
        Assert.Equal((1L, 1L, 1L), (report.Issues["inverse"], report.Issues["label"], report.Issues["started"]));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        Assert.Equal(projection.Columns.Count, (await ground.RowsAsync(projection))[0].Length);
    }

    [Fact]
    public async Task A_condition_on_the_readers_day_is_answered_when_the_row_is_read()
    {
        var batch = await ComputedBatchAsync();
        var projection = Projection.Parse(Encoding.UTF8.GetString(Computed.Definition.Span));
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        var stored = await ground.RawAsync("select count(*) from {schema}.computed where started <= '2026-06-30' and started_last >= '2026-06-01'");

        List<object?> answers = [];
        foreach (var day in new[] { "2026-05-31", "2026-06-15", "2026-06-30", "2026-12-01", "2026-12-02", "2027-01-01" })
        {
            ground.AsOf = DateOnly.Parse(day, CultureInfo.InvariantCulture);
            answers.Add((await ground.RowsAsync(projection))[0][^1]);
        }

        Assert.Equal([false, null, true, true, null, false], answers);
        Assert.Equal(2L, Convert.ToInt64(stored, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_table_may_have_a_computed_key_and_its_rows_follow_a_retry()
    {
        var upload = await ground.UploadAsync("acme", ["Site"], NoMap, [["www.acme.com"], ["ACME.com/x"], ["gone"], ["globex.com"]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => $$"""{"n":{{item}}}""");
        var projection = Projection.Define(
            "sites",
            p => p.Key("site").Is("site", "domain(url)").Text("url", s => s.Column("Site")).Integer("n", s => s.Result("one", "/n")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal([["acme.com", "ACME.com/x", 2L], ["globex.com", "globex.com", 4L]], await ground.RowsAsync(projection));
        Assert.Equal([new(batch.Id, 3, "site", null, "no_key", "")], await ground.IssuesAsync(projection));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
    }

    [Fact]
    public async Task A_changed_expression_waits_for_its_operator()
    {
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["N"], NoMap, [["7"]]), ("one", []));
        static Projection Times(int factor) =>
            Projection.Define("product", p => p.Integer("n", s => s.Column("N")).Is("product", $"n * {factor}"));

        await ground.Store.ConsolidateAsync(Times(2), batch.Key, default);
        var report = await ground.Store.ConsolidateAsync(Times(3), batch.Key, default);

        Assert.Contains("waits to be applied", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal([[7L, 14L]], await ground.RowsAsync(Times(2)));
        await Assert.ThrowsAsync<EnrichmentException>(() => ground.RowsAsync(Times(3)));
    }

    private async Task<Batch> ComputedBatchAsync()
    {
        var upload = await ground.UploadAsync(
            "acme",
            ["Website", "Employees", "Started"],
            NoMap,
            [["www.acme.com", "120", "2026-6"], ["Jane Example", "0", "2026"], ["globex.com", "999", "2026/05/30"], ["", null, "02/01/2026"]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => item switch
        {
            1 => """{"tags":["Software","AI"]}""",
            3 => """{"tags":[]}""",
            _ => null,
        });
        return batch;
    }
}
