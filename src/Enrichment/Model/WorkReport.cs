namespace Enrichment;

/// <summary>The work that a worker did.</summary>
/// <param name="Outcomes">Outcomes of calls and polls that were written, and conditions that did not hold.</param>
/// <param name="Deliveries">Deliveries that were interpreted.</param>
/// <param name="Batches">Batches that ended.</param>
/// <param name="IsIdle">Whether it ended because nothing more was due, and not because its time had ended.</param>
public sealed record WorkReport(long Outcomes, long Deliveries, int Batches, bool IsIdle);
