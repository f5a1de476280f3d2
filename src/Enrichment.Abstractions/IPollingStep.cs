namespace Enrichment;

/// <summary>The polling half of a step whose answers have to be fetched later.</summary>
public interface IPollingStep : IEnrichmentStep
{
    /// <summary>Asks for the answer. An idempotent read: it costs nothing, and may be made by two hosts at once.</summary>
    /// <param name="context">The attempt that was sent.</param>
    /// <param name="cancellationToken">Fires when the step's time-out has passed or the host stops.</param>
    /// <returns>What happened; <see cref="StepOutcome.AwaitingPoll"/> if the answer is not there yet. An exception is a fault of the step: the item fails.</returns>
    ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken);
}
