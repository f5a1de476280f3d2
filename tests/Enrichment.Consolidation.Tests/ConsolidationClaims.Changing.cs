using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Filling;

namespace Enrichment.Consolidation.Tests;

/// <content>A definition changes: the registry says which version is live, and a new one is built beside it.</content>
public abstract partial class ConsolidationClaims
{
    private static readonly Projection One = Sites(p => p);

    // Compatible with the first: a column more.
    private static readonly Projection Two = Sites(p => p.Integer("size", s => s.Result("two", "/size")));

    // Not compatible: a column less.
    private static readonly Projection Bare = Projection.Define("sites", p => p.Text("name", s => s.Field("name")));

    [Fact]
    public async Task A_compatible_definition_is_built_beside_and_becomes_live_by_itself()
    {
        var batches = new[] { await EndedAsync(30, Size), await EndedAsync(20, Size) };
        await ground.Store.ConsolidateAsync(One, batches[0].Key, default);

        // Also of a batch that no host has consolidated.
        var report = await ground.Store.ConsolidateAsync(Two, batches[0].Key, default);

        Assert.Equal((true, 2, 50L), (report.Rebuilt, report.Batches, report.Rows));
        Assert.Equal(["n1", "1", 1L], (await ground.RowsAsync(Two))[0]);
        Assert.Equal(["kept", "live"], await StatusesAsync(Two));
        Assert.Empty(await ground.Store.ExamineAsync(Two, default));
        Assert.Equal(50, Convert.ToInt32(await ground.RawAsync("select count(size) from {schema}.sites"), Culture));
    }

    [Fact]
    public async Task An_incompatible_definition_waits_while_its_predecessor_is_filled()
    {
        var old = await EndedAsync(30, Size);
        await ground.Store.ConsolidateAsync(One, old.Key, default);
        var young = await EndedAsync(20, Size);

        var report = await ground.Store.ConsolidateAsync(Bare, young.Key, default);

        Assert.Contains("waits to be applied", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal(50, (await ground.RowsAsync(One)).Count);
        Assert.Equal(One.Hash.ToArray(), (await ground.Store.FindLiveAsync(Bare, default))!.Hash.ToArray());
        await Assert.ThrowsAsync<EnrichmentException>(() => ground.RowsAsync(Bare));

        var diff = await Of(Bare).ApplyAsync(hold: false, default);

        Assert.Equal((1, 2, true), (diff!.From, diff.To, diff.IsLive));
        Assert.Equal((50L, 50L, 0L, 0L), (diff.RowsBefore, diff.RowsAfter, diff.Gained, diff.Lost));
        Assert.Equal([["n1"]], (await ground.RowsAsync(Bare)).Take(1));
        Assert.Null(await Of(Bare).ApplyAsync(hold: false, default));
    }

    [Fact]
    public async Task The_comparison_counts_cells_and_rows_and_takes_nulls_for_values()
    {
        var batch = await EndedAsync(10, item => item switch { 1 => """{"size":5}""", 2 => null, _ => Size(item) });
        var sizes = Projection.Define("sites", p => p.Integer("size", s => s.Result("two", "/size")).Text("name", s => s.Field("name")));
        var other = Projection.Define("sites", p => p
            .Integer("size", s => s.Column("Size"))
            .Text("name", s => s.Field("name"))
            .Json("raw", s => s.Result("two", "")));
        await ground.Store.ConsolidateAsync(sizes, batch.Key, default);

        var diff = await Of(other).ApplyAsync(hold: true, default);

        Assert.Equal((10L, 10L, 0L, 0L, false), (diff!.RowsBefore, diff.RowsAfter, diff.Gained, diff.Lost, diff.IsLive));
        Assert.Equal([KeyValuePair.Create("size", 2L)], diff.Columns);
        Assert.Equal(
            [new(batch.Id, 1, "size", "5", "1"), new(batch.Id, 2, "size", null, "2")],
            diff.Examples.OrderBy(cell => cell.Item));

        // It waits, and is filled like the live one, until an operator says otherwise.
        Assert.True((await Of(other).ListAsync(default))[1].IsHeld);
        var young = await EndedAsync(4, Size);
        Assert.Equal((14L, 4L, 0L), await CompareAsync());
        await ground.Store.ConsolidateAsync(sizes, young.Key, default);
        Assert.Equal(["live", "building"], await StatusesAsync(other));

        // A batch that one of them does not show yet has rows of the other alone.
        await ground.RawAsync($"update {{schema}}.projection_batches set noted = null where version = 1 and batch = {young.Key} returning 1");
        Assert.Equal((14L, 4L, 0L), await CompareAsync());
        await ground.RawAsync($"update {{schema}}.projection_batches set noted = 1 where version = 1 and batch = {young.Key} returning 1");
        Assert.Equal((14L, 0L, 0L), await CompareAsync());
        Assert.Equal(14, (await Of(other).ApplyAsync(hold: false, default))!.RowsAfter);
        Assert.Equal(14, (await ground.RowsAsync(other)).Count);
        Assert.Empty(await ground.Store.ExamineAsync(other, default));

        async Task<(long Rows, long? Gained, long? Lost)> CompareAsync()
        {
            var again = (await Of(other).ApplyAsync(hold: true, default))!;
            return (again.RowsAfter, again.Gained, again.Lost);
        }
    }

    [Fact]
    public async Task A_batch_that_ends_during_a_build_is_in_both_tables()
    {
        await ground.Store.ConsolidateAsync(One, (await EndedAsync(30, Size)).Key, default);
        await Of(Bare).ApplyAsync(hold: true, default);

        await ground.Store.ConsolidateAsync(One, (await EndedAsync(20, Size)).Key, default);

        Assert.Equal(50, (await ground.RowsAsync(One)).Count);
        Assert.Equal(50, Convert.ToInt32(await ground.RawAsync("select count(*) from {schema}.projection_1_v2"), Culture));
    }

    [Fact]
    public async Task A_rollback_shows_the_old_table_at_once_and_no_host_undoes_it()
    {
        var old = await EndedAsync(30, Size);
        await ground.Store.ConsolidateAsync(One, old.Key, default);
        await ground.Store.ConsolidateAsync(Two, old.Key, default);
        var young = await EndedAsync(20, Size);
        await ground.Store.ConsolidateAsync(Two, young.Key, default);

        Assert.Equal(1, (await Of(Two).RollBackAsync(null, default)).To);

        // What ended since is done like any other batch.
        Assert.Equal(30, (await ground.RowsAsync(One)).Count);
        Assert.Equal([young.Key], await ground.Store.FindToProjectAsync(Two, default));
        foreach (var host in new[] { Two, One, Two })
        {
            await ground.Store.ConsolidateAsync(host, young.Key, default);
            Assert.Equal(["live", "kept"], await StatusesAsync(host));
        }

        Assert.Equal(50, (await ground.RowsAsync(One)).Count);
        Assert.Equal(2, (await Of(One).RollBackAsync(null, default)).To);
        Assert.Equal(50, (await ground.RowsAsync(Two)).Count);
    }

    [Fact]
    public async Task A_rollback_goes_to_the_version_that_is_named()
    {
        var batch = await EndedAsync(30, Size);
        await ground.Store.ConsolidateAsync(One, batch.Key, default);
        await ground.Store.ConsolidateAsync(Two, batch.Key, default);
        await Of(Bare).ApplyAsync(hold: false, default);

        Assert.Equal(1, (await Of(Two).RollBackAsync(1, default)).To);
        Assert.Equal(["live", "kept", "kept"], await StatusesAsync(Two));
        Assert.Equal("Version 1 of projection 'sites' is live already. Versions whose tables are kept: 2, 3.", await RefusedAsync(1));
        Assert.Equal("Projection 'sites' has no version 7. Versions whose tables are kept: 2, 3.", await RefusedAsync(7));
        await ground.RawAsync("drop table {schema}.projection_1_v2");
        Assert.Equal(
            "Projection 'sites' cannot go back to version 2: another program has dropped its table 'projection_1_v2'. Apply its definition to have it made anew.",
            await RefusedAsync(2));
        await new VersionSweep(ground.Store).DropAsync("sites", 2, default);
        Assert.Equal(
            "Projection 'sites' cannot go back to version 2: its table was dropped. Apply its definition to have it made anew. Versions whose tables are kept: 3.",
            await RefusedAsync(2));
        Assert.Equal(3, (await Of(One).RollBackAsync(3, default)).To);
        Assert.Equal([["n1"]], (await ground.RowsAsync(Bare)).Take(1));
        await Of(Two).ApplyAsync(hold: true, default);
        Assert.Equal("Version 4 of projection 'sites' was never live: apply its definition. Versions whose tables are kept: 1.", await RefusedAsync(4));

        async Task<string> RefusedAsync(int version) =>
            (await Assert.ThrowsAsync<EnrichmentException>(() => Of(One).RollBackAsync(version, default))).Message;
    }

    [Fact]
    public async Task A_rollback_to_another_key_is_refused_if_rows_of_pruned_batches_would_be_left_behind()
    {
        var keyed = Projection.Define("sites", p => p.Key("name").Text("name", s => s.Field("name")));
        var old = await EndedAsync(30, Size);
        await ground.Store.ConsolidateAsync(One, old.Key, default);
        await Of(keyed).ApplyAsync(hold: false, default);
        var young = await EndedAsync(20, Size);
        await ground.Store.ConsolidateAsync(keyed, young.Key, default);

        // What both tables have stays in both.
        await PruneAsync(old);
        Assert.Equal(1, (await Of(keyed).RollBackAsync(null, default)).To);
        Assert.Equal(30, (await ground.RowsAsync(One)).Count);
        Assert.Equal(2, (await Of(keyed).RollBackAsync(null, default)).To);

        await PruneAsync(young);
        Assert.Equal(
            "Projection 'sites' cannot go back to version 1, which has another key: 1 of its batches were pruned since, and only the table by the key of version 2 has their rows. "
            + "Give the definition of the older version another name and table; this one stays as it is.",
            (await Assert.ThrowsAsync<EnrichmentException>(() => Of(keyed).RollBackAsync(1, default))).Message);
        Assert.Equal(["kept", "live"], await StatusesAsync(keyed));
        Assert.Equal(30, (await ground.RowsAsync(keyed)).Count);
        Assert.Empty(await ground.Store.ExamineAsync(keyed, default));
    }

    [Fact]
    public async Task A_host_of_the_older_definition_fills_the_newer_one()
    {
        var old = await EndedAsync(30, Size);
        await ground.Store.ConsolidateAsync(One, old.Key, default);
        await ground.Store.ConsolidateAsync(Two, old.Key, default);
        var young = await EndedAsync(20, Size);

        var report = await ground.Store.ConsolidateAsync(One, young.Key, default);

        Assert.Contains("was version 1 and was replaced", Assert.Single(report.Warnings), StringComparison.Ordinal);
        Assert.Equal(["kept", "live"], await StatusesAsync(One));
        Assert.Equal(["n20", "20", 20L], (await ground.RowsAsync(Two))[^1]);
        Assert.Empty(await ground.Store.ExamineAsync(One, default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_of_pruned_batches_are_carried_over_and_back(bool keyed)
    {
        var first = keyed ? Leads.ByEmail : Leads.ByItem;
        var (old, young) = (await Leads.RunAsync(ground, 900), await Leads.RunAsync(ground, 200, first: 400));
        await ground.Store.ConsolidateAsync(first, old.Key, default);
        await ground.Store.ConsolidateAsync(first, young.Key, default);
        var before = (await ground.Sha256Async(first), await ground.IssuesAsync(first));
        await PruneAsync(old);
        var second = Projection.Parse(System.Text.Encoding.UTF8.GetString(first.Definition.Span).Replace(
            "\"columns\":[",
            "\"columns\":[{\"name\":\"more\",\"type\":\"text\",\"sources\":[{\"field\":\"person.email\"}]},",
            StringComparison.Ordinal));

        var diff = await Of(second).ApplyAsync(hold: false, default);

        Assert.Equal((1, 0L, 0L), (diff!.CarriedBatches, diff.Gained, diff.Lost));
        Assert.Empty(diff.Columns);
        var rows = await ground.RowsAsync(second);
        Assert.Contains(rows, row => row[0] is not null);
        Assert.Contains(rows, row => row[0] is null);
        Assert.Empty(await ground.Store.ExamineAsync(second, default));
        Assert.Equal(before.Item2, await ground.IssuesAsync(second));
        await Of(second).RollBackAsync(null, default);
        Assert.Equal(before.Item1, await ground.Sha256Async(first));
    }

    [Fact]
    public async Task Rows_of_pruned_batches_are_not_lost_to_another_key()
    {
        var batch = await Leads.RunAsync(ground, 10);
        await ground.Store.ConsolidateAsync(Leads.ByItem, batch.Key, default);
        await PruneAsync(batch);
        var keyed = Projection.Define("final_leads", p => p.Key("email").Text("email", s => s.Field("person.email")));

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => Of(keyed).ApplyAsync(hold: false, default));

        Assert.Contains("1 of its batches were pruned", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["live"], await StatusesAsync(keyed));
        Assert.Equal(10, (await ground.RowsAsync(Leads.ByItem)).Count);
    }

    [Fact]
    public async Task A_replaced_table_is_dropped_when_its_time_has_come()
    {
        var batch = await EndedAsync(30, item => item % 2 == 0 ? """{"size":"many"}""" : Size(item));
        await ground.Store.ConsolidateAsync(Two, batch.Key, default);
        await Of(Bare).ApplyAsync(hold: false, default);

        await new VersionSweep(ground.Store).RunAsync(TimeSpan.FromDays(1), default);
        Assert.Equal(["kept", "live"], await StatusesAsync(Bare));
        await ground.RawAsync("update {schema}.projection_versions set changed_at = " + ground.DaysAgo(2));
        await new VersionSweep(ground.Store).RunAsync(TimeSpan.FromDays(1), default);

        Assert.Equal(["dropped", "live"], await StatusesAsync(Bare));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => ground.RawAsync("select 1 from {schema}.projection_1_v1"));
        Assert.Equal(0, Convert.ToInt32(await ground.RawAsync("select count(*) from {schema}.projection_issues"), Culture));
        await Assert.ThrowsAsync<EnrichmentException>(() => Of(Bare).RollBackAsync(null, default));

        // It is still known: only an operator applies it again.
        await ground.Store.ConsolidateAsync(Two, batch.Key, default);
        Assert.Equal(["dropped", "live"], await StatusesAsync(Bare));
        Assert.Equal(3, (await Of(Two).ApplyAsync(hold: false, default))!.To);
    }

    [Fact]
    public async Task Another_key_folds_the_rows_anew()
    {
        var batch = await EndedAsync(30, Size);
        await ground.Store.ConsolidateAsync(One, batch.Key, default);
        var keyed = Projection.Define("sites", p => p.Key("last").Text("last", s => s.Column("Size")).Text("name", s => s.Field("name")));

        var diff = await Of(keyed).ApplyAsync(hold: false, default);

        Assert.Equal((30L, 30L, null), (diff!.RowsBefore, diff.RowsAfter, diff.Gained));
        Assert.Equal(30, (await ground.RowsAsync(keyed)).Count);
    }

    [Fact]
    public async Task The_comparison_shows_values_as_reading_does_and_equal_ones_do_not_differ()
    {
        var batch = await ComputedBatchAsync();
        var first = Shown(["1-50", "51-200", "201+"], [50, 200, 1000], p => p
            .Integer("wide", s => s.Column("Employees"))
            .Text("plain", s => s.Column("Employees"))
            .PartialDate("started", s => s.Column("Started"))
            .Is("is_large", "employees > 100"));
        var second = Shown(["none", "1-50", "51-200", "201+"], [0, 50, 200, 1000], p => p
            .Number("wide", s => s.Column("Employees"))
            .Number("plain", s => s.Column("Employees"))
            .PartialDate("started", s => s.Column("None"))
            .Is("is_large", "employees > 500"));
        await ground.Store.ConsolidateAsync(first, batch.Key, default);

        var diff = await Of(second).ApplyAsync(hold: true, default);

        Assert.Equal([new("started", 3), new("is_large", 1), new("size", 1)], diff!.Columns);
        Assert.Equal(
            [
                new(batch.Id, 1, "is_large", "true", "false"),
                new(batch.Id, 2, "size", "1-50", "none"),
            ],
            diff.Examples.Where(cell => cell.Column != "started").OrderBy(cell => cell.Item));
        Assert.All(
            diff.Examples.Where(cell => cell.Column == "started"),
            cell => Assert.Equal((cell.Item switch { 1 => "2026-06", 2 => "2026", _ => "2026-05-30" }, null), (cell.Before, cell.After)));

        static Projection Shown(string[] labels, decimal[] bounds, Func<ProjectionBuilder, ProjectionBuilder> more) => Projection.Define(
            "shown",
            p => more(p
                .Buckets("size", labels, new Dictionary<string, string>(), [.. labels.Zip(bounds, (label, most) => (most, label))])
                .Integer("employees", s => s.Column("Employees")))
                .Is("size", "bucket('size', employees)"));
    }

    private static readonly System.Globalization.CultureInfo Culture = System.Globalization.CultureInfo.InvariantCulture;

    private static string Size(int item) => $$"""{"size":{{item}}}""";

    private static Projection Sites(Func<ProjectionBuilder, ProjectionBuilder> more) => Projection.Define(
        "sites",
        p => more(p.Text("name", s => s.Field("name")).Text("number", s => s.Column("Size"))));

    private VersionOperations Of(Projection projection) => new(ground.Store, projection);

    private async Task<List<string>> StatusesAsync(Projection projection) =>
        [.. (await Of(projection).ListAsync(default)).Select(version => version.Status)];
}
