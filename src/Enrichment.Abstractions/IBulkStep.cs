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
    /// <returns>By <see cref="AttemptContext.IdempotencyKey"/> what happened to each. An item that is not in it is tried again, since the
    /// vendor did not answer for it; a key that was not asked about is left out and logged. Null and exceptions are faults of the step:
    /// every item fails.</returns>
    ValueTask<IReadOnlyDictionary<string, StepOutcome>> ExecuteAsync(
        IReadOnlyList<StepContext> contexts,
        CancellationToken cancellationToken);
}
