using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Frees a paused batch.</summary>
internal sealed class ResumeCommand() : BatchCommand("resume", "Frees a paused batch.", "enrich resume last")
{
    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        await session.Client.ResumeAsync(batch, cancellationToken);
        return new(Statuses.Json(await session.Client.GetBatchAsync(batch, cancellationToken)), $"Batch {batch} goes on.");
    }
}
