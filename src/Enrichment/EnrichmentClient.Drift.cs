using System.Globalization;
using Enrichment.Drift;

namespace Enrichment;

/// <content>The inbox of drift: what changed in the answers of vendors. It is filled with every batch that ends.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>
    /// What changed in the answers of this client's steps, in the order in which it was found. Each batch that ends is compared with the
    /// batches launched before it.
    /// </summary>
    /// <param name="status">Only findings about which this was decided; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<DriftFinding>> ListDriftAsync(
        DriftStatus? status = null,
        CancellationToken cancellationToken = default)
    {
        var report = new DriftReport(
            definitions.Projections,
            await store.ReadManifestsAsync(cancellationToken).ConfigureAwait(false));
        return
        [
            .. (await store.ReadDriftAsync(Slug, cancellationToken).ConfigureAwait(false))
                .Where(drift => status is null || drift.Status == status)
                .Select(report.Of),
        ];
    }

    /// <summary>
    /// Notes what was decided about a finding. Accepted: later answers are compared with those since the change. Ignored: the same change
    /// is not reported again. Open: nothing is decided any more.
    /// </summary>
    /// <param name="number">The finding's number.</param>
    /// <param name="status">The decision.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">
    /// The client has no such finding; or it was accepted, and the same change was found again since as a finding of its own.
    /// </exception>
    public async Task SetDriftStatusAsync(int number, DriftStatus status, CancellationToken cancellationToken = default)
    {
        if (!await store.DecideDriftAsync(Slug, number, status, cancellationToken).ConfigureAwait(false))
        {
            throw new EnrichmentException(string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing can be decided about finding {number}: client '{Slug}' has no such finding, or the same change was found again after it was accepted. Look for its number among the client's findings."));
        }
    }
}
