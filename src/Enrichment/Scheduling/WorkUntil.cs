namespace Enrichment.Scheduling;

/// <summary>When a worker ends by itself.</summary>
internal enum WorkUntil
{
    /// <summary>It does not: somebody stops it.</summary>
    Stopped,

    /// <summary>Once nothing is left that this host could do, now or later.</summary>
    Drained,

    /// <summary>Once there is nothing to do now; what waits for a date or an answer is left.</summary>
    Idle,
}
