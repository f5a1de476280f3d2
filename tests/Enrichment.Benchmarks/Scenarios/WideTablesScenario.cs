using System.CommandLine;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>A batch of three stages into a typed table of 40 columns on both stores: first, and again from nothing.</summary>
internal sealed class WideTablesScenario : Scenario
{
    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 64_000 };
    private readonly Option<int> runs = new("--runs") { Description = "How many runs; the median is reported.", DefaultValueFactory = _ => 5 };

    public WideTablesScenario()
        : base("wide-tables", "A typed table of 40 columns over cells and answers on both stores, and its rebuild.")
    {
        Options.Add(items);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = size };
        var folder = Directory.CreateTempSubdirectory("enrichment-bench-");
        try
        {
            await using var original = await server.CreateAsync();
            var onServer = await FillAsync(original, size);
            var path = Path.Combine(folder.FullName, "original.db");
            var inFile = await FillAsync(path, size);
            await MeasureAsync(server, original, onServer); // Once unmeasured: code compiled, files there.
            var measured = new List<Figures>();
            for (var run = 0; run < parsed.GetValue(runs); run++)
            {
                measured.Add([.. await MeasureAsync(server, original, onServer), .. await MeasureAsync(path, inFile)]);
            }

            report.Add($"wide tables, {size:#,0} items", measured);
            report.Write(json);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Batch> FillAsync(BenchDatabase database, int size)
    {
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, size);
        var batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
        await Reference.RunOwnWritesAsync(database, batch.Key, size, outside: false);
        await engine.RunUntilDrainedAsync();
        await Subject.VerifyAsync(engine, batch, size);
        await database.ExecuteAsync("vacuum analyze");
        return batch;
    }

    private static async Task<Batch> FillAsync(string path, int size)
    {
        await using var engine = Subject.OnSqlite(path);
        await engine.MigrateAsync();
        var upload = await Subject.StageAsync(engine, size);
        var batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
        await engine.RunUntilDrainedAsync();
        await Subject.VerifyAsync(engine, batch, size);
        return batch;
    }

    private static async Task<Figures> MeasureAsync(BenchServer server, BenchDatabase original, Batch batch)
    {
        await using var database = await server.CloneAsync(original);
        await using var engine = Subject.OnPostgreSql(database.ConnectionString, e => e.AddProjection(WideLeads.Projection));
        await engine.Client(Subject.Client).GetBatchAsync(batch.Id); // The first connection is no part of a consolidation.
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var figures = await MeasureAsync("postgresql", engine, batch);
        var used = await server.ReadAsync(database) - before;
        figures["postgresql_server_cpu_us_per_row_of_both"] = used.Cpu.TotalMicroseconds / batch.Items;
        figures["postgresql_wal_bytes_per_row_of_both"] = (double)used.WalBytes / batch.Items;
        figures["postgresql_table_bytes_per_row"] = (double)await database.ScalarAsync<long>(
            "select pg_table_size('enrichment.projection_1_v2')") / batch.Items;
        return figures;
    }

    private static async Task<Figures> MeasureAsync(string original, Batch batch)
    {
        var path = $"{original}.copy";
        File.Copy(original, path);
        try
        {
            await using var engine = Subject.OnSqlite(path, e => e.AddProjection(WideLeads.Projection));
            return await MeasureAsync("sqlite", engine, batch);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<Figures> MeasureAsync(string store, EnrichmentEngine engine, Batch batch)
    {
        var figures = new Figures();
        foreach (var (name, consolidate) in new (string, Func<Task<ConsolidationReport>>)[]
        {
            ("first", () => engine.Client(Subject.Client).ConsolidateAsync(WideLeads.Projection.Name, batch.Id)),
            ("rebuild", () => engine.RebuildAsync(WideLeads.Projection.Name)),
        })
        {
            var meter = new Meter();
            var report = await consolidate();
            var used = meter.Stop();
            if (report.Rows != batch.Items)
            {
                throw new InvalidOperationException($"The run is void: {report.Rows} of {batch.Items} rows.");
            }

            figures[$"{store}_{name}_rows_per_second"] = batch.Items / used.Elapsed.TotalSeconds;
            figures[$"{store}_{name}_engine_cpu_us_per_row"] = used.Cpu.TotalMicroseconds / batch.Items;
            figures[$"{store}_{name}_allocated_bytes_per_row"] = (double)used.Allocated / batch.Items;
            figures[$"{store}_{name}_peak_memory_mb"] = used.PeakMemory / 1e6;
        }

        return figures;
    }
}
