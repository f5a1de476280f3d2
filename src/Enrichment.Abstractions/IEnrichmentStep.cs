namespace Enrichment;

/// <summary>
/// A unit of enrichment: reads an item's record, answers with an outcome, and knows nothing of the steps before and after it.
/// </summary>
/// <remarks>
/// One instance, made by the host's dependency injection, serves all items at once: keep no state between calls and be thread-safe. The
/// engine owns state, retries, time-outs and sequence; a step only says what happened. Mark the class with
/// <see cref="EnrichmentStepAttribute"/>.
/// </remarks>
public interface IEnrichmentStep
{
    /// <summary>Works on one item.</summary>
    /// <param name="context">The item's record, the step's options, the attempt and its idempotency key.</param>
    /// <param name="cancellationToken">
    /// Fires when the step's time-out has passed, its lease is lost, or the host stops and its grace is over.
    /// </param>
    /// <returns>What happened. Null and exceptions are faults of the step: the item fails, others go on.</returns>
    ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken);
}
