namespace Enrichment.Retention;

/// <summary>Which ended batches are pruned, now.</summary>
public sealed record PruneOptions
{
    /// <summary>Only those that ended at least so long ago, by the store's clock.</summary>
    public required TimeSpan OlderThan { get; init; }

    /// <summary>Only this client's; null for all.</summary>
    public string? Client { get; init; }

    /// <summary>A folder into which each batch is written before it goes, as <c>ID.jsonl.gz</c>. Null: nothing is written.</summary>
    public string? Archive { get; init; }

    /// <summary>True to change nothing and only tell what would go.</summary>
    public bool DryRun { get; init; }

    /// <summary>The actor, for the batch's events.</summary>
    /// <value>Null: the user and the machine that this process runs as and on.</value>
    public string? By { get; init; }
}
