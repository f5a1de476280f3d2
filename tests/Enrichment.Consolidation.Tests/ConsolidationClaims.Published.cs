using Enrichment.Consolidation.Changes;

namespace Enrichment.Consolidation.Tests;

/// <content>Another program drops a view or a table.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_missing_view_is_found_by_every_host_and_put_back()
    {
        var batch = await PublishedAsync();
        Assert.Empty(await ground.Store.ExamineAsync(People.Name, default));
        await ground.RawAsync("drop view {schema}.people_now");
        await ground.RawAsync("drop view {schema}.person_work_history");

        foreach (var findings in new[]
            {
                await ground.Store.ExamineAsync(People.Name, default),
                await ground.Store.ExamineAsync(People, default),
            })
        {
            Assert.Equal(
                [
                    "the view 'people_now' of projection 'people_now' is missing: 'enrich projection apply people_now' puts it back",
                    "the view 'person_work_history' of projection 'people_now' is missing: 'enrich projection apply people_now' puts it back",
                ],
                findings.Select(finding => finding.Detail));
        }

        await ground.Store.ConsolidateAsync(People, batch.Key, default);
        Assert.Empty(await ground.Store.ExamineAsync(People, default));
        await ground.RawAsync("drop view {schema}.people_now");
        var operations = new VersionOperations(ground.Store, People);
        Assert.Null(await operations.ApplyAsync(false, default));
        Assert.Equal(["people_now"], operations.Restored);
        Assert.Empty(await ground.Store.ExamineAsync(People, default));
        Assert.Equal("Ann", await ground.RawAsync("select name from {schema}.people_now"));

        await ground.RawAsync("drop view {schema}.people_now");
        await ground.RawAsync("create table {schema}.people_now (mine int)");
        Assert.Contains(
            "'people_now' is not the view of projection 'people_now'",
            Assert.Single(await ground.Store.ExamineAsync(People.Name, default)).Detail,
            StringComparison.Ordinal);
        await ground.Store.ConsolidateAsync(People, batch.Key, default);
        Assert.Single(await ground.Store.ExamineAsync(People, default));
    }

    [Theory]
    [InlineData("projection_1_v1")]
    [InlineData("projection_1_v1_c0")]
    public async Task A_missing_table_is_found_and_named_to_readers_and_a_rebuild_makes_it_again(string table)
    {
        var batch = await PublishedAsync();
        await ground.RawAsync("drop view {schema}.people_now");
        await ground.RawAsync("drop view {schema}.person_work_history");
        await ground.RawAsync($$"""drop table {schema}.{{table}}""");
        var told = $"able '{table}' of version 1 of projection 'people_now' is missing: "
            + "'enrich consolidate BATCH --projection people_now --rebuild' makes it again";

        Assert.Equal($"the t{told}", Assert.Single(await ground.Store.ExamineAsync(People.Name, default)).Detail);
        Assert.Equal($"the t{told}", Assert.Single(await ground.Store.ExamineAsync(People, default)).Detail);
        var faults = new[]
        {
            await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.ConsolidateAsync(People, batch.Key, default)),
            await Assert.ThrowsAsync<EnrichmentException>(() => new VersionOperations(ground.Store, People).ApplyAsync(false, default)),
            await Assert.ThrowsAsync<EnrichmentException>(async () =>
            {
                await ground.ChildrenAsync(People, "work_history");
                await ground.RowsAsync(People);
            }),
        };
        Assert.All(faults, fault => Assert.Equal($"The t{told}.", fault.Message));

        await ground.Store.RebuildAsync(People, default);
        Assert.Empty(await ground.Store.ExamineAsync(People, default));
        Assert.Single(await ground.RowsAsync(People));
        Assert.Single(await ground.ChildrenAsync(People, "work_history"));
        Assert.Equal("Ann", await ground.RawAsync("select name from {schema}.people_now"));
    }

    [Theory]
    [InlineData("projection_1_v1", 1, 2)]
    [InlineData("projection_1_v1_c0", 2, 1)]
    public async Task A_rebuild_loses_rows_of_pruned_batches_only_when_told_to(string table, int rows, int children)
    {
        var pruned = await PublishedAsync();
        await ground.PruneAsync(pruned);
        var young = await PublishedAsync();
        await ground.RawAsync("drop view {schema}.people_now");
        await ground.RawAsync("drop view {schema}.person_work_history");
        await ground.RawAsync($$"""drop table {schema}.{{table}}""");
        const string Lost = "It had rows of a pruned batch, and nothing is left to make them of";

        Assert.EndsWith(
            $"--rebuild' makes it again. {Lost}, so it needs --yes", Assert.Single(await ground.Store.ExamineAsync(People.Name, default)).Detail);
        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.RebuildAsync(People, default));
        Assert.Equal(
            $"The table '{table}' of version 1 of projection 'people_now' is missing. {Lost}. "
            + "'enrich consolidate BATCH --projection people_now --rebuild --yes' makes the table again without them.",
            refused.Message);
        Assert.Equal(["live"], await StatusesAsync(People));

        await ground.Store.RebuildAsync(People, default, losesRows: true);

        Assert.Empty(await ground.Store.ExamineAsync(People, default));
        Assert.Equal(
            (rows, children),
            ((await ground.RowsAsync(People)).Count, (await ground.ChildrenAsync(People, "work_history")).Count));
        Assert.Equal(1, Convert.ToInt32(await ground.RawAsync($$"""select count(*) from {schema}.people_now where batch = {{young.Key}}"""), Culture));
    }

    [Fact]
    public async Task If_a_kept_version_has_what_a_missing_table_had_the_way_back_is_told_and_works()
    {
        await ground.PruneAsync(await PublishedAsync());
        var more = Projection.Parse(System.Text.Encoding.UTF8.GetString(People.Definition.Span).Replace(
            "\"columns\":[{\"name\":\"name\"",
            "\"columns\":[{\"name\":\"more\",\"type\":\"text\",\"sources\":[{\"column\":\"More\"}]},{\"name\":\"name\"",
            StringComparison.Ordinal));
        Assert.Equal(2, (await Of(more).ApplyAsync(hold: false, default))!.To);
        await ground.RawAsync("drop view {schema}.people_now");
        await ground.RawAsync("drop table {schema}.projection_1_v2");

        Assert.EndsWith(
            " Version 1 has rows of them too: 'enrich projection rollback people_now --to 1' lets readers see it.",
            (await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.RebuildAsync(more, default))).Message);
        Assert.Equal(1, (await Of(more).RollBackAsync(1, default)).To);
        Assert.Single(await ground.RowsAsync(People));
        Assert.Empty(await ground.Store.ExamineAsync(People.Name, default));
    }

    private async Task<Batch> PublishedAsync()
    {
        var (batch, _) = await PeopleAsync("""{"name":"Ann","experience":[{"title":"CTO"}]}""");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(People, batch.Key, default);
        return batch;
    }
}
