using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Work;
using Microsoft.Data.Sqlite;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// The whole journey on SQLite, a file with the default options, its pipeline beside bare statements that write the same in one process.
/// </summary>
internal sealed class SqliteScenario : Scenario
{
    private const int SmallBatch = 10;
    private const int SmallBatches = 10;

    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    public SqliteScenario()
        : base("sqlite", "Ingest, launch and three pure steps on a SQLite file, beside bare statements that do the pipeline's writes.")
    {
        Options.Add(items);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        var report = new Report(
            Name,
            $"SQLite {await VersionAsync()}, {RuntimeInformation.OSArchitecture}, a file in {Path.GetTempPath()}, journal_mode wal, synchronous full")
        {
            ["items"] = size,
        };
        var csv = Leads.File(size);
        var fewer = Leads.File(10_000);
        try
        {
            await MeasureEngineAsync(fewer, 10_000); // Once unmeasured: code compiled.
            var measured = new List<Figures>();
            for (var run = 0; run < parsed.GetValue(runs); run++)
            {
                var own = await MeasureOwnWritesAsync(csv, size);
                var engine = await MeasureEngineAsync(csv, size);
                var beside = await MeasureBesideAsync(csv);
                measured.Add([
                    new("ratio_to_own_writes", engine["transitions_per_second"] / own),
                    .. engine,
                    new("own_writes_transitions_per_second", own),
                    .. beside,
                ]);
            }

            report.Add($"sqlite, {size:#,0} items", measured);
            report.Write(json);
        }
        finally
        {
            File.Delete(csv);
            File.Delete(fewer);
        }
    }

    private static async Task<Figures> MeasureEngineAsync(string csv, int size)
    {
        var folder = Directory.CreateTempSubdirectory("enrichment-bench-");
        try
        {
            var path = Path.Combine(folder.FullName, "bench.db");
            var figures = new Figures();
            await using (var engine = Subject.OnSqlite(path))
            {
                await engine.MigrateAsync();
                var client = engine.Client(Subject.Client);
                var meter = new Meter();
                var upload = await UploadAsync(client, csv);
                var ingest = meter.Stop();
                meter = new();
                var batch = await client.LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
                var launch = meter.Stop();
                meter = new();
                await engine.RunUntilDrainedAsync();
                var process = meter.Stop();
                await Subject.VerifyAsync(engine, batch, size);
                var ended = await client.GetBatchAsync(batch.Id);
                var transitions = size * 3.0;
                var seconds = (ended.CompletedAt!.Value - ended.StartedAt!.Value).TotalSeconds;
                figures["transitions_per_second"] = transitions / seconds;
                figures["engine_cpu_ms_per_transition"] = process.Cpu.TotalMilliseconds / transitions;
                figures["allocated_bytes_per_transition"] = process.Allocated / transitions;
                figures["peak_memory_mb"] = process.PeakMemory / 1e6;
                figures["seconds"] = seconds;
                figures["seconds_with_start_and_end"] = process.Elapsed.TotalSeconds;
                figures["ingest_rows_per_second"] = upload.Accepted / ingest.Elapsed.TotalSeconds;
                figures["ingest_cpu_ms_per_row"] = ingest.Cpu.TotalMilliseconds / upload.Accepted;
                figures["launch_items_per_second"] = size / launch.Elapsed.TotalSeconds;
                figures["launch_cpu_ms_per_item"] = launch.Cpu.TotalMilliseconds / size;
            }

            figures["database_bytes_per_item"] = (double)new FileInfo(path).Length / size;
            return figures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>
    /// Batches of ten of one client, one after the other: alone, then while the process has a large batch of another client to work on.
    /// </summary>
    private static async Task<Figures> MeasureBesideAsync(string csv)
    {
        var folder = Directory.CreateTempSubdirectory("enrichment-bench-");
        try
        {
            await using var engine = Subject.OnSqlite(Path.Combine(folder.FullName, "bench.db"));
            await engine.MigrateAsync();
            var few = await Subject.StageAsync(engine, SmallBatch, "small");
            var many = await UploadAsync(engine.Client("large"), csv);
            var alone = new List<(double Begun, double Ended)>();
            var beside = new List<(double Begun, double Ended)>();
            await EngineRun.WorkUntilAsync(engine, async () =>
            {
                await RunSmallAsync(engine, few); // Once unmeasured: the connections are made.
                for (var i = 0; i < SmallBatches; i++)
                {
                    alone.Add(await RunSmallAsync(engine, few));
                }

                var large = await engine.Client("large").LaunchAsync(many.Id, new() { Pipeline = Subject.Pure });
                while (!await IsDoneAsync(engine, large))
                {
                    beside.Add(await RunSmallAsync(engine, few));
                }

                beside.RemoveAt(beside.Count - 1); // The large one may have ended before it.
                return true;
            });
            return new()
            {
                ["small_alone_begun_p50_ms"] = Percentile.Of(alone.Select(run => run.Begun), 50),
                ["small_alone_ended_p50_ms"] = Percentile.Of(alone.Select(run => run.Ended), 50),
                ["small_beside_begun_p50_ms"] = Percentile.Of(beside.Select(run => run.Begun), 50),
                ["small_beside_begun_max_ms"] = beside.Max(run => run.Begun),
                ["small_beside_ended_p50_ms"] = Percentile.Of(beside.Select(run => run.Ended), 50),
                ["small_beside_ended_max_ms"] = beside.Max(run => run.Ended),
                ["small_beside_batches"] = beside.Count,
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>From the call that launches a small batch to its first claim and to its end, in milliseconds.</summary>
    private static async Task<(double Begun, double Ended)> RunSmallAsync(EnrichmentEngine engine, Upload upload)
    {
        var asked = TimeProvider.System.GetUtcNow();
        var client = engine.Client("small");
        var batch = await client.LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
        while (!await IsDoneAsync(engine, batch))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }

        var ended = TimeProvider.System.GetUtcNow();
        return (((await client.GetBatchAsync(batch.Id)).StartedAt!.Value - asked).TotalMilliseconds, (ended - asked).TotalMilliseconds);
    }

    private static async Task<bool> IsDoneAsync(EnrichmentEngine engine, Batch batch) =>
        (await engine.Store.ReadProgressAsync(batch.Key, CancellationToken.None)) is { Count: 3 } stages
        && stages.All(stage => stage.Completed == batch.Items);

    private static async Task<double> MeasureOwnWritesAsync(string csv, int size)
    {
        var folder = Directory.CreateTempSubdirectory("enrichment-bench-");
        try
        {
            var path = Path.Combine(folder.FullName, "bench.db");
            Batch batch;
            await using (var engine = Subject.OnSqlite(path))
            {
                await engine.MigrateAsync();
                var client = engine.Client(Subject.Client);
                batch = await client.LaunchAsync((await UploadAsync(client, csv)).Id, new() { Pipeline = Subject.Pure });
            }

            using (var own = new SqliteOwnWrites(path))
            {
                var started = Stopwatch.GetTimestamp();
                own.Run(batch.Key);
                var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
                await using var engine = Subject.OnSqlite(path);
                await Subject.VerifyAsync(engine, batch, size);
                return size * 3 / seconds;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Upload> UploadAsync(EnrichmentClient client, string csv)
    {
        await using var content = File.OpenRead(csv);
        return (await client.UploadAsync(content, "apollo_scrape")).Upload;
    }

    private static async Task<string> VersionAsync()
    {
        await using var connection = new SqliteConnection("Data Source=:memory:");
        await connection.OpenAsync();
        return connection.ServerVersion;
    }
}
