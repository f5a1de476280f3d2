using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Enrichment.Cli.Commands;

/// <summary>A worker in the foreground.</summary>
internal sealed class WorkCommand : CliCommand
{
    private readonly Option<string?> projection = ProjectionOption.Create(
        "A table to bring up to date with every batch that ends, a JSON file.");
    private readonly WorkingOptions working = new();
    private readonly VendorOptions vendors = new();
    private readonly Option<bool> untilDrained = new("--until-drained")
    {
        Description = "End when nothing is left that this process can do.",
    };

    public WorkCommand()
        : base(
            "work",
            "Works on everything that is due, for every client and batch of the store. Ctrl-C or SIGTERM drains: no more items begin, calls in flight end, leases are given back, exit code 0. "
            + "On PostgreSQL any number of workers share the work; on SQLite one at a time, the others wait and say so. "
            + "With --until-drained it ends with the count of items that failed, by stage and class, and with exit code 1 if there are any.",
            "enrich work --until-drained",
            "enrich work --until-drained --vendors vendors --allow 10.1.0.0/16",
            "enrich work --store \"postgres:Host=localhost;Database=leads;Username=me\"")
    {
        foreach (var option in (Option[])[untilDrained, projection])
        {
            Options.Add(option);
        }

        working.AddTo(this);
        vendors.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var table = ProjectionOption.Read(parsed, projection);
        await using var session = await Session.OpenAsync(
            parsed,
            cancellationToken,
            table,
            working.Read(parsed),
            LogLevel.Information,
            vendors.Read(parsed));
        var failed = parsed.GetValue(untilDrained) ? await FailedItems.SinceNowAsync(session.Engine, cancellationToken) : null;
        await (
            parsed.GetValue(untilDrained)
                ? session.Engine.RunUntilDrainedAsync(cancellationToken)
                : session.Engine.RunAsync(cancellationToken));
        if (failed is null || cancellationToken.IsCancellationRequested)
        {
            return new(
                new { Drained = false, Missing = Array.Empty<MissingStep>() },
                "Stopped. Calls in flight have ended; nothing is lost.");
        }

        var missing = await session.Engine.ListMissingStepsAsync(cancellationToken);
        var found = await failed.FindAsync(session.Engine, cancellationToken);
        return new(
            new { Drained = true, Missing = missing, Failed = found },
            $"{(missing.Count == 0 ? "Nothing is left to do." : $"Nothing is left that this host could do.{Statuses.Lines(missing)}")}{FailedItems.Lines(found)}",
            found.Count > 0 ? ExitCode.Findings : ExitCode.Ok);
    }
}
