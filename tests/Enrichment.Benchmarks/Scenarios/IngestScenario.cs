using System.CommandLine;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Npgsql;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// A CSV file on disk to a sealed, checked upload, beside psql's \copy of the same rows as ready JSON into one jsonb column.
/// </summary>
internal sealed class IngestScenario : Scenario
{
    private readonly Option<int> items = new("--items") { Description = "How many rows.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    public IngestScenario()
        : base("ingest", "A CSV file to a sealed upload, beside psql's \\copy of the same rows as ready JSON into one jsonb column.")
    {
        Options.Add(items);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        var csv = Leads.File(size);
        var ready = Path.GetTempFileName();
        try
        {
            await using var server = await BenchServer.StartAsync();
            var report = new Report(Name, server.Settings) { ["items"] = size, ["csv_bytes"] = new FileInfo(csv).Length };
            // Once unmeasured: code compiled, files there. Leaves the rows as ready JSON.
            await MeasureEngineAsync(server, csv, size, ready);
            var measured = new List<Figures>();
            for (var run = 0; run < parsed.GetValue(runs); run++)
            {
                var copy = await MeasureCopyAsync(server, ready, size);
                var engine = await MeasureEngineAsync(server, csv, size, null);
                measured.Add([new("ratio_to_copy", engine["rows_per_second"] / copy), .. engine, new("copy_rows_per_second", copy)]);
            }

            report.Add($"ingest, {size:#,0} rows", measured);
            report.Write(json);
        }
        finally
        {
            File.Delete(csv);
            File.Delete(ready);
        }
    }

    private static async Task<Figures> MeasureEngineAsync(BenchServer server, string csv, int size, string? ready)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        UploadResult result;
        await using (var content = File.OpenRead(csv))
        {
            result = await engine.Client(Subject.Client).UploadAsync(content, "apollo_scrape");
        }

        var process = meter.Stop();
        await engine.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var server_ = await server.ReadAsync(database) - before;
        if (result.Upload.Accepted != size || await database.ScalarAsync<long>("select count(*) from enrichment.upload_rows") != size)
        {
            throw new InvalidOperationException($"The run is void: {result.Upload.Accepted} of {size} rows were accepted.");
        }

        if (ready is not null)
        {
            await server.CopyAsync(database, $"(select raw from enrichment.upload_rows order by row) to '{ready}'");
        }

        return new()
        {
            ["rows_per_second"] = size / process.Elapsed.TotalSeconds,
            ["wal_bytes_per_row"] = (double)server_.WalBytes / size,
            ["engine_cpu_ms_per_row"] = process.Cpu.TotalMilliseconds / size,
            ["postgres_cpu_ms_per_row"] = server_.Cpu.TotalMilliseconds / size,
            ["allocated_bytes_per_row"] = (double)process.Allocated / size,
            ["peak_memory_mb"] = process.PeakMemory / 1e6,
            ["commits"] = server_.Commits,
            ["seconds"] = process.Elapsed.TotalSeconds,
        };
    }

    private static async Task<double> MeasureCopyAsync(BenchServer server, string ready, int size)
    {
        await using var database = await server.CreateAsync();
        await database.ExecuteAsync("create table ready (raw jsonb not null)");
        await server.CheckpointAsync();
        var seconds = (await server.CopyAsync(database, $"ready from '{ready}'")).TotalSeconds;
        return size / seconds;
    }
}
