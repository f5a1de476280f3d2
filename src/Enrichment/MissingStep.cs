namespace Enrichment;

/// <summary>Items that wait at a stage whose step this host does not have, or may not call.</summary>
/// <param name="Batch">Their batch.</param>
/// <param name="Client">The batch's client.</param>
/// <param name="Stage">The stage, from 1.</param>
/// <param name="Step">The step's slug.</param>
/// <param name="Version">The version with which the batch was launched: only this one will do.</param>
/// <param name="Items">How many wait there.</param>
public sealed record MissingStep(Guid Batch, string Client, short Stage, string Step, string Version, int Items)
{
    /// <summary>Why every call would be refused on this host, which has the step; null if it does not have it.</summary>
    public string? Reason { get; init; }
}
