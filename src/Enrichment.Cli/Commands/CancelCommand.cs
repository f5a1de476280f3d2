using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Ends a batch: its open items are cancelled.</summary>
internal sealed class CancelCommand() : BatchCommand("cancel", "Ends a batch: its open items are cancelled.", "enrich cancel last")
{
    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        await session.Client.CancelAsync(batch, cancellationToken);
        return new(Statuses.Json(await session.Client.GetBatchAsync(batch, cancellationToken)), $"Batch {batch} is cancelled.");
    }
}
