using System.Globalization;
using Enrichment.Json;

namespace Enrichment.Consolidation.Tests;

/// <content>Names and cells that SQL may not take for its own, and how many there may be.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_table_that_is_not_the_projections_own_is_never_touched()
    {
        var batch = await Leads.RunAsync(ground, 3);
        await ground.RawAsync("create table {schema}.canary (x int)");
        await ground.RawAsync("insert into {schema}.canary values (42)");
        var greedy = Projection.Define("canary", p => p.Text("x", s => s.Column("Email")));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.ConsolidateAsync(greedy, batch.Key, default));

        Assert.Contains("'canary'", refused.Message, StringComparison.Ordinal);
        Assert.Equal(42, Convert.ToInt32(await ground.RawAsync("select x from {schema}.canary"), CultureInfo.InvariantCulture));
        await ground.Store.ConsolidateAsync(Leads.ByItem, batch.Key, default);
        await ground.Store.ConsolidateAsync(Parent("first"), batch.Key, default);
        Assert.Contains("another table has that name", refused.Message, StringComparison.Ordinal);
        Assert.Contains("the table of projection 'final_leads' has that name", await RefusalAsync(
            Projection.Define("thief", p => p.Table("final_leads").Text("x", s => s.Column("Email")))), StringComparison.Ordinal);
        Assert.Contains("a child table of projection 'first' has that name", await RefusalAsync(Parent("second")), StringComparison.Ordinal);

        async Task<string> RefusalAsync(Projection thief) =>
            (await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.ConsolidateAsync(thief, batch.Key, default))).Message;

        static Projection Parent(string name) => Projection.Define(name, p => p
            .Text("x", s => s.Column("Email"))
            .Children("jobs", c => c.Each(s => s.Column("Jobs")).Text("title", s => s.At("/title"))));
    }

    [Fact]
    public async Task Tables_and_columns_may_be_named_like_words_of_SQL()
    {
        var upload = await ground.UploadAsync("acme", ["Name"], new() { ["company.name"] = [0] }, [["Acme"]]);
        var batch = await ground.LaunchAsync(upload, ("a", ["a=/a"]));
        await ground.AnswerAsync(batch, 1, last: true, _ => """{"a":"b"}""");
        var projection = Projection.Define(
            "order",
            p =>
                p.Text("select", s => s.Field("company.name"))
                    .Text("from", s => s.Result("a", "/a"))
                    .Integer("table", s => s.Result("a", "/none")));

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(["Acme", "b", null], Assert.Single(await ground.RowsAsync(projection, "acme", batch.Id)));
    }

    [Fact]
    public async Task Hostile_headers_fields_steps_pointers_and_cells_are_only_data()
    {
        await ground.RawAsync("create table {schema}.canary (x int)");
        string[] hostile =
        [
            "'",
            "\"",
            "'; drop table canary; --",
            "\"; drop table canary; --",
            "@p0",
            "$1",
            "{0}",
            "{schema}",
            "\\",
            "/*",
            "--",
            "\u001f",
            "a\nb",
            "%s",
            "🙂",
            "select",
            " ",
            "x'y\"z`",
            ");drop table canary;",
        ];
        foreach (var (number, payload) in hostile.Index())
        {
            var json = System.Text.Json.JsonSerializer.Serialize(payload);
            var upload = await ground.UploadAsync("acme", [payload], new() { [payload] = [0] }, [[payload]]);
            var batch = await ground.LaunchAsync(upload, (payload, [$"{payload}=/a"]));
            await ground.AnswerAsync(batch, 1, last: true, _ => $$"""{"a":{{json}},{{json}}:{{json}}}""");
            var pointer = JsonPointer.ToProperty(payload).Text;
            var projection = Projection.Define($"hostile_{number}", p =>
            {
                p.Text("header", s => s.Column(payload)).Integer("number", s => s.Column(payload));
                if (payload != " ")
                {
                    p.Text("field", s => s.Field(payload)).Text("result", s => s.Result(payload, pointer)).TextList("list", s => s.Result(payload, pointer)).Date("day", s => s.Result(payload, pointer));
                }
            });

            await ground.Store.ConsolidateAsync(projection, batch.Key, default);

            var row = Assert.Single(await ground.RowsAsync(projection, "acme", batch.Id));
            Assert.Equal(payload == " " ? [null, null] : [payload, null, payload, payload, new[] { payload }, null], row);
        }

        Assert.Equal(0, Convert.ToInt32(await ground.RawAsync("select count(*) from {schema}.canary"), CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_widest_projection_holds_the_widest_row()
    {
        var upload = await ground.UploadAsync("acme", ["x"], NoMap, [[new string('é', 13)], [new string('x', 100_000)]]);
        var batch = await ground.LaunchAsync(upload, ("one", []));
        var projection = Projection.Define("wide", p =>
        {
            for (var column = 0; column < 250; column++)
            {
                p.Text(string.Create(CultureInfo.InvariantCulture, $"column_{column}"), s => s.Column("x").Field("a").Field("b").Column("x"));
            }
        });

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);

        Assert.Equal(2, (await ground.RowsAsync(projection)).Count);
    }
}
