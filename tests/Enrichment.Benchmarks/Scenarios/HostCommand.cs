using System.CommandLine;
using Enrichment.Benchmarks.Work;

namespace Enrichment.Benchmarks.Scenarios;

/// <summary>
/// What <see cref="HostsScenario"/> starts: works a database empty to have its code compiled, says so in a line, waits for one, works the
/// other until it is drained.
/// </summary>
/// <remarks>It stops when its standard input ends, because then nobody waits for it any more.</remarks>
internal sealed class HostCommand : Command
{
    private readonly Option<string> warmUp = new("--warm-up") { Required = true };
    private readonly Option<string> database = new("--database") { Required = true };

    public HostCommand()
        : base("host", "Works until a database is drained.")
    {
        Hidden = true;
        Options.Add(warmUp);
        Options.Add(database);
        SetAction((parsed, _) => RunAsync(parsed.GetValue(warmUp)!, parsed.GetValue(database)!));
    }

    private static async Task RunAsync(string warmUp, string database)
    {
        await using (var first = Subject.OnPostgreSql(warmUp))
        {
            await first.RunUntilDrainedAsync();
        }

        await using var engine = Subject.OnPostgreSql(database);
        Console.WriteLine("ready");
        if (await Console.In.ReadLineAsync() is null)
        {
            return;
        }

        using var left = new CancellationTokenSource();
        _ = Task.Run(async () =>
        {
            await Console.In.ReadLineAsync();
            await left.CancelAsync();
        });
        await engine.RunUntilDrainedAsync(left.Token);
    }
}
