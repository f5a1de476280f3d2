using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Tests;

/// <content>Tables by key of which each column is folded by itself.</content>
public abstract partial class ConsolidationClaims
{
    private static readonly Projection Companies = Projection.Define("companies", p => Company(p.Key("domain").FoldColumns()));

    [Fact]
    public async Task Each_column_of_a_key_is_folded_by_its_rule_and_computed_columns_after_it()
    {
        var old = await CompaniesAsync(
            ("www.acme.com", "Ulm", "DE", """{"n":900,"at":"2026-03-01","score":1,"sure":0.9,"tag":"a","weight":2}"""),
            ("acme.com", "", "FR", """{"n":10,"at":"2026-01-01","score":2,"sure":0.1,"tag":"b"}"""),
            ("globex.com", "", "US", """{"n":"many"}"""));
        var young = await CompaniesAsync(
            ("acme.com", "n/a", "FR", """{"n":20,"at":"2026-02-01","score":3,"sure":0.5,"tag":"a","since":"2020-01","kids":[{"t":"x"}]}"""),
            ("", "Rome", "IT", "{}"));
        await ground.Store.ConsolidateAsync(Companies, young.Key, default);
        Assert.Equal(
            ["acme.com|unknown|20|3|FR|[\"a\"]|2020-01|20|False||1"], await FoldedAsync());
        await ground.Store.ConsolidateAsync(Companies, old.Key, default);

        // Of acme.com the city is the oldest item's, the number the latest, the score the surest, the country that of two items.
        string[] both =
        [
            "globex.com|unknown|||US||||||0",
            "acme.com|Ulm|900|1|FR|[\"a\",\"b\"]|2020-01|900|True|1800|1",
        ];
        Assert.Equal(both, await FoldedAsync());
        var rows = await ground.Store.ReadProjectionAsync(Companies, "acme", null, ground.AsOf, default).ToListAsync();
        Assert.Equal([(old.Id, 3), (young.Id, 1)], rows.Select(row => (row.Batch, row.Item)));
        Assert.Equal([["x", "none"]], (await ground.ChildrenAsync(Companies, "kids")).Select(row => row.Values));
        Assert.Contains(
            await ground.IssuesAsync(Companies), issue => issue is { Column: "domain", Reason: "no_key" } && issue.Batch == young.Id);
        Assert.Empty(await ground.Store.ExamineAsync(Companies, default));


        // The item that gave most of it loses its answer, and has another one later.
        await ground.Store.RetryAsync(old.Key, 1, [1], sameKey: false, default);
        await ground.AnswerAsync(old, 1, last: true, _ => """{"n":30,"at":"2026-01-15","tag":"c"}""");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(Companies, old.Key, default);
        string[] after = [both[0], "acme.com|Ulm|20|3|FR|[\"a\",\"b\",\"c\"]|2020-01|30|False||1"];
        Assert.Equal(after, await FoldedAsync());
        await ground.Store.RebuildAsync(Companies, default);
        Assert.Equal(after, await FoldedAsync());

        // Rows of pruned batches go on being folded, and another program's write is found.
        await PruneAsync(old);
        await ground.Store.RebuildAsync(Companies, default);
        Assert.Equal(after, await FoldedAsync());
        Assert.Empty(await ground.Store.ExamineAsync(Companies, default));
        var table = await ground.Store.LookAsync(
            Companies.Name, async session => (await ProjectionRegistry.ReadAsync(session, Companies, default))!.Live.Table, default);
        await ground.RawAsync($"update {{schema}}.{table} set row_hash = row_hash + 1 where domain = 'acme.com'");
        Assert.Contains("differs from its rebuild", Assert.Single(await ground.Store.ExamineAsync(Companies, default)).Detail, StringComparison.Ordinal);

        async Task<List<string>> FoldedAsync() =>
        [
            .. (await ground.RowsAsync(Companies)).Select(row => string.Join('|', row.Select(value =>
                value is string[] list ? JsonSerializer.Serialize(list.Order()) : FormattableString.Invariant($"{value}")))),
        ];
    }

    [Fact]
    public async Task Another_way_of_folding_is_applied_by_an_operator_and_not_beside_pruned_rows()
    {
        var byRow = Projection.Define("companies", p => Company(p.Key("domain")));
        Assert.Equal(Companies.Hash.ToArray(), Projection.Parse(Encoding.UTF8.GetString(Companies.Definition.Span)).Hash.ToArray());
        var batch = await CompaniesAsync(
            ("acme.com", "Ulm", "DE", """{"n":900,"at":"2026-03-01"}"""),
            ("acme.com", "", "FR", """{"n":10,"at":"2026-01-01"}"""));
        await ground.Store.ConsolidateAsync(byRow, batch.Key, default);
        Assert.Equal("unknown", (await ground.RowsAsync(byRow)).Single()[1]);
        var plan = await PlanAsync(Companies);
        Assert.False(plan.AppliesItself);
        Assert.Equal(
            "Each column of a row is folded from all items of its key, and is no longer the youngest item's.",
            Assert.Single(plan.Change!.Breaking).Sentence);
        Assert.Empty(plan.Warnings);
        Assert.Equal((2, 1, 1), (plan.Preview!.Items, plan.Preview.RowsBefore, plan.Preview.RowsAfter));
        Assert.Contains(new(batch.Id, 2, "city", "unknown", "Ulm"), plan.Preview.Examples);

        var diff = (await new VersionOperations(ground.Store, Companies).ApplyAsync(hold: false, default))!;

        Assert.Equal((1, 1, 0, 0), (diff.RowsBefore, diff.RowsAfter, diff.Gained, diff.Lost));
        Assert.Equal("Ulm", (await ground.RowsAsync(Companies)).Single()[1]);
        Assert.True(diff.Columns.ContainsKey("is_large"));
        await PruneAsync(batch);
        var refused = await Assert.ThrowsAsync<EnrichmentException>(
            () => new VersionOperations(ground.Store, byRow).ApplyAsync(hold: false, default));
        Assert.Contains("cannot be folded in another way: 1 of its batches were pruned", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Child_rows_are_computed_of_hidden_columns_and_by_functions_of_the_host()
    {
        var projection = Projection.Define("hidden_kids", p => p
            .Text("domain", s => s.Column("Domain"))
            .Children("jobs", c => c
                .Table("hidden_kids_jobs")
                .Each(s => s.Result("one", "/jobs"))
                .Key("id")
                .Integer("id", s => s.At("/id").Hidden())
                .Integer("from", s => s.At("/from"))
                .Is("years", "2026 - from", hidden: true)
                .Compute("level", "level", 1, row => row["years"] is long and > 5 ? "senior" : "junior"))
            .Is("seniors", "count(jobs where level = 'senior' and years > 5)"));
        var batch = await CompaniesAsync(("acme.com", "", "", """{"jobs":[{"id":1,"from":2020},{"id":2,"from":2020},{"id":"x","from":2024}]}"""));
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(2L, (await ground.RowsAsync(projection)).Single()[1]);
        Assert.Equal(
            [[2020L, "senior"], [2020L, "senior"], [2024L, "junior"]],
            (await ground.ChildrenAsync(projection, "jobs")).Select(row => row.Values).OrderBy(values => values[0]));
        Assert.Contains(await ground.IssuesAsync(projection), issue => issue is { Column: "jobs.id", Reason: "cast" });
        var explained = (await ground.Store.ExplainAsync(projection, batch, 1, ground.AsOf, default))!;
        Assert.Equal(["id", "from", "years", "level"], explained.Children[0].Cells.Select(cell => cell.Column));
        var text = Encoding.UTF8.GetString(projection.Definition.Span);
        Assert.Equal(projection.Hash.ToArray(), Projection.Parse(text).Hash.ToArray());
        var refused = await Assert.ThrowsAsync<EnrichmentException>(
            () => ground.Store.ConsolidateAsync(Projection.Parse(text.Replace("hidden_kids", "read_kids", StringComparison.Ordinal)), batch.Key, default));
        Assert.Contains("'level', version 1, which this host does not have", refused.Message, StringComparison.Ordinal);
    }

    private static void Company(ProjectionBuilder p) => p
        .Text("domain", s => s.Column("Domain").Normalise("domain"))
        .Text("city", s => s.Field("city").Default("unknown"))
        .Integer("employees", s => s.Result("one", "/n", observed: "/at").Latest())
        .Number("score", s => s.Result("one", "/score", confidenceAt: "/sure").MostConfident())
        .Text("country", s => s.Column("Country").Agreed())
        .TextList("tags", s => s.Result("one", "/tag").All())
        .PartialDate("since", s => s.Result("one", "/since").Smallest())
        .Integer("most", s => s.Result("one", "/n").Largest())
        .Integer("weight", s => s.Result("one", "/weight").Hidden())
        .Children("kids", c => c.Table("company_kids").Each(s => s.Result("one", "/kids")).Text("t", s => s.At("/t")).Text("u", s => s.At("/u").Default("none")))
        .Is("is_large", "employees > 100")
        .Is("weighed", "employees * weight")
        .Is("kid_count", "count(kids)");

    private async Task<Batch> CompaniesAsync(params (string Domain, string City, string Country, string Answer)[] rows)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync(
                "acme",
                ["Domain", "City", "Country"],
                new() { ["city"] = [1] },
                [.. rows.Select(row => new[] { row.Domain, row.City, row.Country })]),
            ("one", []));
        await ground.AnswerAsync(batch, 1, last: true, item => rows[item - 1].Answer);
        await ground.Store.CompleteBatchesAsync(default);
        return batch;
    }
}
