using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Why deliveries were refused.</summary>
internal sealed class RefusalsCommand : CliCommand
{
    public RefusalsCommand()
        : base(
            "refusals",
            "Counts the deliveries that were refused in the last 30 days, by hour and reason, for all clients. Nothing else of a refused delivery is kept.",
            "enrich refusals",
            "enrich refusals --json") => LimitOption.AddTo(this);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenForAllAsync(parsed, cancellationToken);
        var list = new Listing(parsed, "refusals", "hour", ">times", "reason") { Nothing = "Nothing was refused." };
        foreach (var refusal in await session.Engine.ListRefusalsAsync(cancellationToken))
        {
            await list.AddAsync(refusal, $"{refusal.Hour:u}", $"{refusal.Times:n0}", refusal.Reason);
        }

        return await list.EndAsync();
    }
}
