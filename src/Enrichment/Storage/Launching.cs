using System.Text.Json.Serialization;

namespace Enrichment.Storage;

/// <summary>A batch's status. The numbers are stored.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<BatchStatus>))]
public enum BatchStatus
{
    /// <summary>Launched; no host has claimed of it yet.</summary>
    [JsonStringEnumMemberName("pending")] Pending = 0,

    /// <summary>Hosts work on it.</summary>
    [JsonStringEnumMemberName("running")] Running = 1,

    /// <summary>An operator holds it: nothing more is claimed; what is in flight ends.</summary>
    [JsonStringEnumMemberName("paused")] Paused = 2,

    /// <summary>Every item's pipeline has ended, none by failure.</summary>
    [JsonStringEnumMemberName("completed")] Completed = 3,

    /// <summary>Every item's pipeline has ended, some by failure.</summary>
    [JsonStringEnumMemberName("completed_with_failures")] CompletedWithFailures = 4,

    /// <summary>An operator ended it.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled = 5,
}

/// <summary>A batch to be made of an upload's rows.</summary>
public sealed record LaunchRequest
{
    /// <summary>The new batch's id, UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The sealed upload, by its inner key.</summary>
    public required int Upload { get; init; }

    /// <summary>The caller's key: the same key and request give the same batch.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of what was asked for, to tell a repetition from another request under the same key.</summary>
    public required ReadOnlyMemory<byte> RequestHash { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The snapshot as JSON.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The rows, as runs that do not overlap; what was rejected, or is not there, is left out. All without it.</summary>
    public IReadOnlyList<BucketRun> Rows { get; init; } = BucketRun.All;

    /// <summary>From 1 to 100, see <see cref="LaunchOptions.Priority"/>.</summary>
    public short Priority { get; init; } = 10;

    /// <summary>The trace context of the launch, as in the header <c>traceparent</c>; null if it is part of no trace.</summary>
    internal string? TraceParent { get; init; }

    internal static EnrichmentException TransactionHasEnded() =>
        new("The batch cannot be launched inside a transaction that was committed, rolled back or disposed of. Launch before the transaction ends.");
}

/// <summary>A batch as it stands.</summary>
public sealed record Batch
{
    /// <summary>The inner key.</summary>
    [JsonIgnore]
    public int Key { get; init; }

    /// <summary>The public id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The upload's public id.</summary>
    public required Guid UploadId { get; init; }

    /// <summary>The upload's inner key.</summary>
    [JsonIgnore]
    public int Upload { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The snapshot as JSON. No part of the batch's own JSON.</summary>
    [JsonIgnore]
    public string Snapshot { get; init; } = "";

    /// <summary>The caller's key.</summary>
    public required string LaunchKey { get; init; }

    /// <summary>Where it stands.</summary>
    public required BatchStatus Status { get; init; }

    /// <summary>Its weight against the client's other batches, see <see cref="LaunchOptions.Priority"/>.</summary>
    public required int Priority { get; init; }

    /// <summary>Moves with every change of status.</summary>
    [JsonIgnore]
    public int Version { get; init; }

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

    /// <summary>Whether nothing more will happen to it, unless somebody retries.</summary>
    public bool HasEnded => Status is BatchStatus.Completed or BatchStatus.CompletedWithFailures or BatchStatus.Cancelled;
}
