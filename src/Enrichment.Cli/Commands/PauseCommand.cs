using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Holds a batch: nothing more of it is begun; what is in flight ends.</summary>
internal sealed class PauseCommand()
    : BatchCommand("pause", "Holds a batch: nothing more of it is begun; what is in flight ends.", "enrich pause last")
{
    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        await session.Client.PauseAsync(batch, cancellationToken);
        return new(Statuses.Json(await session.Client.GetBatchAsync(batch, cancellationToken)), $"Batch {batch} is paused.");
    }
}
