using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation.Tests;

/// <summary>What consolidation promises on every store.</summary>
public abstract partial class ConsolidationClaims : IAsyncLifetime
{
    private static readonly Dictionary<string, int[]> NoMap = [];

    private Ground ground = null!;

    protected abstract Task<Ground> CreateAsync();

    public async Task InitializeAsync() => ground = await CreateAsync();

    public async Task DisposeAsync() => await ground.DisposeAsync();

    [Fact]
    public async Task Every_vector_of_casts_holds()
    {
        var vectors = CastVector.All;
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["n"], NoMap, [.. vectors.Select(_ => new[] { "" })]),
            ("test.step", []));
        await ground.AnswerAsync(batch, 1, last: true, item => $$"""{"value":{{vectors[item - 1].In}}}""");
        var projection = AllTypes(source => source.Result("test.step", "/value"));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        var rows = await ground.RowsAsync(projection);
        var bad = (await ground.IssuesAsync(projection)).Select(issue => (issue.Item, issue.Column)).ToHashSet();
        string[] faults =
        [
            .. vectors
                .Select(
                    (vector, index) =>
                    {
                        var column = vector.Type.Word() + "_column";
                        var cell = rows[index][(int)vector.Type - 1];
                        var found =
                            cell is not null ? $"value {CsvExport.Format(cell)}"
                            : bad.Contains((index + 1, column)) ? "bad"
                            : "none";
                        return found == CastTests.Expected(vector)
                            ? null
                            : $"{vector.Type} of {vector.In}: {found} instead of {CastTests.Expected(vector)}";
                    })
                .OfType<string>(),
        ];
        Assert.Empty(faults);
    }

    [Fact]
    public async Task The_doctor_finds_a_table_that_is_not_what_a_rebuild_makes_of_it_and_leaves_it_as_it_is()
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync(
                "acme",
                ["Site"],
                NoMap,
                [
                    ["a.com"],
                    ["b.com"],
                ]),
            ("one", ["company.domain"]));
        var projection = Projection.Define("examined", p => p.Text("site", s => s.Column("Site")));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        await ground.AnswerAsync(batch, 1, last: true, _ => "{}");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        await ground.RawAsync("update {schema}.projection_1_v1 set site = 'x.com' where item = 2");

        var finding = Assert.Single(await ground.Store.ExamineAsync(projection, default));
        Assert.Equal(7, finding.Invariant);
        Assert.Equal([["a.com"], ["x.com"]], await ground.RowsAsync(projection));
    }

    [Fact]
    public async Task A_pipeline_of_many_stages_has_its_table()
    {
        const short Stages = 50;
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["n"], NoMap, [["1"], ["2"]]),
            [.. Enumerable.Range(1, Stages).Select(stage => ($"step{stage}", new[] { "company.name", $"company.f{stage}" }))]);
        for (short stage = 1; stage <= Stages; stage++)
        {
            var number = stage;
            await ground.AnswerAsync(
                batch,
                stage,
                last: stage == Stages,
                item => number > 40 && item == 2 ? null : $$"""{"company.name":"{{number}}","company.f{{number}}":{{item}}}""");
        }

        var projection = Projection.Define("many_stages", p =>
        {
            p.Text("name", s => s.Field("company.name"));
            for (var stage = 1; stage <= Stages; stage++)
            {
                var field = $"company.f{stage}";
                p.Integer($"f{stage}", s => s.Field(field));
            }
        });

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [
                ["50", .. Enumerable.Repeat<object?>(1L, Stages)],
                ["40", .. Enumerable.Range(1, Stages).Select(stage => stage > 40 ? null : (object?)2L)],
            ],
            await ground.RowsAsync(projection));
    }

    [Fact]
    public async Task The_first_source_with_a_value_serves_and_of_stages_the_latest()
    {
        var upload = await ground.UploadAsync(
            "acme",
            ["Site", "Web", "Site"],
            new() { ["company.domain"] = [0, 1] },
            [
                ["raw.com", "x", "y"],
                [" ", "web.com", "y"],
                ["raw.com", "x", "y"],
                ["raw.com", null, "y"],
            ]);
        var batch = await ground.LaunchAsync(upload, ("one", ["company.domain"]), ("two", ["company.domain=/found/domain"]));
        string?[] first = ["""{"company.domain":"one.com"}""", null, """{"company.domain":"one.com"}""", "{}"];
        string?[] second =
        [
            """{"found":{"domain":"two.com"}}""",
            """{"found":null}""",
            """{"found":{"domain":null}}""",
            """{"found":{"domain":" "}}""",
        ];
        await ground.AnswerAsync(batch, 1, last: false, item => first[item - 1]);
        await ground.AnswerAsync(batch, 2, last: true, item => second[item - 1]);
        var projection = Projection.Define("sites", p => p
            .Text("domain", s => s.Field("company.domain"))
            .Text("or_header", s => s.Field("company.domain").Column("Site"))
            .Text("by_step", s => s.Result("two", "/found/domain").Result("one", "/company.domain"))
            .Text("header", s => s.Column("Site")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(
            [
                ["two.com", "two.com", "two.com", "raw.com"],
                ["web.com", "web.com", null, null],
                ["one.com", "one.com", "one.com", "raw.com"],
                [null, "raw.com", null, "raw.com"], // a blank answer is an answer of the field, but no value of the column
            ],
            await ground.RowsAsync(projection));
    }

    [Fact]
    public async Task A_batch_has_one_row_an_item_whatever_became_of_it_and_a_bad_cell_is_an_issue()
    {
        var batch = await Leads.RunAsync(ground, 40);

        var report = await ground.Store.ConsolidateAsync(Leads.ByItem, batch.Key, default);

        var rows = await ground.RowsAsync(Leads.ByItem);
        Assert.Equal((40, 40L, true), (rows.Count, report.Rows, report.Rebuilt));
        Assert.Equal(
            [
                "p2@acme.com",
                "Acmé \"2\", Inc.",
                2L,
                0.25m,
                true,
                new DateOnly(2023, 2, 28),
                DateTimeOffset.Parse("2024-05-06T05:08:09.123456Z", CultureInfo.InvariantCulture),
                new[] { "b2b", "2" },
                """{"employee_count":2,"score":0.25,"tags":["b2b","2"]}""",
                null,
                null,
            ],
            rows[1]);
        var issues = await ground.IssuesAsync(Leads.ByItem);
        Assert.Equal(
            report.Issues,
            issues
                .GroupBy(issue => issue.Column)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => (long)group.Count()));
        Assert.Equal(13L, report.Issues["founded"]);
        Assert.Contains(new(batch.Id, 1, "employee_count", "field company.employee_count", "cast", "about 50"), issues);
        Assert.Contains(new(batch.Id, 3, "founded", "column Founded", "cast", "2023-02-30"), issues);
    }

    [Fact]
    public async Task Consolidated_again_rebuilt_or_begun_anew_the_export_is_the_same()
    {
        var batches = new[]
        {
            await Leads.RunAsync(ground, 1500),
            await Leads.RunAsync(ground, 30, first: 650),
            await Leads.RunAsync(ground, 800, first: 300),
        };
        foreach (var projection in new[] { Leads.ByItem, Leads.ByEmail })
        {
            foreach (var batch in batches)
            {
                await ground.Store.ConsolidateAsync(projection, batch.Key, default);
            }

            var once = (await ground.Sha256Async(projection), await ground.IssuesAsync(projection));
            foreach (var batch in new[] { batches[1], batches[0], batches[0], batches[2] })
            {
                Assert.False((await ground.Store.ConsolidateAsync(projection, batch.Key, default)).Rebuilt);
                Assert.Equal(once.Item1, await ground.Sha256Async(projection));
            }

            Assert.True((await ground.Store.RebuildAsync(projection, default)).Rebuilt);
            Assert.Equal(once.Item1, await ground.Sha256Async(projection));
            Assert.Equal(once.Item2, await ground.IssuesAsync(projection));

            await ground.RawAsync($"drop view {{schema}}.{projection.Table}");
            await ground.Store.RebuildAsync(projection, default);
            Assert.Equal(once.Item1, await ground.Sha256Async(projection));
        }
    }

    [Fact]
    public async Task A_result_is_read_only_through_the_states_reference()
    {
        var upload = await ground.UploadAsync("acme", ["x"], NoMap, [["1"]]);
        var batch = await ground.LaunchAsync(upload, ("one", ["v"]));
        var projection = Projection.Define("answers", p => p.Text("v", s => s.Field("v")));
        const string Orphan =
            "insert into {schema}.enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at) select bucket, batch, 1, item, 77, 1, '{\"v\":\"orphan\"}', due_at from {schema}.workflow_states";
        await ground.RawAsync(Orphan);
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        Assert.Equal([[null]], await ground.RowsAsync(projection));

        await ground.AnswerAsync(batch, 1, last: true, _ => """{"v":"mine"}""");
        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal([["mine"]], await ground.RowsAsync(projection));
    }

    [Fact]
    public async Task Two_clients_share_a_table_and_nothing_in_it()
    {
        var ours = await Leads.RunAsync(ground, 50);
        var theirs = await Leads.RunAsync(ground, 20, client: "other");
        foreach (var projection in new[] { Leads.ByItem, Leads.ByEmail })
        {
            await ground.Store.ConsolidateAsync(projection, ours.Key, default);
            var before = await ground.Sha256Async(projection);

            await ground.Store.ConsolidateAsync(projection, theirs.Key, default);

            Assert.Equal(before, await ground.Sha256Async(projection));
            Assert.NotEqual(before, await ground.Sha256Async(projection, "other"));
            Assert.Empty(await ground.RowsAsync(projection, "other", ours.Id));
            Assert.Empty(await ground.RowsAsync(projection, "nobody"));
            Assert.All(await ground.IssuesAsync(projection, "other"), issue => Assert.Equal(theirs.Id, issue.Batch));
        }
    }

    [Fact]
    public async Task Two_at_once_give_the_content_of_one()
    {
        var batch = await Leads.RunAsync(ground, 400);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(turn => Task.Run(() => turn % 2 == 0
            ? ground.Store.ConsolidateAsync(Leads.ByEmail, batch.Key, default)
            : ground.Store.RebuildAsync(Leads.ByEmail, default))));
        var after = await ground.Sha256Async(Leads.ByEmail);

        await ground.Store.RebuildAsync(Leads.ByEmail, default);

        Assert.Equal(after, await ground.Sha256Async(Leads.ByEmail));
        Assert.NotEmpty(await ground.RowsAsync(Leads.ByEmail));
    }

    [Fact]
    public async Task A_failure_half_way_leaves_the_old_table()
    {
        var batches = new[] { await Leads.RunAsync(ground, 10), await Leads.RunAsync(ground, 10) };
        await ground.Store.ConsolidateAsync(Leads.ByItem, batches[0].Key, default);
        var before = await ground.Sha256Async(Leads.ByItem);
        await ground.RawAsync($"update {{schema}}.batches set snapshot = '{{}}' where batch = {batches[1].Key}");

        await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.ConsolidateAsync(Leads.ByItem, batches[1].Key, default));
        Assert.Equal(before, await ground.Sha256Async(Leads.ByItem));
    }

    private static Projection AllTypes(Action<SourceBuilder> source) =>
        Projection.Define(
            "every_type",
            p =>
                p.Text("text_column", source)
                    .Integer("integer_column", source)
                    .Number("number_column", source)
                    .Boolean("boolean_column", source)
                    .Date("date_column", source)
                    .Timestamp("timestamp_column", source)
                    .TextList("text_list_column", source)
                    .Json("json_column", source));
}
