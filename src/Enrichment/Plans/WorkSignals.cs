namespace Enrichment.Plans;

/// <summary>
/// The signals of a process, one for each kind of work: a loop wakes, and reads the store, only for its own kind.
/// </summary>
internal sealed class WorkSignals
{
    /// <summary>Something may be due to be claimed.</summary>
    public WorkSignal Due { get; } = new();

    /// <summary>A delivery waits to be interpreted.</summary>
    public WorkSignal Delivered { get; } = new();
}
