namespace Enrichment.Consolidation;

/// <summary>A version of a projection: a definition that has, had or gets a table.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="Status">
/// <c>building</c>: its table is filled, and nobody reads it yet; <c>live</c>: the view shows it; <c>kept</c>: it was replaced, and its
/// table is still there; <c>dropped</c>: only its definition is left.
/// </param>
/// <param name="Since">When it got this status.</param>
/// <param name="Definition">The definition, as <see cref="Projection.Parse"/> reads it.</param>
/// <param name="IsHosts">Whether it is the definition of this host, read by the same evaluator.</param>
/// <param name="IsHeld">Whether it waits for an operator before it becomes live.</param>
public sealed record ProjectionVersion(
    int Version, string Status, DateTimeOffset Since, string Definition, bool IsHosts, bool IsHeld);
