using Enrichment.Json;

namespace Enrichment.External;

/// <summary>An external worker asks for tasks.</summary>
/// <param name="Step">The slug of the step that it does.</param>
/// <param name="Worker">Its name, for the record: a host and a process, say. From 1 to 200 characters.</param>
internal sealed record FetchRequest(string Step, string Worker)
{
    private const int LongestName = 200;
    private const int MostTasks = 1000;
    private static readonly TimeSpan ShortestLock = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestLock = TimeSpan.FromHours(1);

    /// <summary>The only version of the step that it does; null: it does them all.</summary>
    public string? Version { get; init; }

    /// <summary>How many tasks at most: what the worker has in hand at once, because a crash loses all of them.</summary>
    /// <value>10. From 1 to 1,000.</value>
    public int Limit { get; init; } = 10;

    /// <summary>How long they are the worker's unless it extends that, by the store's clock.</summary>
    /// <value>1 minute. From 1 second to 1 hour.</value>
    public TimeSpan Lock { get; init; } = TimeSpan.FromMinutes(1);

    /// <exception cref="EnrichmentException">Something is out of its range.</exception>
    internal void Validate()
    {
        if (Worker is null || Worker.Length is 0 or > LongestName || Worker.Any(char.IsControl) || JsonGate.Refuse(Worker) is not null)
        {
            throw new EnrichmentException($"worker: expected a name of 1 to {LongestName} characters, such as modal-7/1234.");
        }

        if (Limit is < 1 or > MostTasks)
        {
            throw new EnrichmentException($"limit: expected 1 to {MostTasks}, got {Limit}.");
        }

        Validate(Lock);
    }

    /// <summary>A worker reports and extends as many tasks at once as it can fetch: each request is one statement.</summary>
    /// <exception cref="EnrichmentException">So many are in no request.</exception>
    internal static void ValidateCount(int tasks)
    {
        if (tasks > MostTasks)
        {
            throw new EnrichmentException($"$.tasks: expected at most {MostTasks} tasks, got {tasks}. Send the rest in further requests.");
        }
    }

    /// <exception cref="EnrichmentException">So long is no lock.</exception>
    internal static void Validate(TimeSpan hold)
    {
        if (hold < ShortestLock || hold > LongestLock)
        {
            throw new EnrichmentException(
                $"lockSeconds: expected {ShortestLock.TotalSeconds} to {LongestLock.TotalSeconds}, got {hold.TotalSeconds}.");
        }
    }
}
