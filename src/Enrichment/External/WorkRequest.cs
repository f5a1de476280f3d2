using Enrichment.Json;

namespace Enrichment.External;

/// <summary>An external worker asks for work.</summary>
/// <param name="Step">The slug of the step that it does.</param>
/// <param name="Worker">Who asks, for the attempts' record: a host and a process, say. From 1 to 200 characters.</param>
internal sealed record WorkRequest(string Step, string Worker)
{
    private const int LongestName = 200;
    private const int MostItems = 1000;
    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLease = TimeSpan.FromHours(1);

    /// <summary>The only version of the step that it does; null: it does them all.</summary>
    public string? Version { get; init; }

    /// <summary>How many items at most: what the worker has in hand at once, because a crash leaves all of them unknown.</summary>
    /// <value>10. From 1 to 1,000.</value>
    public int Limit { get; init; } = 10;

    /// <summary>How long they are the worker's unless it renews, by the store's clock.</summary>
    /// <value>1 minute. From 1 second to 1 hour.</value>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <exception cref="EnrichmentException">Something is out of its range.</exception>
    internal void Validate()
    {
        if (Worker is null || Worker.Length is 0 or > LongestName || Worker.Any(char.IsControl) || JsonGate.Refuse(Worker) is not null)
        {
            throw new EnrichmentException($"worker: expected a name of 1 to {LongestName} characters, such as modal-7/1234.");
        }

        if (Limit is < 1 or > MostItems)
        {
            throw new EnrichmentException($"limit: expected 1 to {MostItems}, got {Limit}.");
        }

        Validate(Lease);
    }

    /// <exception cref="EnrichmentException">So long is no lease.</exception>
    internal static void Validate(TimeSpan lease)
    {
        if (lease < ShortestLease || lease > LongestLease)
        {
            throw new EnrichmentException(
                $"leaseSeconds: expected {ShortestLease.TotalSeconds} to {LongestLease.TotalSeconds}, got {lease.TotalSeconds}.");
        }
    }
}
