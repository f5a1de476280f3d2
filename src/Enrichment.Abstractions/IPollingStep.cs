namespace Enrichment;

/// <summary>The polling half of a step whose answers have to be fetched later.</summary>
public interface IPollingStep : IEnrichmentStep
{
    /// <summary>Asks for the answer. An idempotent read: it costs nothing, and may be made by two hosts at once.</summary>
    /// <param name="context">The attempt that was sent.</param>
    /// <param name="cancellationToken">Fires when the step's time-out has passed or the host stops.</param>
    /// <returns>The vendor's answer about the job. <see cref="StepOutcome.AwaitingPoll"/> if the answer is not there yet; that,
    /// <see cref="StepOutcome.Unknown"/> or <see cref="StepOutcome.RateLimited"/> if the poll itself did not work: it is made again, as
    /// after an exception, until the deadline, where one last poll is made. <see cref="StepOutcome.Retry"/> is for a job of which the
    /// vendor says that it did no work: the call is made again.</returns>
    ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken);
}
