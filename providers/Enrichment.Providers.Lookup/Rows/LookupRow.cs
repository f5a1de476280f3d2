namespace Enrichment.Providers.Lookup.Rows;

/// <summary>The kept part of a row.</summary>
/// <param name="Values">In the order of the options' fields, as <see cref="StepOutcome"/> takes them.</param>
/// <param name="ObservedAt">Null: it has no date.</param>
/// <param name="IsNothing">Whether it is a known negative.</param>
/// <param name="Line">Its line in the file; 0 in a query.</param>
/// <param name="Fault">Why it cannot answer; null if it can.</param>
internal sealed record LookupRow(object?[] Values, DateTimeOffset? ObservedAt, bool IsNothing, long Line, string? Fault = null);
