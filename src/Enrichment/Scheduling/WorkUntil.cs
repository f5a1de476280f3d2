namespace Enrichment.Scheduling;

/// <summary>When a worker ends by itself.</summary>
internal enum WorkUntil
{
    /// <summary>It does not: its caller stops it.</summary>
    Stopped,

    /// <summary>Once nothing is left that this host could do, now or later.</summary>
    Drained,

    /// <summary>Once nothing is due now; items that wait for a date or an answer are left.</summary>
    Idle,
}
