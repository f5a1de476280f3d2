namespace Enrichment;

/// <summary>
/// The many-at-once form of a step, for a vendor with a bulk endpoint: items of one batch are collected up to a size or for a short time.
/// </summary>
/// <remarks>It is called instead of <see cref="IEnrichmentStep.ExecuteAsync"/>, which then serves tests and a batch of one.</remarks>
public interface IBulkStep : IEnrichmentStep
{
    /// <summary>Works on several items with one call.</summary>
    /// <param name="contexts">The items, from 1 to the manifest's <see cref="StepManifest.BulkSize"/>.</param>
    /// <param name="cancellationToken">As for one item.</param>
    /// <returns>
    /// By <see cref="AttemptContext.IdempotencyKey"/> the outcome of each. An item that is missing is tried again, because the vendor did
    /// not answer for it; a key that belongs to no item is logged and ignored. Null and exceptions are faults of the step: every item
    /// fails.
    /// </returns>
    ValueTask<IReadOnlyDictionary<string, StepOutcome>> ExecuteAsync(
        IReadOnlyList<StepContext> contexts,
        CancellationToken cancellationToken);
}
