using Enrichment.Consolidation.Changes;

namespace Enrichment.Consolidation.Tests;

/// <content>What an operator is told of rows that are folded by columns.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_folded_cell_is_explained_by_the_items_of_its_key_and_losers_are_named()
    {
        var old = await CompaniesAsync(
            ("acme.com", "Ulm", "DE", """{"n":900,"at":"2026-03-01","score":1,"sure":0.9,"tag":"a"}"""),
            ("acme.com", "", "FR", """{"n":10,"at":"2026-01-01","score":2,"sure":0.1,"tag":"b"}"""));
        var young = await CompaniesAsync(("acme.com", "n/a", "FR", """{"n":20,"at":"2026-02-01","score":3,"sure":0.5,"since":"2020-01"}"""), ("", "Rome", "IT", "{}"));
        await ground.Store.ConsolidateAsync(Companies, old.Key, default);
        var row = (await ExplainAsync(Companies, young, 1))!;
        Assert.All(row.Cells, cell => Assert.Empty(cell.Items));
        await ground.Store.ConsolidateAsync(Companies, young.Key, default);

        foreach (var (batch, item) in new[] { (young, 1), (old, 1), (old, 2) })
        {
            row = await ExplainAsync(Companies, batch, item);
            Assert.Equal((batch.Id, item), (row.Batch, row.Item));
            Assert.Equal((await ground.RowsAsync(Companies)).Single(), row.Cells.Where(cell => cell.Column != "weight").Select(cell => cell.Value));
            Assert.Equal(
                [
                    $"empty {young.Id} 1  ",
                    $"empty {old.Id} 2  ",
                    $"chosen {old.Id} 1 field city Ulm",
                ],
                Items("city"));
            Assert.Equal(
                [
                    $"not_chosen {young.Id} 1 result one /n 20",
                    $"not_chosen {old.Id} 2 result one /n 10",
                    $"chosen {old.Id} 1 result one /n 900",
                ],
                Items("employees"));
            Assert.Equal([2, 1, 3], Cell("employees").Items.Select(one => one.Observed!.Value.Month));
            Assert.Equal([0.5m, 0.1m, 0.9m], Cell("score").Items.Select(one => one.Confidence));
            Assert.Equal(("one", "1.0.0", 1), (Cell("score").Items[2].Step, Cell("score").Items[2].Version, Cell("score").Items[2].Attempt));
            Assert.Equal(["empty", "chosen", "chosen"], Cell("tags").Items.Select(one => one.Outcome));
            Assert.Equal(["chosen", "not_chosen", "not_chosen"], Cell("country").Items.Select(one => one.Outcome));
            Assert.Empty(Cell("is_large").Items);
        }

        // Below the folded cell stands what the sources of the explained item have.
        Assert.Equal("not_chosen", Items("employees")[1].Split(' ')[0]);
        Assert.Equal([10L], Cell("employees").Candidates.Select(candidate => candidate.Value));

        await PruneAsync(old);
        row = await ExplainAsync(Companies, old, 2);
        Assert.True(row.IsPruned);
        Assert.Equal(("Ulm", 900L), (Cell("city").Value, Cell("employees").Value));
        Assert.Equal($"chosen {old.Id} 1 field city Ulm", Items("city")[2]);

        ExplainedCell Cell(string column) => row.Cells.Single(cell => cell.Column == column);

        List<string> Items(string column) =>
            [.. Cell(column).Items.Select(one => FormattableString.Invariant($"{one.Outcome} {one.Batch} {one.Item} {one.Source} {one.Value}"))];
    }

    [Fact]
    public async Task Of_a_key_with_many_items_those_that_gave_a_cell_are_told_beside_the_youngest()
    {
        var batch = await CompaniesAsync([.. Enumerable.Range(1, 60).Select(item => (
            "acme.com", item == 3 ? "Ulm" : "", "DE", $$"""{"n":{{item}}}"""))]);
        await ground.Store.ConsolidateAsync(Companies, batch.Key, default);

        var row = await ExplainAsync(Companies, batch, 5);

        Assert.Equal(
            [.. Enumerable.Range(41, 20).Reverse(), 5, 3],
            row.Cells.Single(cell => cell.Column == "city").Items.Select(one => one.Item!.Value));
    }

    [Fact]
    public async Task Issues_are_those_of_folded_cells_and_go_when_the_key_is_folded_without_them()
    {
        var projection = Projection.Define("rated", p => p
            .Key("domain")
            .FoldColumns()
            .Text("domain", s => s.Column("Domain"))
            .Text("city", s => s.Field("city").Required())
            .Integer("people", s => s.Result("one", "/people"))
            .Integer("sales", s => s.Result("one", "/sales"))
            .Buckets("grade", ["low", "high"], upTo: [(10, "low"), (100, "high")])
            .Is("each", "sales / people")
            .Is("grade", "bucket('grade', sales)"));
        var old = await CompaniesAsync(
            ("a.com", "Ulm", "", """{"people":0,"sales":7}"""),
            ("b.com", "", "", """{"people":"few","sales":1000}"""),
            ("", "", "", """{"people":0,"sales":1}"""));
        await ground.Store.ConsolidateAsync(projection, old.Key, default);
        string[] alone =
        [
            $"{old.Id} 1 each compute",
            $"{old.Id} 2 city missing",
            $"{old.Id} 2 grade unknown_bucket",
            $"{old.Id} 2 people cast",
            $"{old.Id} 3 city missing", // without a key it is in no folded row
            $"{old.Id} 3 domain no_key",
            $"{old.Id} 3 each compute",
        ];
        Assert.Equal(alone, await IssuesAsync());

        // A younger item mends a.com, and spoils b.com: each alone has an issue that the table does not have.
        var young = await CompaniesAsync(("a.com", "", "", """{"people":2}"""), ("b.com", "Rome", "", """{"people":0,"sales":2000}"""));
        var report = await ground.Store.ConsolidateAsync(projection, young.Key, default);

        string[] both = [.. alone[3..], $"{young.Id} 2 each compute", $"{young.Id} 2 grade unknown_bucket"];
        Assert.Equal(both, await IssuesAsync());
        Assert.Equal(new SortedDictionary<string, long> { ["each"] = 1, ["grade"] = 1 }, report.Issues);
        Assert.Equal(
            ("compute", "missing"),
            ((await ExplainAsync(projection, old, 2)).Cells[4].Issue, (await ExplainAsync(projection, old, 3)).Cells[1].Issue));
        Assert.Null((await ExplainAsync(projection, young, 1)).Cells[1].Issue);
        await ground.Store.RebuildAsync(projection, default);
        Assert.Equal(both, await IssuesAsync());

        // An answer that is the same changes nothing; another one folds the key anew.
        await RetryAsync("""{"people":0,"sales":2000}""");
        Assert.Equal(both, await IssuesAsync());
        await RetryAsync("""{"people":1,"sales":50}""");
        Assert.Equal(alone[3..], await IssuesAsync());
        await RetryAsync("""{"people":0,"sales":50}""");
        await PruneAsync(old);
        await ground.Store.RebuildAsync(projection, default);
        Assert.Equal([.. alone[3..], $"{young.Id} 2 each compute"], await IssuesAsync());
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        async Task<List<string>> IssuesAsync() =>
            [.. (await ground.IssuesAsync(projection)).Select(issue => $"{issue.Batch} {issue.Item} {issue.Column} {issue.Reason}")];

        async Task RetryAsync(string answer)
        {
            await ground.Store.RetryAsync(young.Key, 1, [2], sameKey: false, default);
            await ground.AnswerAsync(young, 1, last: true, _ => answer);
            await ground.Store.CompleteBatchesAsync(default);
            await ground.Store.ConsolidateAsync(projection, young.Key, default);
        }
    }

    [Fact]
    public async Task A_computed_key_is_that_of_the_items_and_is_not_computed_of_folded_cells()
    {
        var projection = Projection.Define("joined", p => p
            .Key("place")
            .FoldColumns()
            .Text("city", s => s.Column("City").Smallest())
            .Text("country", s => s.Column("Country").Largest())
            .Is("place", "city || country"));
        var batch = await CompaniesAsync(("", "ab", "c", "{}"), ("", "a", "bc", "{}"));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        Assert.Empty(await ground.IssuesAsync(projection));

        // The cells are folded each by itself, so the two together need not make a key that an item has.
        Assert.Equal([["a", "c", "abc"]], (await ground.RowsAsync(projection)).Select(row => row.Select(cell => cell!.ToString()!)));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_plan_of_a_table_by_key_compares_the_rows_to_which_items_are_folded(bool folds)
    {
        var live = Define("employees > 100", s => s.Result("one", "/n", observed: "/at").Latest());
        var proposed = Define("employees > 1000", s => s.Result("one", "/n").Smallest());
        var gone = await CompaniesAsync(("a.com", "Bonn", "", """{"n":5,"at":"2026-01-01"}"""));
        var old = await CompaniesAsync(
            ("a.com", "", "", """{"n":900,"at":"2026-03-01"}"""), ("b.com", "Ulm", "", """{"n":20}"""), ("", "", "", """{"n":"many"}"""));
        var young = await CompaniesAsync(("a.com", "", "", """{"n":70,"at":"2026-02-01"}"""));
        foreach (var batch in new[] { gone, old, young })
        {
            await ground.Store.ConsolidateAsync(live, batch.Key, default);
        }

        await PruneAsync(gone);

        var plan = await PlanAsync(proposed);

        var preview = plan.Preview!;
        Assert.Empty(plan.Warnings);
        Assert.Equal((5, 2, 2, 0), (preview.Items, preview.RowsBefore, preview.RowsAfter, preview.KeysLeftOut));
        Assert.Equal(
            folds ? [new("employees", 1, 0, 0, 1, 1), new("is_large", 1, 0, 0, 0, 0)] : [],
            preview.Columns);
        Assert.Equal(
            folds
                ? [new(young.Id, 1, "employees", "900", "5"), new(young.Id, 1, "is_large", "true", "false")]
                : [],
            preview.Examples);

        // A plan tells what applying does.
        var diff = (await new VersionOperations(ground.Store, proposed).ApplyAsync(hold: false, default))!;
        Assert.Equal(
            preview.Columns.Select(column => (column.Column, (long)column.Changed)),
            diff.Columns.Select(column => (column.Key, column.Value)));
        Assert.Equal(preview.Examples, diff.Examples);

        Projection Define(string isLarge, Func<SourceBuilder, SourceBuilder> rule) => Projection.Define("planned_keys", p =>
            (folds ? p.Key("domain").FoldColumns() : p.Key("domain"))
                .Text("domain", s => s.Column("Domain"))
                .Text("city", s => s.Field("city"))
                .Integer("employees", s => rule(s))
                .Is("is_large", isLarge));
    }
}
