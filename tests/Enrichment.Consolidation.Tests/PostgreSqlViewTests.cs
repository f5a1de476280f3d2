using System.Data;
using System.Globalization;
using System.Text.Json.Nodes;
using Enrichment.Consolidation.Changes;
using Npgsql;

namespace Enrichment.Consolidation.Tests;

/// <summary>What others have built on the view of a projection outlives its changes.</summary>
public sealed class PostgreSqlViewTests : IAsyncLifetime
{
    private static readonly Projection Narrow = Projection.Define("sites", p => p.Text("name", s => s.Column("Name")).Integer("n", s => s.Column("N")));

    private static readonly Projection Wide = Projection.Define("sites", p => p
        .Boolean("first", s => s.Column("N"))
        .Text("name", s => s.Column("Name"))
        .Integer("n", s => s.Column("N")));

    private static readonly Projection Widened = Projection.Define("sites", p => p.Text("name", s => s.Column("Name")).Number("n", s => s.Column("N")));

    private static readonly Projection Bare = Projection.Define("sites", p => p.Text("name", s => s.Column("Name")));

    private PostgreSqlGround ground = null!;
    private string reader = null!;

    public async Task InitializeAsync()
    {
        ground = await PostgreSqlGround.CreateAsync();
        reader = $"reader_{Guid.NewGuid():N}";
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["Name", "N"], [], [["a", "1"], ["b", "2"]]), ("one", []));
        await ground.Store.ConsolidateAsync(Narrow, batch.Key, default);
        await ground.RawAsync($"create role {reader}; grant select on enrichment.sites to {reader}");
    }

    public async Task DisposeAsync()
    {
        await ground.RawAsync($"drop owned by {reader}; drop role {reader}");
        await ground.DisposeAsync();
    }

    [Fact]
    public async Task The_planner_expects_nearly_all_rows_of_the_view()
    {
        await ground.RawAsync(
            """
            insert into enrichment.projection_1_v1 (bucket, client, batch, item, row_hash, row_origin, name)
            select t.bucket, t.client, t.batch, 1000 + g, g, t.row_origin, t.name from enrichment.projection_1_v1 t, generate_series(1, 1000) g where t.item = 1;
            analyze enrichment.projection_1_v1
            """);

        var plan = JsonNode.Parse((string)(await ground.RawAsync("explain (format json) select name from enrichment.sites"))!)!;

        Assert.InRange(plan[0]!["Plan"]!["Plan Rows"]!.GetValue<int>(), 900, 1002);
    }

    [Fact]
    public async Task The_planner_knows_a_table_when_a_large_batch_has_filled_it()
    {
        await FillAsync(items: 10_000, bytesOfItem: 1_000);

        Assert.Equal(10_002, await CountAsync("select reltuples from pg_class where relname = 'projection_1_v1'"));
    }

    [Fact]
    public async Task The_planner_knows_a_table_of_small_batches_before_it_becomes_live()
    {
        for (var batch = 0; batch < 5; batch++)
        {
            await FillAsync(items: 1_000, bytesOfItem: 1_900);
        }

        Assert.NotNull(await Of(Wide).ApplyAsync(hold: false, default));

        Assert.Equal(5_002, await CountAsync("select reltuples from pg_class where relname = 'projection_1_v2'"));
    }

    [Fact]
    public async Task Grants_and_dependent_views_outlive_an_added_column_and_the_way_back()
    {
        await ground.RawAsync("create view enrichment.report as select name, n from enrichment.sites");

        Assert.NotNull(await Of(Wide).ApplyAsync(hold: false, default));
        Assert.Equal("bucket,client,batch,item,row_hash,name,n,first", await ColumnsAsync());
        Assert.Equal(1, await CountAsync("select count(*) from enrichment.sites where first"));
        await IsReadableAsync();

        // A column of the newer version is null from now on: PostgreSQL takes no column from a view that another reads.
        await Of(Wide).RollBackAsync(null, default);
        Assert.Equal("bucket,client,batch,item,row_hash,name,n,first", await ColumnsAsync());
        Assert.Equal(0, await CountAsync("select count(first) from enrichment.sites"));
        Assert.Equal(3, await CountAsync("select sum(n) from enrichment.report"));
        await IsReadableAsync();
    }

    [Fact]
    public async Task A_change_that_would_take_a_column_from_a_dependent_view_is_refused_before_it_is_built()
    {
        await ground.RawAsync("create view enrichment.report as select name, n from enrichment.sites");

        foreach (var change in new[] { Bare, Widened })
        {
            var refused = await Assert.ThrowsAsync<EnrichmentException>(() => Of(change).ApplyAsync(hold: false, default));
            Assert.Contains("enrichment.report", refused.Message, StringComparison.Ordinal);
            Assert.Single(await Of(change).ListAsync(default));
        }

        // Nor does it become live by itself, although it surprises no reader of the rows.
        Assert.Empty(await ground.Store.FindToProjectAsync(Widened, default));
        Assert.Single(await Of(Widened).ListAsync(default));
    }

    [Fact]
    public async Task The_views_of_child_tables_follow_a_change_and_go_unless_another_view_depends_on_them()
    {
        var more = Projection.Define("sites", p => p.Text("name", s => s.Column("Name")).Integer("n", s => s.Column("N"))
            .Children("tags", c => c.Table("site_tags").Each(s => s.Column("Name")).Text("tag", s => s.At("/tag"))));
        Assert.NotNull(await Of(more).ApplyAsync(hold: false, default));
        Assert.Equal(0, await CountAsync("select count(*) from enrichment.site_tags"));
        await ground.RawAsync("create view enrichment.report as select tag from enrichment.site_tags");

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => Of(Bare).ApplyAsync(hold: false, default));
        Assert.Contains("enrichment.report", refused.Message, StringComparison.Ordinal);
        await ground.RawAsync("drop view enrichment.report");
        Assert.NotNull(await Of(Bare).ApplyAsync(hold: false, default));

        Assert.Equal(0, await CountAsync("select count(*) from pg_class where relname = 'site_tags'"));
        await Of(Bare).RollBackAsync(null, default);
        Assert.Equal(0, await CountAsync("select count(*) from enrichment.site_tags"));
    }

    [Fact]
    public async Task Grants_are_those_of_before_when_a_column_goes_and_the_view_is_made_anew()
    {
        await ground.RawAsync($"grant update (name) on enrichment.sites to {reader}");

        Assert.NotNull(await Of(Bare).ApplyAsync(hold: false, default));

        Assert.Equal("bucket,client,batch,item,row_hash,name", await ColumnsAsync());
        await IsReadableAsync();
        Assert.Equal(1, await CountAsync($"select has_column_privilege('{reader}', 'enrichment.sites', 'name', 'update')::int"));
        Assert.Equal(0, await CountAsync($"select has_table_privilege('{reader}', 'enrichment.sites', 'delete')::int"));

        await Of(Bare).RollBackAsync(null, default);
        Assert.Equal("bucket,client,batch,item,row_hash,name,n", await ColumnsAsync());
        await IsReadableAsync();
    }

    [Fact]
    public async Task A_snapshot_older_than_the_version_is_refused_instead_of_showing_a_part()
    {
        await using var source = ground.Open();
        await using var connection = await source.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            await using var command = new NpgsqlCommand("select count(*) from enrichment.projection_versions", connection, transaction);
            await command.ExecuteScalarAsync();
            Assert.NotNull(await Of(Bare).ApplyAsync(hold: false, default));

            command.CommandText = "select count(*) from enrichment.sites";
            var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync());

            Assert.Equal(PostgresErrorCodes.SerializationFailure, refused.SqlState);
            Assert.Contains("Begin the transaction anew", refused.Hint, StringComparison.Ordinal);
        }

        await using var anew = new NpgsqlCommand("select count(*) from enrichment.sites", connection);
        Assert.Equal(2L, await anew.ExecuteScalarAsync());
    }

    [Fact]
    public async Task The_object_of_another_program_in_the_views_place_is_not_touched()
    {
        await ground.RawAsync("drop view enrichment.sites; create view enrichment.sites as select 1 as mine");

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => Of(Wide).ApplyAsync(hold: false, default));

        Assert.Contains("something else in its place", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("select mine from enrichment.sites"));
        await ground.RawAsync("drop view enrichment.sites; create table enrichment.sites (x int)");
        await Assert.ThrowsAsync<EnrichmentException>(() => Of(Wide).ApplyAsync(hold: false, default));
        await ground.RawAsync("drop table enrichment.sites");
        Assert.NotNull(await Of(Wide).ApplyAsync(hold: false, default));
    }

    private async Task FillAsync(int items, int bytesOfItem)
    {
        string?[][] rows = [.. Enumerable.Range(1, items).Select(n => new string?[] { new('x', bytesOfItem), $"{n}" })];
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["Name", "N"], [], rows), ("one", []));
        await ground.Store.ConsolidateAsync(Narrow, batch.Key, default);
    }

    private VersionOperations Of(Projection projection) => new(ground.Store, projection);

    private async Task IsReadableAsync() =>
        Assert.Equal(1, await CountAsync($"select has_table_privilege('{reader}', 'enrichment.sites', 'select')::int"));

    private async Task<string> ColumnsAsync() => (string)(await ground.RawAsync(
        "select string_agg(column_name, ',' order by ordinal_position) from information_schema.columns where table_schema = 'enrichment' and table_name = 'sites'"))!;

    private async Task<int> CountAsync(string sql) => Convert.ToInt32(await ground.RawAsync(sql), CultureInfo.InvariantCulture);
}
