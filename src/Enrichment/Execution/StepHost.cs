namespace Enrichment.Execution;

/// <summary>What a host calls steps with.</summary>
/// <param name="Threads">The threads on which calls begin.</param>
/// <param name="Slots">The calls that may be in flight.</param>
/// <param name="Credits">The accounts with vendors that are used up.</param>
/// <param name="Run">The run of the worker.</param>
internal sealed record StepHost(StepThreads Threads, CallSlots Slots, VendorCredits Credits, WorkerRun Run);
