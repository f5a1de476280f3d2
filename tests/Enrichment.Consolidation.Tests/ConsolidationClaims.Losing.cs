using Enrichment.Consolidation.Filling;

namespace Enrichment.Consolidation.Tests;

/// <content>Hosts are lost at each statement, and others go on.</content>
public abstract partial class ConsolidationClaims
{
    // More than two chunks, and less than one.
    private const int ManyItems = 4500;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_may_be_lost_at_any_statement_of_a_fill_a_change_and_its_end(bool keyed)
    {
        var (first, second) = (Changing(keyed, p => p), Changing(keyed, p => p.Integer("size", s => s.Result("two", "/size"))));
        var batches = new[] { await EndedAsync(ManyItems, Size), await EndedAsync(300, item => item % 3 == 0 ? "[]" : Size(item)) };

        foreach (var batch in batches)
        {
            Assert.InRange(
                await LostHost.UntilDoneAsync(
                    ground.Store,
                    store => new ProjectionTables(store, first).ConsolidateAsync(batch.Key, default),
                    () => keyed ? Task.CompletedTask : IsWholeOrAbsentAsync(first, batch)),
                5,
                200);
        }

        await EqualsRebuildAsync(first);

        // What a lost host has done of a batch stays: the next one has no more than the rest to do.
        Assert.InRange(
            await LostHost.UntilDoneAsync(
                ground.Store, store => new ProjectionTables(store, second).ConsolidateAsync(batches[0].Key, default)),
            10,
            300);
        Assert.Equal(["kept", "live"], (await StatusesAsync(second))[^2..]);
        await EqualsRebuildAsync(second);

        await LostHost.UntilDoneAsync(ground.Store, store => new VersionSweep(store).RunAsync(TimeSpan.Zero, default));
        Assert.Equal("live", Assert.Single(await StatusesAsync(second), status => status != "dropped"));
        await EqualsRebuildAsync(second);
    }

    private static Projection Changing(bool keyed, Func<ProjectionBuilder, ProjectionBuilder> more) => Projection.Define(
        "changing",
        p => more((keyed ? p.Key("name") : p).Text("name", s => s.Field("name")).Text("number", s => s.Column("Size"))));

    // By key, rows show as their items are read.
    private async Task IsWholeOrAbsentAsync(Projection projection, Batch batch)
    {
        if (await ground.Store.FindLiveAsync(projection, default) is null)
        {
            return;
        }

        var rows = (await ground.RowsAsync(projection, batch: batch.Id)).Count;
        Assert.True(rows == 0 || rows == batch.Items, $"{rows} of {batch.Items} rows");
        Assert.Equal(
            rows,
            Convert.ToInt32(await ground.RawAsync($"select count(*) from {{schema}}.changing where batch = {batch.Key}"), Culture));
    }

    private async Task EqualsRebuildAsync(Projection projection)
    {
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        var before = (await ground.Sha256Async(projection), (await ground.IssuesAsync(projection)).Count);
        await ground.Store.RebuildAsync(projection, default);
        Assert.Equal(before, (await ground.Sha256Async(projection), (await ground.IssuesAsync(projection)).Count));
    }
}
