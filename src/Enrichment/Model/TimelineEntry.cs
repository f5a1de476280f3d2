namespace Enrichment;

/// <summary>One thing that happened to an item.</summary>
/// <param name="At">When, by the store's clock.</param>
/// <param name="Stage">At which stage.</param>
/// <param name="Generation">In which generation; null where the row does not say.</param>
/// <param name="Attempt">Of which attempt; null if of none.</param>
/// <param name="What">
/// In a word: <c>attempt started</c>, <c>attempt completed</c>, <c>completed</c>, <c>failed</c>, <c>replaced</c>, …
/// </param>
/// <param name="Detail">The error or reason, if there was one.</param>
public sealed record TimelineEntry(DateTimeOffset At, short Stage, short? Generation, int? Attempt, string What, string? Detail);
