using System.CommandLine;
using System.Diagnostics;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// A batch of three stages into a typed table of 15 columns, beside the same INSERT … SELECT by hand; then again after one item in a
/// hundred has changed.
/// </summary>
internal sealed class ConsolidationScenario : Scenario
{
    private const int OneIn = 100;

    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<int> latency = new("--latency")
    {
        Description = "Milliseconds by which a round trip between the engine and PostgreSQL is longer. The statement by hand is one anyway.",
    };

    public ConsolidationScenario()
        : base(
            "consolidation",
            "A typed table of 15 columns over cells and answers, beside the same INSERT … SELECT by hand, and again after 1 % of the items changed.")
    {
        Options.Add(items);
        Options.Add(runs);
        Options.Add(latency);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        var roundTrip = TimeSpan.FromMilliseconds(parsed.GetValue(latency));
        await using var server = await BenchServer.StartAsync();
        await using var link = server.Link(roundTrip);
        var report = new Report(Name, server.Settings)
        {
            ["items"] = size,
            ["changed_items"] = size / OneIn,
            ["latency_ms"] = roundTrip.TotalMilliseconds,
        };
        await using var original = await server.CreateAsync();
        var batch = await FillAsync(original, size);
        var way = roundTrip > TimeSpan.Zero ? link : null;
        await MeasureEngineAsync(server, original, batch, way); // Once unmeasured: code compiled, files there.
        var measured = new List<Figures>();
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            var byHand = await MeasureResolvedAsync(server, original, batch);
            var engine = await MeasureEngineAsync(server, original, batch, way);
            measured.Add([
                new("ratio_to_handwritten", engine["rows_per_second"] / byHand),
                .. engine,
                new("handwritten_rows_per_second", byHand),
            ]);
        }

        report.Add($"consolidation, {size:#,0} items", measured);
        report.Write(json);
    }

    /// <summary>A batch that has ended, its answers written by the bare statements to save time.</summary>
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
        return await engine.Client(Subject.Client).GetBatchAsync(batch.Id);
    }

    private static async Task<Figures> MeasureEngineAsync(BenchServer server, BenchDatabase original, Batch batch, SlowLink? link)
    {
        await using var database = await server.CloneAsync(original);
        await using var engine = Subject.OnPostgreSql(database.Through(link), e => e.AddProjection(FinalLeads.Projection));
        var client = engine.Client(Subject.Client);
        await client.GetBatchAsync(batch.Id); // The first connection is no part of a consolidation.
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var asked = link?.RoundTrips;
        var full = await ConsolidateAsync(client, batch);
        asked = link?.RoundTrips - asked;
        var server_ = await server.ReadAsync(database) - before;
        await ChangeAsync(database, batch);
        await server.CheckpointAsync();
        before = await server.ReadAsync(database);
        var incremental = await ConsolidateAsync(client, batch);
        var changed = await server.ReadAsync(database) - before;
        await CheckAsync(engine);
        var figures = new Figures()
        {
            ["rows_per_second"] = batch.Items / full.Elapsed.TotalSeconds,
            ["incremental_share"] = incremental.Elapsed / full.Elapsed,
            ["wal_bytes_per_row"] = (double)server_.WalBytes / batch.Items,
            ["postgres_cpu_ms_per_row"] = server_.Cpu.TotalMilliseconds / batch.Items,
            ["peak_memory_mb"] = full.PeakMemory / 1e6,
            ["seconds"] = full.Elapsed.TotalSeconds,
            ["incremental_seconds"] = incremental.Elapsed.TotalSeconds,
            ["incremental_wal_bytes"] = changed.WalBytes,
        };
        if (asked is { } roundTrips)
        {
            figures["round_trips"] = roundTrips;
        }

        return figures;
    }

    private static async Task<ProcessFigures> ConsolidateAsync(EnrichmentClient client, Batch batch)
    {
        var meter = new Meter();
        var report = await client.ConsolidateAsync(FinalLeads.Projection.Name, batch.Id);
        var figures = meter.Stop();
        return report.Rows == batch.Items
            ? figures
            : throw new InvalidOperationException($"The run is void: {report.Rows} of {batch.Items} rows.");
    }

    /// <summary>
    /// A new generation of one item in a hundred, all over the batch, through all its stages, by an engine that consolidates nothing.
    /// </summary>
    private static async Task ChangeAsync(BenchDatabase database, Batch batch)
    {
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine
            .Client(Subject.Client)
            .RetryAsync(batch.Id, new() { FromStage = 1, Items = [.. Enumerable.Range(1, batch.Items / OneIn).Select(n => n * OneIn)] });
        await engine.RunUntilDrainedAsync();
        await Subject.VerifyAsync(engine, batch, batch.Items);
    }

    private static async Task CheckAsync(EnrichmentEngine engine)
    {
        if ((await engine.Store.ExamineAsync(FinalLeads.Projection, CancellationToken.None)).Count > 0)
        {
            throw new InvalidOperationException("The run is void: the table is not what a rebuild makes of it.");
        }
    }

    private static async Task<double> MeasureResolvedAsync(BenchServer server, BenchDatabase original, Batch batch)
    {
        await using var database = await server.CloneAsync(original);
        await Reference.PrepareConsolidationAsync(database);
        await server.CheckpointAsync();
        var started = Stopwatch.GetTimestamp();
        await Reference.RunConsolidationAsync(database, batch.Key);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await using var engine = Subject.OnPostgreSql(database.ConnectionString, e => e.AddProjection(FinalLeads.Projection));
        await engine.Client(Subject.Client).ConsolidateAsync(FinalLeads.Projection.Name, batch.Id);
        var columns = string.Join(", ", FinalLeads.Projection.ColumnNames);
        return await database.ScalarAsync<bool>(
            $"select not exists (select bucket, client, batch, item, {columns} from enrichment.final_leads except table enrichment.final_leads_by_hand) and (select count(*) from enrichment.final_leads_by_hand) = (select count(*) from enrichment.final_leads)")
            ? batch.Items / seconds
            : throw new InvalidOperationException("The run is void: the table by hand is not the engine's.");
    }
}
