using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A batch of three pure steps, alone and while the table of another batch is made anew all the time.</summary>
internal static class WorkBesideRebuild
{
    public static async Task<Figures> MeasureAsync(LeadStore leads, int items)
    {
        await using (var engine = await leads.OpenAsync(e => e.AddProjection(LeadTables.ByItem)))
        {
            await engine.Client(Subject.Client).ConsolidateAsync(LeadTables.ByItem.Name, leads.Batch.Id);
        }

        var alone = await MeasureBatchAsync(leads, items);
        using var stop = new CancellationTokenSource();
        var rebuilding = RebuildAsync(leads, stop.Token);
        var beside = await MeasureBatchAsync(leads, items);
        await stop.CancelAsync();
        return new()
        {
            ["work_ratio"] = beside["transitions_per_second"] / alone["transitions_per_second"],
            ["work_alone_transitions_per_second"] = alone["transitions_per_second"],
            ["work_beside_transitions_per_second"] = beside["transitions_per_second"],
            ["work_beside_peak_memory_mb"] = beside["peak_memory_mb"],
            ["work_rebuilds"] = await rebuilding,
        };
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
