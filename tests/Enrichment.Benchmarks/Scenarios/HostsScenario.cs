using System.CommandLine;
using Enrichment.Benchmarks.Measuring;
using Enrichment.Benchmarks.Server;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// One batch worked on by several host processes at once, beside one, interleaved; afterwards the doctor must find nothing.
/// </summary>
internal sealed class HostsScenario : Scenario
{
    private const int WarmUpItems = 10_000;

    private readonly Option<int> items = new("--items") { Description = "How many items.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int[]> hosts = new("--hosts")
    {
        Description = "How many hosts; the first is what the others are compared with.",
        DefaultValueFactory = _ => [1, 2, 4],
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int> runs = new("--runs")
    {
        Description = "How many interleaved runs; the median is reported.",
        DefaultValueFactory = _ => 5,
    };

    public HostsScenario()
        : base("hosts", "Several worker processes on one database beside one.")
    {
        Options.Add(items);
        Options.Add(hosts);
        Options.Add(runs);
    }

    protected override async Task RunAsync(ParseResult parsed, string? json)
    {
        await using var server = await BenchServer.StartAsync();
        var report = new Report(Name, server.Settings) { ["items"] = parsed.GetValue(items) };
        var numbers = parsed.GetValue(hosts)!;
        var measured = new List<Figures>();
        for (var run = 0; run < parsed.GetValue(runs); run++)
        {
            var figures = new Figures();
            foreach (var number in numbers)
            {
                figures[$"transitions_per_second_of_{number}"] = await MeasureAsync(server, parsed.GetValue(items), number);
                figures[$"ratio_of_{number}_to_{numbers[0]}"] =
                    figures[$"transitions_per_second_of_{number}"] / figures[$"transitions_per_second_of_{numbers[0]}"];
            }

            measured.Add(figures);
        }

        report.Add($"Hosts on one database, {parsed.GetValue(items):#,0} items", measured);
        report["findings"] = 0; // Any finding has ended the run above.
        report.Write(json);
    }

    private static async Task<double> MeasureAsync(BenchServer server, int size, int hosts)
    {
        await using var database = await server.CreateAsync();
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        var batch = await EngineRun.LaunchAsync(engine, size);
        var started = new List<HostProcess>();
        try
        {
            for (var i = 0; i < hosts; i++)
            {
                await using var warmUp = await server.CreateAsync();
                await PrepareAsync(warmUp, WarmUpItems);
                started.Add(await HostProcess.StartAsync(warmUp.ConnectionString, database.ConnectionString));
            }

            await server.CheckpointAsync();
            started.ForEach(host => host.Go());
            await Task.WhenAll(started.Select(host => host.EndAsync()));
        }
        finally
        {
            started.ForEach(host => host.Dispose());
        }

        await Subject.VerifyAsync(engine, batch, size);
        var findings = await engine.ExamineAsync();
        return findings.Count == 0
            ? size * 3 / await EngineRun.SecondsAsync(database, batch)
            : throw new InvalidOperationException($"After {hosts} hosts the doctor found:\n{string.Join('\n', findings)}");
    }

    private static async Task PrepareAsync(BenchDatabase database, int size)
    {
        await using var engine = Subject.OnPostgreSql(database.ConnectionString);
        await engine.MigrateAsync();
        await EngineRun.LaunchAsync(engine, size);
    }
}
