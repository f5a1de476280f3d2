using System.CommandLine;
using System.Diagnostics;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// What an item takes on the disk while its batch is kept, after it was pruned, and when the next batch has taken its place.
/// </summary>
internal sealed class RetentionScenario : Scenario
{
    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };

    public RetentionScenario()
        : base("retention", "Database bytes of an item before and after its batch is pruned, and what pruning it cost.") =>
        Options.Add(items);

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var size = parsed.GetValue(items);
        var report = new Report(Name, server.Settings) { ["items"] = size };
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var empty = await BytesAsync(server, database);
        await RunBatchAsync(engine, size, "first");
        var kept = await BytesAsync(server, database);

        var begun = Stopwatch.GetTimestamp();
        var pruned = await engine.PruneAsync(new() { OlderThan = TimeSpan.Zero });
        var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (pruned.Batches.Count != 1)
        {
            throw new InvalidOperationException($"The run is void: {pruned.Batches.Count} batches were pruned instead of one.");
        }

        var after = await BytesAsync(server, database);
        await RunBatchAsync(engine, size, "second");
        var again = await BytesAsync(server, database);
        Figures figures = new()
        {
            ["bytes_per_item_before"] = (double)(kept - empty) / size,
            ["bytes_per_item_after"] = (double)(after - empty) / size,
            ["bytes_per_item_of_the_next"] = (double)(again - empty) / size,
            ["pruned_items_per_second"] = size / seconds,
            ["pruned_rows"] = pruned.Rows,
            ["dropped_months"] = pruned.Months,
        };
        report.Add("Retention", [figures]);
        report.Write(json);
    }

    private static async Task RunBatchAsync(EnrichmentEngine engine, int size, string client)
    {
        var batch = await EngineRun.LaunchAsync(engine, size, client: client);
        await engine.RunUntilDrainedAsync();
        await Subject.VerifyAsync(engine, batch, size);
    }

    /// <summary>The database's size once autovacuum would have been through all of it.</summary>
    private static async Task<long> BytesAsync(BenchServer server, BenchDatabase database)
    {
        // Twice: an emptied page of an index is given to new rows only by the vacuum after the one that took it out.
        await database.ExecuteAsync("vacuum");
        await database.ExecuteAsync("vacuum");
        return (await server.ReadAsync(database)).DatabaseBytes;
    }
}
