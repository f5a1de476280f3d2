using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>Gives a batch another share of what its client gets.</summary>
internal sealed class PrioritizeCommand : BatchCommand
{
    private readonly Argument<int> priority = new("N")
    {
        Description = "The new priority, from 1 to 100; a batch has 10 unless its launch said otherwise.",
    };

    public PrioritizeCommand()
        : base(
            "prioritize",
            "Changes the batch's share of its client's time: with 20 it gets twice as much time as one with 10. It takes nothing from other clients.",
            "enrich prioritize last 50") => Arguments.Add(priority);

    protected override async Task<Answer> RunAsync(Session session, Guid batch, ParseResult parsed, CancellationToken cancellationToken)
    {
        await session.Client.SetPriorityAsync(batch, parsed.GetValue(priority), cancellationToken);
        return new(
            Statuses.Json(await session.Client.GetBatchAsync(batch, cancellationToken)),
            $"Batch {batch} has priority {parsed.GetValue(priority)}.");
    }
}
