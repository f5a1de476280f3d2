using Enrichment.Consolidation.Filling;
using Enrichment.Sqlite;
using Enrichment.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Enrichment.Consolidation.Tests;

/// <content>A consolidation that fails.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_projection_that_fails_keeps_no_other_back_and_is_tried_again()
    {
        var blocked = Projection.Define("blocked", p => p.Text("site", s => s.Column("Site")));
        var free = Projection.Define("free", p => p.Text("site", s => s.Column("Site")));
        await ground.RawAsync("create table {schema}.blocked (another int)");
        await EndedAsync();
        var clock = new FakeClock();
        var consolidator = new Consolidator(
            ground.Store, ground.Store, ground.Store, [blocked, free], TimeSpan.FromDays(7), clock, NullLogger<Consolidator>.Instance);

        await consolidator.CatchUpAsync(default);
        Assert.Equal([["a.com"]], await ground.RowsAsync(free));

        // Retention does not wait for the table that fails.
        Assert.Empty(await ground.Store.FindUnconsolidatedAsync(default));
        Assert.Single(await ground.Store
            .FindPrunableAsync(new() { OlderThan = TimeSpan.FromSeconds(-1), Consolidated = true }, default)
            .ToListAsync());

        await ground.RawAsync("drop table {schema}.blocked");
        await consolidator.CatchUpAsync(default);
        await Assert.ThrowsAsync<EnrichmentException>(() => ground.RowsAsync(blocked));

        clock.Advance(TimeSpan.FromSeconds(5));
        await consolidator.CatchUpAsync(default);
        Assert.Equal([["a.com"]], await ground.RowsAsync(blocked));
        Assert.Empty(await ground.Store.FindToProjectAsync(blocked, default));
    }

    [Fact]
    public async Task A_projection_that_is_declared_late_has_the_batches_that_ended_before()
    {
        var early = Projection.Define("early", p => p.Text("site", s => s.Column("Site")));
        var late = Projection.Define("late", p => p.Text("site", s => s.Column("Site")));
        await EndedAsync();
        await EndedAsync();
        await HostOf(early).CatchUpAsync(default);
        Assert.Empty(await ground.Store.FindUnconsolidatedAsync(default));

        await HostOf(early, late).CatchUpAsync(default);

        Assert.Equal([["a.com"], ["a.com"]], await ground.RowsAsync(late));
        Assert.Empty(await ground.Store.ExamineAsync(late, default));
    }

    [Fact]
    public async Task A_host_builds_a_compatible_change_although_no_batch_ends()
    {
        await ground.Store.ConsolidateAsync(One, (await EndedAsync(30, Size)).Key, default);

        await HostOf(Two).CatchUpAsync(default);

        Assert.Equal(30, (await ground.RowsAsync(Two)).Count);
    }

    [Fact]
    public async Task The_doctor_names_a_batch_that_ended_and_stands_in_no_table()
    {
        var projection = Projection.Define("sites", p => p.Text("site", s => s.Column("Site")));
        var batch = await EndedAsync();
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));

        var hour = ground.Store is SqliteStore ? "3600000" : "interval '1 hour'";
        await ground.RawAsync($$"""update {schema}.batches set completed_at = completed_at - {{hour}}""");
        var finding = Assert.Single(await ground.Store.ExamineAsync(projection, default));
        Assert.Equal(7, finding.Invariant);
        Assert.Contains(batch.Id.ToString(), finding.Detail, StringComparison.Ordinal);
        await ground.Store.RecordFailureAsync(projection, batch.Key, "The table is blocked.", default);
        Assert.Contains(
            "The table is blocked", Assert.Single(await ground.Store.ExamineAsync(projection, default)).Detail, StringComparison.Ordinal);

        await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        Assert.Empty(await ground.Store.ExamineAsync(projection, default));
    }

    private Consolidator HostOf(params Projection[] projections) => new(
        ground.Store, ground.Store, ground.Store, projections, TimeSpan.FromDays(7), new FakeClock(), NullLogger<Consolidator>.Instance);

    private async Task<Batch> EndedAsync()
    {
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["Site"], NoMap, [["a.com"]]), ("one", ["company.domain"]));
        await ground.AnswerAsync(batch, 1, last: true, _ => "{}");
        Assert.Single(await ground.Store.CompleteBatchesAsync(default));
        return batch;
    }
}
