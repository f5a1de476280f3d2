namespace Enrichment.Plans;

/// <summary>
/// The signals of a process, one for each kind of work: who waits for one is not called, and does not ask the store, for every other.
/// </summary>
internal sealed class WorkSignals
{
    /// <summary>Something may be due to be claimed.</summary>
    public WorkSignal Due { get; } = new();

    /// <summary>A delivery waits to be interpreted.</summary>
    public WorkSignal Delivered { get; } = new();
}
