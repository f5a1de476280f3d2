using System.CommandLine;
using System.Diagnostics;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Npgsql;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// The launch of a batch over a whole upload, beside a bare INSERT … SELECT of the same rows into the same tables of an equal database.
/// </summary>
internal sealed class LaunchScenario : Scenario
{
    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    public LaunchScenario()
        : base("launch", "A launch over a whole upload, beside a bare INSERT … SELECT of the same items and first states.")
    {
        Options.Add(items);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = size };
        await using var original = await server.CreateAsync();
        Upload upload;
        await using (var engine = Subject.OnPostgreSql(original.ConnectionString))
        {
            await engine.MigrateAsync();
            upload = await Subject.StageAsync(engine, size);
        }

        await MeasureEngineAsync(server, original, upload, size); // Once unmeasured: code compiled, files there.
        var measured = new List<Figures>();
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            var bare = await MeasureInsertAsync(server, original, upload, size);
            var engine = await MeasureEngineAsync(server, original, upload, size);
            measured.Add([new("ratio_to_insert", engine["items_per_second"] / bare), .. engine, new("insert_items_per_second", bare)]);
        }

        report.Add($"launch, {size:#,0} items", measured);
        report.Write(json);
    }

    private static async Task<Figures> MeasureEngineAsync(BenchServer server, BenchDatabase original, Upload upload, int size)
    {
        await using var database = await server.CloneAsync(original);
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.Client(Subject.Client).GetUploadAsync(upload.Id); // The first connection is no part of a launch.
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        var batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
        var process = meter.Stop();
        await engine.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var server_ = await server.ReadAsync(database) - before;
        if (batch.Items != size)
        {
            throw new InvalidOperationException($"The run is void: {batch.Items} of {size} items were launched.");
        }

        return new()
        {
            ["items_per_second"] = size / process.Elapsed.TotalSeconds,
            ["wal_bytes_per_item"] = (double)server_.WalBytes / size,
            ["postgres_cpu_ms_per_item"] = server_.Cpu.TotalMilliseconds / size,
            ["seconds"] = process.Elapsed.TotalSeconds,
        };
    }

    private static async Task<double> MeasureInsertAsync(BenchServer server, BenchDatabase original, Upload upload, int size)
    {
        await using var database = await server.CloneAsync(original);
        await server.CheckpointAsync();
        var started = Stopwatch.GetTimestamp();
        await Reference.RunLaunchAsync(database, upload.Key);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return await database.ScalarAsync<long>("select count(*) from enrichment.workflow_states") == size
            ? size / seconds
            : throw new InvalidOperationException("The run is void: the bare INSERT did not make a state an item.");
    }
}
