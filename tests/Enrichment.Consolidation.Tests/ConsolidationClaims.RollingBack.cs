using Enrichment.Consolidation.Changes;
using Enrichment.Sqlite;

namespace Enrichment.Consolidation.Tests;

/// <content>What a rollback tells, and which host fills the table after it.</content>
public abstract partial class ConsolidationClaims
{
    [Fact]
    public async Task A_rollback_tells_of_pruned_batches_which_columns_are_empty_and_which_rows_are_old()
    {
        var older = Sites(p => p.From("leads").Integer("size", s => s.Result("two", "/size")).Text("kept", s => s.Column("Size")));
        var newer = Sites(p => p.From("leads").Text("size", s => s.Result("two", "/size")).Text("kept", s => s.Column("Size")));
        var (both, retried) = (await EndedAsync(2, Size), await EndedAsync(3, Size));
        await ground.Store.ConsolidateAsync(older, both.Key, default);
        await ground.Store.ConsolidateAsync(older, retried.Key, default);
        await Of(newer).ApplyAsync(hold: false, default);
        var unseen = await EndedAsync(4, Size);
        await ground.Store.RetryAsync(retried.Key, 2, [1], sameKey: false, default);
        await ground.AnswerAsync(retried, 2, last: true, _ => """{"size":70}""");
        await ground.Store.CompleteBatchesAsync(default);
        foreach (var batch in new[] { unseen, retried })
        {
            await ground.Store.ConsolidateAsync(newer, batch.Key, default);
        }

        foreach (var batch in new[] { both, retried, unseen })
        {
            await PruneAsync(batch);
        }

        var done = await Of(newer).RollBackAsync(null, default);

        Assert.Equal((2, 1, 1, 1), (done.From, done.To, done.CarriedBatches, done.OutdatedBatches));
        Assert.Equal(["size"], done.EmptyColumns);
        Assert.Empty(done.MissingFunctions);
        Assert.Equal([1L, 2L, 1L, 2L, 3L, null, null, null, null], (await ground.RowsAsync(older)).Select(row => row[2]));
        Assert.Equal(["1", "2", "3", "4"], (await ground.RowsAsync(older)).TakeLast(4).Select(row => row[3]));

        // Of what both have there is nothing to tell.
        var back = await Of(older).RollBackAsync(null, default);
        Assert.Equal((1, 2, 0, 0), (back.From, back.To, back.CarriedBatches, back.OutdatedBatches));
        Assert.Empty(back.EmptyColumns);
    }

    [Fact]
    public async Task A_rollback_to_another_way_of_folding_is_refused_if_batches_were_pruned_since()
    {
        var byRow = Projection.Define("companies", p => Company(p.Key("domain")));
        var old = await CompaniesAsync(("acme.com", "Ulm", "DE", "{}"));
        await ground.Store.ConsolidateAsync(byRow, old.Key, default);
        await Of(Companies).ApplyAsync(hold: false, default);
        var young = await CompaniesAsync(("acme.com", "", "FR", "{}"));
        await ground.Store.ConsolidateAsync(Companies, young.Key, default);
        await PruneAsync(young);

        Assert.StartsWith(
            "Projection 'companies' cannot go back to version 1, which is folded in another way: 1 of its batches were pruned since, and only the table as version 2 folds it has their rows.",
            (await Assert.ThrowsAsync<EnrichmentException>(() => Of(Companies).RollBackAsync(null, default))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_without_the_function_of_the_live_table_says_that_it_leaves_batches_out()
    {
        var older = Sites(p => p.Compute("score", "score", 1, _ => 1L));
        var newer = Sites(p => p.Compute("score", "score", 2, _ => 2L));
        var old = await EndedAsync(3, Size);
        await ground.Store.ConsolidateAsync(older, old.Key, default);
        await Of(newer).ApplyAsync(hold: false, default);
        Assert.Empty((await Of(older).RollBackAsync(null, default)).MissingFunctions);
        Assert.Empty((await Of(newer).RollBackAsync(null, default)).MissingFunctions);

        // Only the host of the newer code is left.
        Assert.Equal(["score 1"], (await Of(newer).RollBackAsync(null, default)).MissingFunctions);

        const string Lack = "Column 'score' is computed by the function 'score', version 1, which this host does not have. Its table can be read, and not be filled: "
            + "run it on a host whose projection is defined in code with Compute(\"score\", \"score\", 1, …), or apply a definition whose functions this host has.";
        var report = await ground.Store.ConsolidateAsync(newer, old.Key, default);
        Assert.Equal($"This host leaves new batches out. {Lack}", report.Warnings[^1]);
        Assert.Equal(
            $"the table 'sites' of projection 'sites' is neither filled nor checked by this host: {Lack[..^1]}",
            Assert.Single(await ground.Store.ExamineAsync(newer, default)).Detail);
        Assert.Empty(await ground.Store.ExamineAsync(older, default));

        var young = await EndedAsync(2, Size);
        await HostOf(newer).CatchUpAsync(default);
        Assert.Equal(3, (await ground.RowsAsync(older)).Count);
        var hour = ground.Store is SqliteStore ? "3600000" : "interval '1 hour'";
        await ground.RawAsync($$"""update {schema}.batches set completed_at = completed_at - {{hour}}""");
        Assert.Contains(
            await ground.Store.ExamineAsync(newer, default),
            finding => finding.Detail.StartsWith($"batch {young.Id} has ended, but the table 'sites'", StringComparison.Ordinal)
                && finding.Detail.Contains(Lack[..^1], StringComparison.Ordinal));
        Assert.Contains(Lack, (await PlanAsync(newer)).Warnings.Single(), StringComparison.Ordinal);

        // Both ways to mend it.
        await HostOf(older).CatchUpAsync(default);
        Assert.Equal(5, (await ground.RowsAsync(older)).Count);
        await Of(newer).RollBackAsync(null, default);
        await HostOf(newer).CatchUpAsync(default);
        Assert.Empty(await ground.Store.ExamineAsync(newer, default));
    }

    [Fact]
    public async Task A_plan_and_a_comparison_count_copied_batches_only_where_both_definitions_take_their_rows()
    {
        var all = Sites(p => p);
        var none = Sites(p => p.From("other"));
        var batch = await EndedAsync(3, Size);
        await ground.Store.ConsolidateAsync(all, batch.Key, default);
        await PruneAsync(batch);
        Assert.Equal(0, (await PlanAsync(none)).CarriedBatches);
        Assert.Equal(1, (await PlanAsync(Sites(p => p.Text("more", s => s.Column("Size"))))).CarriedBatches);

        var diff = (await Of(none).ApplyAsync(hold: false, default))!;

        Assert.Equal((0, 3L, 0L), (diff.CarriedBatches, diff.RowsBefore, diff.RowsAfter));
        Assert.Equal(0, (await PlanAsync(all)).CarriedBatches);
    }

    [Fact]
    public async Task A_misspelt_workstream_whose_rows_are_taken_is_the_only_thing_that_is_warned_of()
    {
        await ground.Store.ConsolidateAsync(Sites(p => p), (await EndedAsync(3, Size)).Key, default);

        var plan = await PlanAsync(Sites(p => p
            .From("leds")
            .Text("more", s => s.Column("More"))
            .List("known", "leads", l => l.Text("size", s => s.Column("Size")))
            .Is("is_known", "number in known.size")));

        Assert.Equal("The store has no batch of the workstream 'leds', whose rows the table takes. Did you mean 'leads'?", Assert.Single(plan.Warnings));
    }

    [Fact]
    public async Task A_plan_tells_of_the_version_that_an_interrupted_call_has_left()
    {
        await ground.Store.ConsolidateAsync(Sites(p => p), (await EndedAsync(3, Size)).Key, default);
        var (proposed, seen) = (Projection.Define("sites", p => p.Text("number", s => s.Column("Size"))), 0);

        await LostHost.UntilDoneAsync(
            ground.Store,
            store => new VersionOperations(store, proposed).ApplyAsync(hold: false, default),
            async () =>
            {
                if (await PlanAsync(proposed) is { Building: { } building } plan)
                {
                    Assert.True(plan.IsBuilding);
                    Assert.False((await PlanAsync(Bare)).IsBuilding);
                    Assert.Contains(await Of(proposed).ListAsync(default), version => version.Version == building && version.IsHeld);
                    seen++;
                }
            });

        Assert.InRange(seen, 1, int.MaxValue);
        Assert.Null((await PlanAsync(proposed)).Building);
    }
}
