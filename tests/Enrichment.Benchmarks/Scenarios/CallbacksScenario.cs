using System.Collections.Concurrent;
using System.CommandLine;
using Enrichment.AspNetCore;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.References;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// Genuine answers to calls that are out, delivered over real HTTP, beside a bare endpoint that only stores what comes; and then their
/// interpretation.
/// </summary>
internal sealed class CallbacksScenario : Scenario
{
    private const int WarmUp = 30_000; // See PipelineScenario.

    private readonly Option<int> items = new("--items") { Description = "How many deliveries.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> connections = new("--connections")
    {
        Description = "How many deliveries are out at once.",
        DefaultValueFactory = _ => 256,
    };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    public CallbacksScenario()
        : base(
            "callbacks",
            "Signed deliveries acknowledged a second, beside a bare endpoint with a grouped INSERT; then their interpretation.")
    {
        Options.Add(items);
        Options.Add(connections);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        var size = parsed.GetValue(items);
        await using var server = await BenchServer.StartAsync();
        using var vendor = new DeliveringProcess(parsed.GetValue(connections));
        var report = new Report(Name, server.Settings) { ["items"] = size, ["connections"] = parsed.GetValue(connections) };
        await MeasureAsync(server, vendor, Math.Min(size, WarmUp));
        var measured = new List<Figures>();
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            measured.Add(await MeasureAsync(server, vendor, size));
        }

        report.Add($"callbacks, {size:#,0} deliveries, {parsed.GetValue(connections)} at once", measured);
        report.Write(json);
    }

    /// <summary>The same requests to the bare endpoint and to the engine, each with a database of its own.</summary>
    private static async Task<Figures> MeasureAsync(BenchServer server, DeliveringProcess vendor, int size)
    {
        await using var database = await server.CreateAsync();
        var (batch, tokens) = await SendAsync(database, size);
        var requests = SignedRequests.Write(tokens);
        try
        {
            var bare = await MeasureBareAsync(server, vendor, requests, size);
            var engine = await MeasureIntakeAsync(server, database, vendor, requests, size);
            var interpretation = await MeasureInterpretationAsync(server, database, batch);
            return
            [
                new("ratio_to_bare", engine["deliveries_per_second"] / bare["deliveries_per_second"]),
                .. engine,
                .. interpretation,
                .. bare.Select(pair => KeyValuePair.Create($"bare_{pair.Key}", pair.Value)),
            ];
        }
        finally
        {
            File.Delete(requests);
        }
    }

    /// <summary>A batch whose every call is out.</summary>
    private static async Task<(Batch Batch, ConcurrentQueue<string> Tokens)> SendAsync(BenchDatabase database, int size)
    {
        var tokens = new ConcurrentQueue<string>();
        await using var engine = Engine(database, tokens);
        await engine.MigrateAsync();
        var batch = await EngineRun.LaunchAsync(engine, size, LaterStep.Pipeline);
        await EngineRun.WorkUntilAsync(
            engine,
            async () => (await engine.Store.ReadProgressAsync(batch.Key, CancellationToken.None))[0].InProgress == size);
        return tokens.Distinct().Count() == size
            ? (batch, tokens)
            : throw new InvalidOperationException($"The run is void: {tokens.Count} calls were made for {size} items.");
    }

    private static async Task<Figures> MeasureBareAsync(BenchServer server, DeliveringProcess vendor, string requests, int size)
    {
        await using var database = await server.CreateAsync();
        await BareReceiver.PrepareAsync(database);
        return await MeasureAsync(
            server,
            database,
            vendor,
            requests,
            size,
            services => services.AddSingleton(_ => new BareReceiver(database)),
            app => app.Services.GetRequiredService<BareReceiver>().Map(app),
            "select count(*) from deliveries");
    }

    private static Task<Figures> MeasureIntakeAsync(
        BenchServer server,
        BenchDatabase database,
        DeliveringProcess vendor,
        string requests,
        int size) =>
        MeasureAsync(
            server,
            database,
            vendor,
            requests,
            size,
            services =>
                services
                    .AddSingleton(new ConcurrentQueue<string>())
                    .AddEnrichment(e => LaterStep.Describe(e.UsePostgreSql(database.ConnectionString))),
            app => app.MapEnrichmentCallbacks(),
            "select count(*) from enrichment.inbox where state = 0 and times = 1");

    private static async Task<Figures> MeasureAsync(
        BenchServer server,
        BenchDatabase database,
        DeliveringProcess vendor,
        string requests,
        int size,
        Action<IServiceCollection> add,
        Action<WebApplication> map,
        string stored)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        add(builder.Services);
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var meter = new Meter();
        var delivered = await vendor.DeliverAsync(requests, port);
        var process = meter.Stop();
        await app.StopAsync();
        await app.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var used = await server.ReadAsync(database) - before;
        if (await database.ScalarAsync<long>(stored) is var found && found != size)
        {
            throw new InvalidOperationException($"The run is void: {found} of {size} deliveries are stored.");
        }

        return new()
        {
            ["deliveries_per_second"] = size / delivered.Seconds,
            ["acknowledged_p50_ms"] = delivered.Median,
            ["acknowledged_p99_ms"] = delivered.P99,
            ["wal_bytes_per_delivery"] = (double)used.WalBytes / size,
            ["commits_per_delivery"] = (double)used.Commits / size,
            ["engine_cpu_ms_per_delivery"] = process.Cpu.TotalMilliseconds / size,
            ["postgres_cpu_ms_per_delivery"] = used.Cpu.TotalMilliseconds / size,
            ["allocated_bytes_per_delivery"] = (double)process.Allocated / size,
            ["peak_memory_mb"] = process.PeakMemory / 1e6,
        };
    }

    /// <summary>From stored deliveries to states that have ended.</summary>
    private static async Task<Figures> MeasureInterpretationAsync(BenchServer server, BenchDatabase database, Batch batch)
    {
        await using var engine = Engine(database, new());
        await server.CheckpointAsync();
        var before = await server.ReadAsync(database);
        var started = await database.ScalarAsync<DateTime>("select clock_timestamp()::timestamptz");
        var meter = new Meter();
        await engine.RunUntilDrainedAsync();
        var process = meter.Stop();
        await engine.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        var used = await server.ReadAsync(database) - before;
        var applied = await database.ScalarAsync<long>(
            "select count(*) from enrichment.inbox i join enrichment.enrichment_results r using (bucket, batch, stage, item, attempt) where i.state = 1");
        var ended = await database.ScalarAsync<DateTime>("select max(updated_at) from enrichment.workflow_states");
        return applied == batch.Items
            ? new()
            {
                ["applied_per_second"] = applied / (ended - started).TotalSeconds,
                ["applied_wal_bytes"] = (double)used.WalBytes / applied,
                ["applied_commits"] = (double)used.Commits / applied,
                ["applied_engine_cpu_ms"] = process.Cpu.TotalMilliseconds / applied,
                ["applied_postgres_cpu_ms"] = used.Cpu.TotalMilliseconds / applied,
            }
            : throw new InvalidOperationException($"The run is void: {applied} of {batch.Items} deliveries were applied.");
    }

    private static EnrichmentEngine Engine(BenchDatabase database, ConcurrentQueue<string> tokens) =>
        Subject.OnPostgreSql(
            database.ConnectionString,
            e =>
            {
                e.Services.AddSingleton(tokens);
                LaterStep.Describe(e);
            });
}
