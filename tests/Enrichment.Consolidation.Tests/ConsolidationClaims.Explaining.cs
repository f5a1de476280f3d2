using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation.Tests;

/// <content>Where a cell is from.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task An_explanation_has_the_chosen_value_and_what_every_other_source_has()
    {
        var batch = await ExplainedBatchAsync();
        var projection = Projection.Define("explained", p => p
            .Integer("employees", s => s.Result("two", "/n").Field("company.employees").Column("N").Column("Raw").Column("Nowhere"))
            .Text("site", s => s.Field("company.domain")));

        var row = await ExplainAsync(projection, batch, 1);

        Assert.Equal((batch.Id, 1, true), (row.Batch, row.Item, row.HasRow));
        Assert.Empty(row.KeyColumns);
        var cell = row.Cells[0];
        Assert.Equal(("employees", "integer", 1234L, "first"), (cell.Column, cell.Type, cell.Value, cell.Choose));
        Assert.Equal((false, null), (cell.IsDefault, cell.Issue));
        Assert.Equal(
            [
                "result two /n, does_not_cast, two 1.0.0 3/1 \"about 50\" as nothing",
                "field company.employees, chosen, one 1.0.0 1/1 \"1,234\" as 1234",
                "column N, not_chosen, N \"67.0\" as 67",
                "column Raw, word_for_nothing, Raw \"n/a\" as nothing",
                "column Nowhere, not_in_batch,   as nothing",
            ],
            cell.Candidates.Select(Words));
        Assert.Equal(await StoredAtAsync(batch, 1), cell.Candidates[1].StoredAt);
        Assert.Equal(["field company.domain, chosen, Site \" raw.com \" as  raw.com "], row.Cells[1].Candidates.Select(Words));
    }

    [Fact]
    public async Task An_explanation_tells_what_a_source_without_a_value_was_asked_of()
    {
        var batch = await ExplainedBatchAsync();
        var projection = Projection.Define("explained", p => p
            .Text("none", s => s.Result("one", "/none").Result("three", "/x").Column("Empty").Result("one", "/blank"))
            .Text("must", s => s.Column("Empty").Required())
            .Integer("given", s => s.Column("Empty").Default(7))
            .Text("email", s => s.Column("Raw").Column("Site").Normalise("email")));

        var cells = (await ExplainAsync(projection, batch, 1)).Cells;

        Assert.Equal(
            [
                "result one /none, empty, one 1.0.0 1/1  as nothing",
                "result three /x, empty, three 1.0.0 4/  as nothing",
                "column Empty, empty,   as nothing",
                "result one /blank, empty, one 1.0.0 1/1 \" \" as nothing",
            ],
            cells[0].Candidates.Select(Words));
        Assert.Null(cells[0].Value);
        Assert.Equal("missing", cells[1].Issue);
        Assert.Equal((7L, true), (cells[2].Value, cells[2].IsDefault));
        Assert.Equal(
            ["word_for_nothing", "does_not_normalise"],
            cells[3].Candidates.Select(candidate => candidate.Outcome));
    }

    [Fact]
    public async Task An_explanation_chooses_as_the_rule_of_the_column_says_and_tells_what_the_rule_compares()
    {
        var batch = await ExplainedBatchAsync();
        var projection = Projection.Define("explained", p => p
            .Integer("latest", s => s.Column("N").Result("one", "/n", observed: "/at").Result("two", "/size", observed: "/at").Latest())
            .Integer("confident", s => s.Column("N", 0.6m).Result("one", "/n", confidence: 0.9m).MostConfident())
            .Integer("agreed", s => s.Result("two", "/size").Column("N").Result("one", "/n").Column("Also").Agreed())
            .Integer("largest", s => s.Column("N").Result("two", "/size").Largest())
            .TextList("all", s => s.Column("N").Column("Empty").Result("two", "/size").All()));

        var cells = (await ExplainAsync(projection, batch, 1)).Cells;

        Assert.Equal([55L, 1234L, 67L, 67L, new[] { "67.0", "55" }], cells.Select(cell => cell.Value));
        Assert.Equal(["latest", "confident", "agree", "max", "all"], cells.Select(cell => cell.Choose));
        Assert.Equal(
            [[3], [2], [2], [1], [1, 3]],
            cells.Select(cell =>
                cell.Candidates.Index().Where(one => one.Item.Outcome == "chosen").Select(one => one.Index + 1)));
        Assert.Equal(
            [null, Day(1), Day(2)],
            cells[0].Candidates.Select(candidate => candidate.Observed));
        Assert.Equal([0.6m, 0.9m], cells[1].Candidates.Select(candidate => candidate.Confidence));

        static DateTimeOffset? Day(int day) => new DateTimeOffset(2024, 5, day, 0, 0, 0, TimeSpan.Zero);
    }

    [Fact]
    public async Task An_explanation_of_a_computed_column_has_its_expression_and_its_problem()
    {
        var batch = await ComputedBatchAsync();
        await ground.Store.ConsolidateAsync(Computed, batch.Key, default);
        var rows = await ground.RowsAsync(Computed);

        for (var item = 1; item <= rows.Count; item++)
        {
            var row = await ExplainAsync(Computed, batch, item);
            Assert.Equal(rows[item - 1].Select(CsvExport.Format), row.Cells.Select(cell => CsvExport.Format(cell.Value)));
        }

        var inverse = (await ExplainAsync(Computed, batch, 2)).Cells[Computed.ColumnNames.ToList().IndexOf("inverse")];
        Assert.Equal(("round(100 / employees, 3)", "compute", null), (inverse.Expression, inverse.Issue, inverse.Choose));
        Assert.StartsWith("division by zero", inverse.Detail, StringComparison.Ordinal);
        Assert.Empty(inverse.Candidates);
    }

    [Fact]
    public async Task An_explanation_for_a_table_by_key_is_of_the_own_row_of_the_item()
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["Mail", "Name"], NoMap, [["a@b.com", "old"], ["a@b.com", "young"], ["", "lost"]]),
            ("one", []));
        var projection = Projection.Define("explained", p => p
            .Text("email", s => s.Column("Mail"))
            .Text("name", s => s.Column("Name"))
            .Key("email"));

        var (old, lost) = (await ExplainAsync(projection, batch, 1), await ExplainAsync(projection, batch, 3));

        Assert.Equal("email", Assert.Single(old.KeyColumns));
        Assert.Equal((true, "old"), (old.HasRow, old.Cells[1].Value));
        Assert.Equal((false, "no_key"), (lost.HasRow, lost.Cells[0].Issue));
    }

    [Fact]
    public async Task An_item_that_is_not_of_the_batch_has_no_explanation()
    {
        var batch = await ExplainedBatchAsync();
        var projection = Projection.Define("explained", p => p.Text("n", s => s.Column("N")));
        Assert.Null(await ground.Store.ExplainAsync(projection, batch, 3, ground.AsOf, default));

        await ground.RawAsync("delete from {schema}.batch_items where item = 2");

        Assert.NotNull(await ground.Store.ExplainAsync(projection, batch, 1, ground.AsOf, default));
        Assert.Null(await ground.Store.ExplainAsync(projection, batch, 2, ground.AsOf, default));
    }

    [Fact]
    public async Task An_explanation_reads_the_results_of_many_stages()
    {
        const short Stages = 35;
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["n"], NoMap, [["1"]]),
            [.. Enumerable.Range(1, Stages).Select(stage => ($"step{stage}", new[] { "company.name" }))]);
        for (short stage = 1; stage <= Stages; stage++)
        {
            var number = stage;
            await ground.AnswerAsync(batch, stage, last: stage == Stages, _ => number > 33 ? "{}" : $$"""{"company.name":"{{number}}"}""");
        }

        var row = await ExplainAsync(Projection.Define("explained", p => p.Text("name", s => s.Field("company.name"))), batch, 1);

        Assert.Equal(["field company.name, chosen, step33 1.0.0 33/1 \"33\" as 33"], row.Cells[0].Candidates.Select(Words));
    }

    [Fact]
    public async Task Of_a_pruned_batch_the_stored_row_tells_the_source_and_the_attempt_of_each_cell()
    {
        var batch = await ExplainedBatchAsync();
        await AnswerAgainAsync(batch, """{"n":"about 50","size":56}""");
        var projection = Stored("N");
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        await PruneAsync(batch);

        var row = await ExplainAsync(projection, batch, 1);

        Assert.Equal((batch.Id, 1, true, true), (row.Batch, row.Item, row.HasRow, row.IsPruned));
        Assert.Equal([1234L, 56L, 67L, new[] { "67.0", "56" }, new[] { "67.0" }, 7L, null, 2468L], row.Cells.Select(cell => cell.Value));
        Assert.Equal(
            [
                "result two /n, not_kept,   as nothing",
                "field company.employees, chosen, one 1.0.0 1/1  as 1234",
                "column Nowhere, not_in_batch,   as nothing",
            ],
            row.Cells[0].Candidates.Select(Words));
        Assert.Equal(["column N, not_kept,   as nothing", "result two /size, chosen, two 1.0.0 3/2  as 56"], row.Cells[1].Candidates.Select(Words));
        Assert.Equal(["field company.employees, not_kept,   as nothing", "column N, chosen, N  as 67"], row.Cells[2].Candidates.Select(Words));
        Assert.Equal(["unknown", "unknown"], row.Cells[3].Candidates.Select(candidate => candidate.Outcome));
        Assert.Equal("chosen", Assert.Single(row.Cells[4].Candidates).Outcome);
        Assert.Equal((true, "not_kept"), (row.Cells[5].IsDefault, Assert.Single(row.Cells[5].Candidates).Outcome));
        Assert.Equal((false, "not_kept"), (row.Cells[6].IsDefault, Assert.Single(row.Cells[6].Candidates).Outcome));
        Assert.Equal("employees * 2", row.Cells[7].Expression);
        Assert.Null(await ground.Store.ExplainAsync(projection, batch, 3, ground.AsOf, default));
    }

    [Fact]
    public async Task A_row_that_is_carried_to_a_version_tells_only_of_columns_whose_sources_are_the_same()
    {
        var batch = await ExplainedBatchAsync();
        await ground.Store.ConsolidateAsync(Stored("N"), batch.Key, default);
        await PruneAsync(batch);
        var changed = Stored("Also", p => p.Text("young", s => s.Column("Raw")));
        await Of(changed).ApplyAsync(hold: false, default);

        var cells = (await ExplainAsync(changed, batch, 1)).Cells;

        Assert.Equal(["unknown", "unknown"], cells[1].Candidates.Select(candidate => candidate.Outcome));
        Assert.Equal(55L, cells[1].Value);
        Assert.Equal("field company.employees, chosen, one 1.0.0 1/1  as 1234", Words(cells[0].Candidates[1]));
        Assert.Equal((null, "unknown"), (cells[^1].Value, Assert.Single(cells[^1].Candidates).Outcome));

        // The text of a version that has made a row is read by whoever can.
        await ground.RawAsync("update {schema}.projection_versions set definition = '{}' where version = 1");
        Assert.All(
            (await ExplainAsync(changed, batch, 1)).Cells.SelectMany(cell => cell.Candidates),
            candidate => Assert.Contains(candidate.Outcome, (string[])["unknown", "not_in_batch"]));
    }

    [Fact]
    public async Task An_explanation_tells_which_attempt_the_table_shows_until_it_shows_the_same()
    {
        var batch = await ExplainedBatchAsync();
        var projection = Stored("N");
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        await AnswerAgainAsync(batch, """{"n":60,"size":55}""");

        var cells = (await ExplainAsync(projection, batch, 1)).Cells;

        Assert.Equal(60L, cells[0].Value);
        Assert.Equal("field company.employees, chosen, one 1.0.0 1/1  as nothing", Words(cells[0].InTable!));
        Assert.Equal("result two /size, chosen, two 1.0.0 3/1  as nothing", Words(cells[1].InTable!));
        Assert.Null(cells[2].InTable);
        Assert.Equal(("", "all"), (cells[3].InTable!.Source, cells[3].InTable!.Outcome));
        Assert.All((await ExplainAsync(projection, batch, 2)).Cells, cell => Assert.Null(cell.InTable));

        // The second time the answer is the same, and of another attempt.
        for (var attempt = 2; attempt <= 3; attempt++)
        {
            await ground.Store.CompleteBatchesAsync(default);
            await ground.Store.ConsolidateAsync(projection, batch.Key, default);
            cells = (await ExplainAsync(projection, batch, 1)).Cells;
            Assert.All(cells, cell => Assert.Null(cell.InTable));
            Assert.Equal((60L, attempt), (cells[0].Value, cells[0].Candidates[0].Attempt));
            await AnswerAgainAsync(batch, "{\"n\":60,\"size\":55}");
        }
    }

    [Fact]
    public async Task Child_rows_of_a_pruned_item_are_those_of_the_table()
    {
        var batch = await ExplainedBatchAsync();
        var projection = Projection.Define("explained", p => p
            .Text("site", s => s.Field("company.domain"))
            .Children("kids", c => c
                .Table("explained_kids")
                .Each(s => s.Result("one", "/kids"))
                .Text("t", s => s.At("/t").At("/u"))
                .PartialDate("d", s => s.At("/d"))
                .Integer("h", s => s.At("/n").Hidden())
                .Is("twice", "h * 2")));
        await ground.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);
        await ground.AnswerAsync(batch, 1, last: true, _ => """{"kids":[{"t":"a","d":"2024-02","n":1},{"u":"b","n":2}]}""");
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        var before = (await ExplainAsync(projection, batch, 1)).Children;
        await PruneAsync(batch);

        var children = (await ExplainAsync(projection, batch, 1)).Children;

        Assert.Equal(2, children.Count);
        Assert.Equal(
            before.OrderBy(child => child.ChildKey, StringComparer.Ordinal).Select(Shown),
            children.Select(Shown));
        Assert.Equal(["unknown", "unknown"], children[0].Cells[0].Candidates.Select(candidate => candidate.Outcome));
        Assert.Empty((await ExplainAsync(projection, batch, 2)).Children);

        static string Shown(ExplainedRow child) => FormattableString.Invariant(
            $"{child.Item} {child.Child} {child.ChildKey} {child.Twin} {string.Join('|', child.Cells.Where(cell => cell.Column != "h").Select(cell => $"{cell.Column} {cell.Type} {cell.Value}"))}");
    }

    private static string Words(ExplainedCandidate candidate)
    {
        var from = candidate.Step is { } step ? $"{step} {candidate.Version} {candidate.Stage}/{candidate.Attempt}" : candidate.Header;
        var raw = candidate.Raw is null ? "" : $"\"{candidate.Raw}\"";
        return $"{candidate.Source}, {candidate.Outcome}, {from} {raw} as {CsvExport.Format(candidate.Value) ?? "nothing"}";
    }

    private static Projection Stored(string header, Func<ProjectionBuilder, ProjectionBuilder>? more = null) =>
        Projection.Define("explained", p =>
        {
            p.Integer("employees", s => s.Result("two", "/n").Field("company.employees").Column("Nowhere"))
                .Integer("latest", s => s.Column(header).Result("two", "/size").Latest())
                .Integer("least", s => s.Field("company.employees").Column("N").Smallest())
                .TextList("all", s => s.Column("N").Result("two", "/size").All())
                .TextList("only", s => s.Column("N").All())
                .Integer("given", s => s.Column("Empty").Default(7))
                .Text("none", s => s.Result("three", "/x"))
                .Is("double", "employees * 2");
            more?.Invoke(p);
        });

    private async Task AnswerAgainAsync(Batch batch, string answer)
    {
        await ground.Store.RetryAsync(batch.Key, 3, [1], sameKey: false, default);
        await ground.AnswerAsync(batch, 3, last: true, _ => answer);
    }

    // The fourth stage was not reached.
    private async Task<Batch> ExplainedBatchAsync()
    {
        var upload = await ground.UploadAsync(
            "acme",
            ["N", "Raw", "Site", "Empty", "Also"],
            new() { ["company.domain"] = [3, 2], ["company.employees"] = [0] },
            [["67.0", "n/a", " raw.com ", " ", "67"], ["1", "", "", "", ""]]);
        var batch = await ground.LaunchAsync(
            upload, ("one", ["company.employees=/n"]), ("judge", ["company.domain=/none"]), ("two", []), ("three", []));
        await ground.AnswerAsync(batch, 1, last: false, _ => """{"n":"1,234","at":"2024-05-01","blank":" "}""");
        await ground.AnswerAsync(batch, 2, last: false, _ => "{}");
        await ground.AnswerAsync(batch, 3, last: true, _ => """{"n":"about 50","size":55,"at":"2024-05-02"}""");
        return batch;
    }

    private async Task<ExplainedRow> ExplainAsync(Projection projection, Batch batch, int item) =>
        (await ground.Store.ExplainAsync(projection, batch, item, ground.AsOf, default))!;

    private async Task<DateTimeOffset> StoredAtAsync(Batch batch, int item)
    {
        await foreach (var result in ground.Store.ReadResultsAsync(batch.Key, default))
        {
            if (result.Item == item && result.Stage == 1)
            {
                return result.CreatedAt;
            }
        }

        throw new InvalidOperationException("There is no result.");
    }
}
