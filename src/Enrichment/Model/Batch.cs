namespace Enrichment;

/// <summary>A batch in its current state.</summary>
public sealed record Batch
{
    /// <summary>The inner key.</summary>
    internal int Key { get; init; }

    /// <summary>The public id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The upload's public id.</summary>
    public required Guid UploadId { get; init; }

    /// <summary>The upload's inner key.</summary>
    internal int Upload { get; init; }

    /// <summary>SHA-256 of the request that launched it.</summary>
    internal ReadOnlyMemory<byte> RequestHash { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The snapshot as JSON.</summary>
    internal string Snapshot { get; init; } = "";

    /// <summary>The caller's key.</summary>
    public required string LaunchKey { get; init; }

    /// <summary>Its status.</summary>
    public required BatchStatus Status { get; init; }

    /// <summary>Its weight against the client's other batches, see <see cref="LaunchOptions.Priority"/>.</summary>
    public required int Priority { get; init; }

    /// <summary>Moves with every change of status.</summary>
    internal int Version { get; init; }

    /// <summary>How many items it has.</summary>
    public required int Items { get; init; }

    /// <summary>When it was launched.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When a host first claimed of it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its last item ended.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>When it was pruned: its items, states and results are gone, its counts and events stay. Null: it was not.</summary>
    public DateTimeOffset? PrunedAt { get; init; }

    /// <summary>Whether its items are calls for entities, for which items of other batches wait.</summary>
    public bool IsRequestBatch { get; init; }

    /// <summary>The trace context of the launch; null if it was part of no trace.</summary>
    internal string? TraceParent { get; init; }

    /// <summary>True if this launch found the batch already there.</summary>
    public bool AlreadyThere { get; init; }

    /// <summary>Whether it has ended. Only a retry can reopen it.</summary>
    public bool HasEnded => Status is BatchStatus.Completed or BatchStatus.CompletedWithFailures or BatchStatus.Cancelled;
}
