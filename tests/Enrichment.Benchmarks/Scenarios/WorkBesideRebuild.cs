using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A batch of three pure steps, alone before and after, and while the table of another batch is made anew all the time.</summary>
internal static class WorkBesideRebuild
{
    public static async Task<Figures> MeasureAsync(LeadStore leads, int items)
    {
        await using (var engine = await leads.OpenAsync(e => e.AddProjection(LeadTables.ByItem)))
        {
            await engine.Client(Subject.Client).ConsolidateAsync(LeadTables.ByItem.Name, leads.Batch.Id);
        }

        var before = await MeasureAloneAsync(leads, items);
        using var stop = new CancellationTokenSource();
        var rebuilding = RebuildAsync(leads, stop.Token);
        var beside = await MeasureBatchAsync(leads, items);
        await stop.CancelAsync();
        var rebuilds = await rebuilding;
        var after = await MeasureAloneAsync(leads, items);
        return new()
        {
            ["work_ratio"] = 2 * beside["transitions_per_second"] / (before["transitions_per_second"] + after["transitions_per_second"]),
            ["work_before_transitions_per_second"] = before["transitions_per_second"],
            ["work_after_transitions_per_second"] = after["transitions_per_second"],
            ["work_beside_transitions_per_second"] = beside["transitions_per_second"],
            ["work_beside_peak_memory_mb"] = beside["peak_memory_mb"],
            ["work_rebuilds"] = rebuilds,
        };
    }

    // Nothing of the server's own is left to be done of what was before.
    private static async Task<Figures> MeasureAloneAsync(LeadStore leads, int items)
    {
        await leads.Database!.ExecuteAsync("vacuum analyze");
        await leads.SettleAsync();
        return await MeasureBatchAsync(leads, items);
    }

    private static async Task<Figures> MeasureBatchAsync(LeadStore leads, int items)
    {
        var engine = await leads.OpenAsync();
        var batch = await EngineRun.LaunchAsync(engine, items, client: "beside");
        return await EngineRun.MeasureAsync(leads.Server!, leads.Database!, engine, batch);
    }

    /// <summary>Returns how often the table was made anew, the part of the last time included that was not waited for.</summary>
    private static async Task<double> RebuildAsync(LeadStore leads, CancellationToken cancellationToken)
    {
        await using var engine = await leads.OpenAsync(e => e.AddProjection(LeadTables.ByItem));
        for (var rebuilds = 0; ; rebuilds++)
        {
            try
            {
                await engine.RebuildAsync(LeadTables.ByItem.Name, cancellationToken: cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return rebuilds;
            }
        }
    }
}
