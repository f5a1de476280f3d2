namespace Enrichment.Execution;

/// <summary>What came of trying to claim.</summary>
/// <param name="Won">Whether anything was claimed.</param>
/// <param name="Items">How many items.</param>
/// <param name="Left">Whether their calls only wait for their answers.</param>
/// <param name="Suspect">What was claimed and given back, because it may have killed its host and must be worked on alone.</param>
/// <param name="NeedsStep">Whether items were left that only a host with the step can work on.</param>
internal readonly record struct ClaimResult(bool Won, int Items = 0, bool Left = false, Lease? Suspect = null, bool NeedsStep = false);
