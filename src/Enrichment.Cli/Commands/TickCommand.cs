using System.CommandLine;
using Microsoft.Extensions.Logging;

namespace Enrichment.Cli.Commands;

/// <summary>A worker for a bounded time, for schedulers that drive the engine from outside.</summary>
internal sealed class TickCommand : CliCommand
{
    private readonly Option<int> seconds = new Option<int>("--seconds")
    {
        Description = "How long it works at most, from 1 to 3600. Calls in flight may then end.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 50,
    }.AcceptOnlyFrom(1, 3600);

    private readonly WorkingOptions working = new();
    private readonly VendorOptions vendors = new();

    public TickCommand()
        : base(
            "tick",
            "Works on everything that is due now, and ends: for cron, a scheduled function or a flow. Items that wait for a date or an answer are left to the next tick. Ticks and workers may overlap. "
            + "The exit code is 0 in any case; --json says how much was done, whether more is due, and which due work needs another host.",
            "enrich tick --seconds 50 --store \"postgres:Host=localhost;Database=leads;Username=me\"")
    {
        Options.Add(seconds);
        working.AddTo(this);
        vendors.AddTo(this);
    }

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(
            parsed,
            cancellationToken,
            null,
            working.Read(parsed),
            LogLevel.Information,
            vendors.Read(parsed));
        var report = await session.Engine.TickAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellationToken);
        var missing = await session.Engine.ListMissingStepsAsync(CancellationToken.None);
        var end =
            !report.IsIdle ? "the time ended before the work"
            : missing.Count == 0 ? "nothing more is due now"
            : "nothing more is due now that this host could do";
        return new(
            new { report.Outcomes, report.Deliveries, report.Batches, report.IsIdle, Missing = missing },
            $"{Plural.Of(report.Outcomes, "outcome")}, {Plural.Of(report.Deliveries, "delivery", "deliveries")}, "
            + $"{Plural.Of(report.Batches, "batch", "batches")} ended; {end}.{Statuses.Lines(missing)}");
    }
}
