using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Pauses a batch: no more of its items begin; calls in flight end.</summary>
internal sealed class PauseCommand()
    : BatchCommand("pause", "Pauses a batch: no more of its items begin; calls in flight end.", "enrich pause last")
{
    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        await session.Client.PauseAsync(batch, cancellationToken);
        return new(Statuses.Json(await session.Client.GetBatchAsync(batch, cancellationToken)), $"Batch {batch} is paused.");
    }
}
