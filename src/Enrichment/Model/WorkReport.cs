namespace Enrichment;

/// <summary>What a worker did.</summary>
/// <param name="Outcomes">Outcomes of calls and polls that were written, and conditions that did not hold.</param>
/// <param name="Deliveries">Deliveries that were interpreted.</param>
/// <param name="Batches">Batches that ended.</param>
/// <param name="IsIdle">Whether it ended because there was nothing more to do at that moment, and not because its time was over.</param>
public sealed record WorkReport(long Outcomes, long Deliveries, int Batches, bool IsIdle);
