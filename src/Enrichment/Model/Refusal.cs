namespace Enrichment;

/// <summary>Deliveries that were refused in one hour for one reason.</summary>
/// <param name="Hour">When the hour began.</param>
/// <param name="Reason">Why.</param>
/// <param name="Times">How many.</param>
/// <param name="LastAt">When the last was noted.</param>
public sealed record Refusal(DateTimeOffset Hour, string Reason, long Times, DateTimeOffset LastAt);
