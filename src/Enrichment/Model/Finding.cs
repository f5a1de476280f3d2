namespace Enrichment;

/// <summary>A violated invariant.</summary>
/// <param name="Invariant">Its number in the documentation.</param>
/// <param name="Check">The check's name.</param>
/// <param name="Detail">What was found, naming the rows.</param>
public sealed record Finding(int Invariant, string Check, string Detail);
