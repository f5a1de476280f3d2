using System.Diagnostics;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// Changes the definition of a table that is there: first a column more, while the view of another depends on the table's, then another
/// type, while a batch runs. A reader looks at the table all the time.
/// </summary>
internal static class TableChanges
{
    public static async Task<Figures> MeasureAsync(LeadStore leads, int beside)
    {
        var figures = new Figures();
        await using (var engine = await leads.OpenAsync(e => e.AddProjection(LeadTables.ByItem)))
        {
            await engine.Client(Subject.Client).ConsolidateAsync(LeadTables.ByItem.Name, leads.Batch.Id);
        }

        if (leads.Database is not null)
        {
            await leads.Database.ExecuteAsync("create view public.dependent as select batch, item, email, company from enrichment.bench_leads");
        }

        await ChangeAsync(leads, LeadTables.Extended, "extended", figures, null);
        if (leads.Database is not null)
        {
            await leads.Database.ExecuteAsync("drop view public.dependent");
        }

        await using var working = await leads.OpenAsync();
        var batch = await EngineRun.LaunchAsync(working, beside, Subject.Leads);
        await EngineRun.WorkUntilAsync(working, async () =>
        {
            await ChangeAsync(leads, LeadTables.Changed, "changed", figures, beside);
            return true;
        });
        figures["changed_items_done_beside"] =
            (await working.Store.ReadProgressAsync(batch.Key, CancellationToken.None)).Sum(stage => stage.Completed) / 3.0;
        return figures;
    }

    /// <summary>Plans, builds and compares, swaps, and goes back.</summary>
    private static async Task ChangeAsync(LeadStore leads, Projection changed, string name, Figures figures, int? beside)
    {
        await using var engine = await leads.OpenAsync(e => e.AddProjection(changed));
        await using var reader = new TableReader(leads, changed, beside);
        var planning = new ChangePlanning(engine.Store, changed);
        var (planned, plan) = await TimeAsync(() => planning.PlanAsync(ChangePlanning.UsualItems, default));
        figures[$"{name}_plan_ms"] = planned.TotalMilliseconds;
        var (built, diff) = await TimeAsync(() => engine.ApplyProjectionAsync(changed.Name, hold: true));
        figures[$"{name}_build_and_diff_seconds"] = built.TotalSeconds;
        var (compared, again) = await TimeAsync(() => engine.ApplyProjectionAsync(changed.Name, hold: true));
        figures[$"{name}_diff_seconds"] = compared.TotalSeconds;
        var (swapped, _) = await TimeAsync(() => engine.Store.TransactAsync(changed.Name, SwapAsync, default));
        figures[$"{name}_swap_ms"] = swapped.TotalMilliseconds;
        await reader.SeeAsync();
        var (back, _) = await TimeAsync(() => engine.RollBackProjectionAsync(changed.Name));
        figures[$"{name}_rollback_ms"] = back.TotalMilliseconds;
        await reader.SeeAsync();
        figures[$"{name}_looks_of_reader"] = reader.Looks;
        if (plan.Obstacle is not null || diff?.RowsBefore != leads.Batch.Items || diff.Lost != 0 || again!.Columns.Count != 0)
        {
            throw new InvalidOperationException($"The run is void: the plan says '{plan.Obstacle}', the comparison {diff}.");
        }

        async Task<bool> SwapAsync(ProjectionSession session)
        {
            var registry = (await ProjectionRegistry.ReadAsync(session, changed, default))!;
            await VersionChange.SwapAsync(session, registry, registry.Building!, default);
            return true;
        }
    }

    private static async Task<(TimeSpan Elapsed, T Result)> TimeAsync<T>(Func<Task<T>> act)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await act();
        return (Stopwatch.GetElapsedTime(started), result);
    }
}
