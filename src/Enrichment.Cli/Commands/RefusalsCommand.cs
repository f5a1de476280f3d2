using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Why deliveries were refused.</summary>
internal sealed class RefusalsCommand() : CliCommand(
    "refusals",
    "Counts the deliveries that were refused in the last 30 days, by hour and reason, for all clients: nothing else is kept of what anybody can send.",
    "enrich refusals",
    "enrich refusals --json")
{
    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var refusals = await session.Engine.RefusalsAsync(cancellationToken);
        return new(
            new { Refusals = refusals },
            refusals.Count == 0 ? "Nothing was refused." : string.Join('\n', refusals.Select(refusal => $"{refusal.Hour:u} {refusal.Times,8:n0} {refusal.Reason}")));
    }
}
