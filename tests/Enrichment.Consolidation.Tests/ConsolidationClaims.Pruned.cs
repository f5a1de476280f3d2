namespace Enrichment.Consolidation.Tests;

/// <content>A pruned batch leaves its rows in the tables.</content>
public abstract partial class ConsolidationClaims
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Rows_of_a_pruned_batch_outlive_it_and_every_rebuild(bool keyed)
    {
        var projection = keyed ? Leads.ByEmail : Leads.ByItem;
        var (old, young) = (await Leads.RunAsync(ground, 900), await Leads.RunAsync(ground, 200, first: 400));
        await ground.Store.ConsolidateAsync(projection, old.Key, default);
        await ground.Store.ConsolidateAsync(projection, young.Key, default);
        var before = (await ground.Sha256Async(projection), (await ground.IssuesAsync(projection)).Count);

        await PruneAsync(old);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
        await ground.Store.ConsolidateAsync(projection, young.Key, default);
        Assert.Equal(1, (await ground.Store.RebuildAsync(projection, default)).Batches);

        Assert.Equal(before, (await ground.Sha256Async(projection), (await ground.IssuesAsync(projection)).Count));
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
    }

    [Fact]
    public async Task A_pruned_batch_is_not_consolidated_again()
    {
        var batch = await Leads.RunAsync(ground, 10);
        await ground.Store.ConsolidateAsync(Leads.ByItem, batch.Key, default);
        var before = await ground.Sha256Async(Leads.ByItem);
        await PruneAsync(batch);

        var refused = await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.ConsolidateAsync(Leads.ByItem, batch.Key, default));
        var never = await Assert.ThrowsAsync<EnrichmentException>(() => ground.Store.ConsolidateAsync(Leads.ByEmail, batch.Key, default));

        Assert.Equal(
            $"Batch {batch.Id} cannot be consolidated: it was pruned. Its rows in typed tables stay as they are.",
            refused.Message);
        Assert.Equal(refused.Message, never.Message);
        Assert.Equal(before, await ground.Sha256Async(Leads.ByItem));
        Assert.DoesNotContain(await ground.Store.FindUnconsolidatedAsync(default), waiting => waiting.Key == batch.Key);
    }

    private Task PruneAsync(Batch batch) => ground.PruneAsync(batch);
}
