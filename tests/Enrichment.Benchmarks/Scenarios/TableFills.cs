using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// Fills a typed table of 40 columns with four child tables by item, beside the same by hand, and by a key; both again after one item in a
/// hundred has changed.
/// </summary>
internal static class TableFills
{
    public const int OneIn = 100;

    public static async Task<Figures> MeasureAsync(LeadStore leads)
    {
        var (figures, size) = (new Figures(), leads.Batch.Items);
        if (leads.Database is { } database)
        {
            figures["ratio_to_handwritten"] = figures["cpu_ratio_to_handwritten"] = 0;
            await leads.SettleAsync();
            var before = await leads.ReadServerAsync();
            figures["handwritten_rows_per_second"] = size / await Reference.RunLeadTablesAsync(database, leads.Batch.Key);
            var used = await leads.ReadServerAsync() - before;
            figures["handwritten_postgres_cpu_us_per_row"] = used.Cpu.TotalMicroseconds / size;
            figures["handwritten_wal_bytes_per_row"] = (double)used.WalBytes / size;
        }

        await FillAsync(leads, LeadTables.ByItem, "item", figures);
        if (leads.Database is not null)
        {
            figures["ratio_to_handwritten"] = figures["item_rows_per_second"] / figures["handwritten_rows_per_second"];
            figures["cpu_ratio_to_handwritten"] = figures["handwritten_postgres_cpu_us_per_row"]
                / (figures["item_engine_cpu_us_per_row"] + figures["item_postgres_cpu_us_per_row"]);
            await Reference.CompareLeadTablesAsync(leads.Database);
        }

        await FillAsync(leads, LeadTables.ByKey, "key", figures);
        await leads.ChangeAsync(OneIn);
        await FillAgainAsync(leads, LeadTables.ByItem, "item", figures);
        await FillAgainAsync(leads, LeadTables.ByKey, "key", figures);
        return figures;
    }

    private static async Task FillAsync(LeadStore leads, Projection projection, string grain, Figures figures)
    {
        var (used, onServer, looks, asked) = await ConsolidateAsync(leads, projection);
        var size = (double)leads.Batch.Items;
        figures[$"{grain}_rows_per_second"] = size / used.Elapsed.TotalSeconds;
        figures[$"{grain}_seconds"] = used.Elapsed.TotalSeconds;
        figures[$"{grain}_engine_cpu_us_per_row"] = used.Cpu.TotalMicroseconds / size;
        figures[$"{grain}_allocated_bytes_per_row"] = used.Allocated / size;
        figures[$"{grain}_peak_memory_mb"] = used.PeakMemory / 1e6;
        figures[$"{grain}_peak_heap_mb"] = looks.PeakHeap / 1e6;
        if (leads.Database is not null)
        {
            figures[$"{grain}_postgres_cpu_us_per_row"] = onServer.Cpu.TotalMicroseconds / size;
            figures[$"{grain}_wal_bytes_per_row"] = onServer.WalBytes / size;
            figures[$"{grain}_longest_transaction_ms"] = looks.LongestTransactionMs;
        }

        if (leads.Link is not null)
        {
            figures[$"{grain}_round_trips"] = asked;
        }
    }

    private static async Task FillAgainAsync(LeadStore leads, Projection projection, string grain, Figures figures)
    {
        var (used, onServer, looks, asked) = await ConsolidateAsync(leads, projection);
        figures[$"{grain}_incremental_share"] = used.Elapsed.TotalSeconds / figures[$"{grain}_seconds"];
        figures[$"{grain}_incremental_seconds"] = used.Elapsed.TotalSeconds;
        if (leads.Database is not null)
        {
            figures[$"{grain}_incremental_wal_bytes_per_changed_item"] = onServer.WalBytes / ((double)leads.Batch.Items / OneIn);
            figures[$"{grain}_incremental_longest_transaction_ms"] = looks.LongestTransactionMs;
        }

        if (leads.Link is not null)
        {
            figures[$"{grain}_incremental_round_trips"] = asked;
        }

        await using var engine = await leads.OpenAsync();
        if ((await engine.Store.ExamineAsync(projection, CancellationToken.None)).Count > 0)
        {
            throw new InvalidOperationException("The run is void: the table is not what a rebuild makes of it.");
        }
    }

    private static async Task<(ProcessFigures Used, ServerFigures OnServer, Looks Looks, long RoundTrips)> ConsolidateAsync(
        LeadStore leads, Projection projection)
    {
        await using var engine = await leads.OpenAsync(e => e.AddProjection(projection));
        await leads.SettleAsync();
        var before = await leads.ReadServerAsync();
        await using var looks = new Looks(leads.Database?.ConnectionString);
        var asked = leads.Link?.RoundTrips ?? 0;
        var meter = new Meter();
        var report = await engine.Client(Subject.Client).ConsolidateAsync(projection.Name, leads.Batch.Id);
        var used = meter.Stop();
        asked = (leads.Link?.RoundTrips ?? 0) - asked;
        return report.Rows == (projection == LeadTables.ByKey ? LeadAnswers.Companies(leads.Batch.Items) : leads.Batch.Items)
            ? (used, await leads.ReadServerAsync() - before, looks, asked)
            : throw new InvalidOperationException($"The run is void: {report.Rows} rows of {leads.Batch.Items} items.");
    }
}
