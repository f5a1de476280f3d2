using System.CommandLine;
using Enrichment.Execution;
using Microsoft.Extensions.Logging;

namespace Enrichment.Cli.Commands;

/// <summary>A worker in the foreground.</summary>
internal sealed class WorkCommand : CliCommand
{
    private readonly Option<string?> projection = ProjectionOption.Create("A table to bring up to date with every batch that ends, a JSON file.");
    private readonly Option<int?> lanes = new("--lanes") { Description = "How many intervals are worked on side by side, from 1 to 64. Without it: 2.", HelpName = "N" };
    private readonly Option<int?> lease = new("--lease") { Description = "How long claimed work stays with a worker that does not answer, from 1 second to an hour. Without it: 30.", HelpName = "SECONDS" };
    private readonly VendorOptions vendors = new();
    private readonly Option<bool> untilDrained = new("--until-drained") { Description = "End when nothing is left that this process could do." };

    public WorkCommand()
        : base(
            "work",
            "Works on what is due, for every client and batch of the store. Ctrl-C or SIGTERM drains: nothing more is begun, calls in flight end, leases are given back, exit code 0. "
            + "On PostgreSQL any number of workers share the work; on SQLite one at a time, the others wait and say so.",
            "enrich work --until-drained",
            "enrich work --store \"postgres:Host=localhost;Database=leads;Username=me\"")
    {
        foreach (var option in (Option[])[untilDrained, projection, lanes, lease])
        {
            Options.Add(option);
        }

        vendors.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var table = ProjectionOption.Read(parsed, projection);
        await using var session = await Session.OpenAsync(parsed, cancellationToken, table, WorkerOf(parsed), LogLevel.Information, vendors.Read(parsed));
        await (parsed.GetValue(untilDrained) ? session.Engine.RunUntilDrainedAsync(cancellationToken) : session.Engine.RunAsync(cancellationToken));
        var drained = !cancellationToken.IsCancellationRequested;
        return new(new { Drained = drained }, drained ? "Nothing is left to do." : "Stopped; what was in flight has ended, nothing is lost.");
    }

    private WorkerOptions WorkerOf(ParseResult parsed)
    {
        var worker = new WorkerOptions();
        return worker with
        {
            Lanes = parsed.GetValue(lanes) ?? worker.Lanes,
            Lease = parsed.GetValue(lease) is { } seconds ? TimeSpan.FromSeconds(seconds) : worker.Lease,
        };
    }
}
