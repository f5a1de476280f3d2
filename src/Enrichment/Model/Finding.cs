using System.Text.Json.Serialization;
using Enrichment.Consolidation;

namespace Enrichment;

/// <summary>A violated invariant.</summary>
/// <param name="Invariant">Its number in the documentation.</param>
/// <param name="Check">The check's name.</param>
/// <param name="Detail">What was found, naming the rows.</param>
public sealed record Finding(int Invariant, string Check, string Detail)
{
    /// <summary>A batch that has ended is missing from a projection's table.</summary>
    public static Finding NotShown(Projection projection, Guid batch) =>
        new(7, "projection", $"batch {batch} has ended, but the table '{projection.Table}' of projection '{projection.Name}' does not show it: a host's log says why its consolidation fails; consolidate it when that is mended");

    /// <summary>A projection's table differs from what a rebuild makes of it.</summary>
    public static Finding NotAsRebuilt(Projection projection) =>
        new(7, "projection", $"the table '{projection.Table}' of projection '{projection.Name}' is not what a rebuild makes of it: rebuild it, and look for who else writes it");
}
