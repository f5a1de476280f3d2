namespace Enrichment.Execution;

/// <summary>The result of a try to claim.</summary>
/// <param name="Won">Whether anything was claimed.</param>
/// <param name="Items">How many items.</param>
/// <param name="Detached">Whether the work goes on without its claim loop, because its calls only wait for their answers.</param>
/// <param name="Suspect">
/// Items that were claimed and given back, because they may have killed their host and must be worked on alone.
/// </param>
/// <param name="NeedsStep">Whether items were left that only a host with the step can work on.</param>
internal readonly record struct ClaimResult(bool Won, int Items = 0, bool Detached = false, Lease? Suspect = null, bool NeedsStep = false);
