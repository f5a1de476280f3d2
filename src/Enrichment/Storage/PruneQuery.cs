namespace Enrichment.Storage;

/// <summary>Which ended batches are to be pruned.</summary>
internal sealed record PruneQuery
{
    /// <summary>Only those that ended at least so long ago, by the store's clock.</summary>
    public required TimeSpan OlderThan { get; init; }

    /// <summary>Only this client's; null for all.</summary>
    public string? Client { get; init; }

    /// <summary>True for only those whose end the typed tables show.</summary>
    public bool Consolidated { get; init; }

    /// <summary>
    /// True to wait until a whole month can go, where results are kept by month: nothing of them is then deleted row by row. A batch waits
    /// 31 days for the others of its month, no longer. Means nothing to a store without months.
    /// </summary>
    public bool WholeMonths { get; init; }
}
