using System.Collections.Concurrent;
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
/// <param name="Items">
/// So many should last 30 to 60 seconds on two cores that it shares with the server, by the rates of shorter runs.
/// </param>
internal sealed record Peer(string Name, int Items)
{
    public static readonly ImmutableArray<Peer> All =
    [
        new("pg-boss", 100_000),
        new("wolverine", 30_000),
        new("graphile-worker", 20_000),
        new("dbos", 10_000),
        new("hangfire", 3_000),
    ];

    private const int LastLines = 30;

    /// <summary>Runs it in an empty database and returns what it says of itself. The first run installs it.</summary>
    /// <exception cref="PeerVoidException">
    /// It failed, did not store 3 results an item, or was not done within the limit and was killed.
    /// </exception>
    public async Task<JsonObject> RunAsync(BenchDatabase database, int items, TimeSpan limit)
    {
        var script = Path.Combine(TestPaths.RepositoryRoot, "tests", "peers", "run.sh");
        var start = new ProcessStartInfo(script, [Name, "--items", items.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PEER_POSTGRES"] = UriOf(database) },
        };
        var output = new ConcurrentQueue<string>();
        var errors = new ConcurrentQueue<string>();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(output, line.Data);
        process.ErrorDataReceived += (_, line) => Keep(errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var late = new CancellationTokenSource(limit, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            throw Void($"was not done in {limit.TotalSeconds:0} s and was killed");
        }

        return process.ExitCode == 0 ? JsonNode.Parse(output.Last())!.AsObject() : throw Void($"ended with {process.ExitCode}");

        PeerVoidException Void(string what) =>
            new(
                $"'tests/peers/run.sh {Name} --items {items}' {what}. It said last:\n{string.Join('\n', errors.Concat(output).TakeLast(LastLines))}");
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
        {
            lines.Enqueue(line);
        }
    }

    private static string UriOf(BenchDatabase database)
    {
        var address = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        return $"postgresql://{address.Username}@{address.Host}:{address.Port}/{address.Database}";
    }
}

/// <summary>A peer's run that gives no figures, and why: its own trouble, not that of the others.</summary>
internal sealed class PeerVoidException(string message) : Exception(message);
