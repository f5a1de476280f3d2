using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// What an item costs in a small batch and in a large one, in an empty store and over finished states, from the file to the last commit.
/// Once per size.
/// </summary>
internal sealed class GrowthScenario : Scenario
{
    private const int FinishedRows = 500_000; // Of each batch that is there before.

    private readonly Option<int[]> sizes = new("--sizes")
    {
        Description = "How many items, the smallest first: what the others are compared with.",
        DefaultValueFactory = _ => [50_000, 500_000, 5_000_000],
        AllowMultipleArgumentsPerToken = true,
        CustomParser = Numbers,
    };
    private readonly Option<int> over = new("--over")
    {
        Description = "Measure each size again in a store that holds this many finished states already.",
        DefaultValueFactory = _ => 0,
    };

    public GrowthScenario()
        : base("growth", "The cost of an item by the size of the batch, in an empty store and over finished states.")
    {
        Options.Add(sizes);
        Options.Add(over);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var finished = parsed.GetValue(over);
        var report = new Report(Name, server.Settings) { ["over"] = finished };
        await MeasureAsync(server, PipelineScenario.WarmUp, 0);
        var columns = new List<(string Column, Figures Figures)>();
        var nested = new JsonObject();
        foreach (var before in finished > 0 ? new[] { 0, finished } : [0])
        {
            foreach (var size in parsed.GetValue(sizes)!)
            {
                var figures = await MeasureAsync(server, size, before);
                var smallest = columns.Count == 0 ? figures : columns[0].Figures;
                figures["cost_ratio"] = figures["seconds_per_million_items"] / smallest["seconds_per_million_items"];
                figures["work_cost_ratio"] = figures["work_seconds_per_million_items"] / smallest["work_seconds_per_million_items"];
                figures["cpu_ratio"] =
                    (figures["engine_cpu_ms_per_item"] + figures["postgres_cpu_ms_per_item"])
                    / (smallest["engine_cpu_ms_per_item"] + smallest["postgres_cpu_ms_per_item"]);
                var name =
                    before == 0
                        ? size.ToString(CultureInfo.InvariantCulture)
                        : string.Create(CultureInfo.InvariantCulture, $"{size}_over_{before}");
                columns.Add((name, figures));
                report[$"cost_ratio_{name}"] = double.Round(figures["cost_ratio"], 4);
                nested[name] = figures.ToJson();
            }
        }

        report["peak_memory_mb"] = double.Round(columns.Max(column => column.Figures["peak_memory_mb"]), 1);
        report["sizes"] = nested;
        Report.Show("The cost of an item", columns);
        report.Write(json);
    }

    private static async Task<Figures> MeasureAsync(BenchServer server, int size, int finished)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        await FinishAsync(engine, database, finished);
        var empty = (await server.ReadAsync(database)).DatabaseBytes;
        Upload upload = null!;
        await using var csv = Leads.Csv(size);
        var staging = await PhaseAsync(
            server,
            database,
            async () => upload = (await engine.Client(Subject.Client).UploadAsync(csv, "apollo_scrape")).Upload);
        Batch batch = null!;
        var launch = await PhaseAsync(
            server,
            database,
            async () => batch = await engine.Client(Subject.Client).LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure }));
        var work = await EngineRun.MeasureAsync(server, database, engine, batch);
        var full = (await server.ReadAsync(database)).DatabaseBytes;
        return new()
        {
            ["seconds_per_million_items"] = (staging["seconds"] + launch["seconds"] + work["seconds"]) / size * 1e6,
            ["staging_seconds_per_million_items"] = staging["seconds"] / size * 1e6,
            ["launch_seconds_per_million_items"] = launch["seconds"] / size * 1e6,
            ["work_seconds_per_million_items"] = work["seconds"] / size * 1e6,
            ["engine_cpu_ms_per_item"] =
                ((staging["engine_cpu_ms"] + launch["engine_cpu_ms"]) / size) + (3 * work["engine_cpu_ms_per_transition"]),
            ["postgres_cpu_ms_per_item"] =
                ((staging["postgres_cpu_ms"] + launch["postgres_cpu_ms"]) / size) + (3 * work["postgres_cpu_ms_per_transition"]),
            ["wal_bytes_per_item"] = ((staging["wal_bytes"] + launch["wal_bytes"]) / size) + (3 * work["wal_bytes_per_transition"]),
            ["database_bytes_per_item"] = (double)(full - empty) / size,
            ["transitions_per_second"] = work["transitions_per_second"],
            ["staging_peak_memory_mb"] = staging["peak_memory_mb"],
            ["work_peak_memory_mb"] = work["peak_memory_mb"],
            ["peak_memory_mb"] = Math.Max(staging["peak_memory_mb"], Math.Max(launch["peak_memory_mb"], work["peak_memory_mb"])),
        };
    }

    /// <summary>
    /// Batches that ended before: launched by the engine, brought to their end by bare statements, closed by the engine's sweep.
    /// </summary>
    private static async Task FinishAsync(EnrichmentEngine engine, BenchDatabase database, int states)
    {
        if (states == 0)
        {
            return;
        }

        var rows = Math.Min(FinishedRows, states / 3);
        var upload = await Subject.StageAsync(engine, rows, "before");
        for (var done = 0; done + (rows * 3) <= states; done += rows * 3)
        {
            var batch = await engine.Client("before").LaunchAsync(upload.Id, new() { Pipeline = Subject.Pure });
            await Reference.RunOwnWritesAsync(database, batch.Key, rows, outside: false);
        }

        await engine.RunUntilDrainedAsync();
    }

    private static async Task<Figures> PhaseAsync(BenchServer server, BenchDatabase database, Func<Task> phase)
    {
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        await phase();
        var process = meter.Stop();
        var used = await server.ReadAsync(database) - before;
        return new()
        {
            ["seconds"] = process.Elapsed.TotalSeconds,
            ["engine_cpu_ms"] = process.Cpu.TotalMilliseconds,
            ["postgres_cpu_ms"] = used.Cpu.TotalMilliseconds,
            ["wal_bytes"] = used.WalBytes,
            ["peak_memory_mb"] = process.PeakMemory / 1e6,
        };
    }

    // Both 1,2,3 and 1 2 3.
    private static int[] Numbers(System.CommandLine.Parsing.ArgumentResult argument) =>
        [
            .. argument
                .Tokens.SelectMany(token => token.Value.Split(','))
                .Select(text => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)),
        ];
}
