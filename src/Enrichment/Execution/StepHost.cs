namespace Enrichment.Execution;

/// <summary>What a host calls steps with.</summary>
/// <param name="Threads">The threads on which calls begin.</param>
/// <param name="Slots">The calls that may be in flight.</param>
/// <param name="Run">The run of the worker.</param>
internal sealed record StepHost(StepThreads Threads, CallSlots Slots, WorkerRun Run)
{
    /// <summary>The accounts with vendors that are used up.</summary>
    public VendorCredits Credits { get; } = new(Run.Time);
}
