namespace Enrichment;

/// <summary>Why and until when a limit makes the calls of a stage wait.</summary>
/// <param name="Stage">The stage, from 1.</param>
/// <param name="Name">The limit's name.</param>
/// <param name="Reason">
/// Why nothing may be sent now: <c>rate_limit</c>; <c>breaker</c> if the vendor failed too often; <c>vendor_credits</c> if the account is
/// used up. Null: nothing is held back.
/// </param>
/// <param name="Until">Until when at least; null if that goes by the calls in flight, or nothing is held back.</param>
public sealed record StageLimit(short Stage, string Name, string? Reason, DateTimeOffset? Until);
