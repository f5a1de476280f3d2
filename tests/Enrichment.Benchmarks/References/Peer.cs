using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Enrichment.Benchmarks.Server;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Benchmarks.References;

/// <summary>Another product that does W(N, 3), as a program of tests/peers.</summary>
/// <param name="Name">As <c>tests/peers/run.sh</c> knows it.</param>
/// <param name="Items">So many should last 30 to 60 seconds on two cores that it shares with the server, by the rates of shorter runs.</param>
internal sealed record Peer(string Name, int Items)
{
    public static readonly ImmutableArray<Peer> All = [new("pg-boss", 100_000), new("wolverine", 30_000), new("graphile-worker", 20_000), new("dbos", 10_000), new("hangfire", 3_000)];

    /// <summary>Runs it in an empty database and returns what it says of itself. The first run installs it.</summary>
    /// <exception cref="InvalidOperationException">It failed, or did not store 3 results an item; it has said why on standard error.</exception>
    public async Task<JsonObject> RunAsync(BenchDatabase database, int items)
    {
        var script = Path.Combine(TestPaths.RepositoryRoot, "tests", "peers", "run.sh");
        var start = new ProcessStartInfo(script, [Name, "--items", items.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true, Environment = { ["PEER_POSTGRES"] = UriOf(database) } };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonNode.Parse(output.TrimEnd().Split('\n')[^1])!.AsObject()
            : throw new InvalidOperationException($"The run is void: 'tests/peers/run.sh {Name} --items {items}' ended with {process.ExitCode}; what it said stands above.");
    }

    private static string UriOf(BenchDatabase database)
    {
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"postgresql://{address.Username}@{address.Host}:{address.Port}/{address.Database}";
    }
}
