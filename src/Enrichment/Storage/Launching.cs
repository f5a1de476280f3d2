using System.Data.Common;

namespace Enrichment.Storage;

/// <summary>A batch to be made of an upload's rows.</summary>
internal sealed record LaunchRequest
{
    /// <summary>The new batch's id, UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The client's slug.</summary>
    public required string Client { get; init; }

    /// <summary>The sealed upload, by its inner key.</summary>
    public required int Upload { get; init; }

    /// <summary>The caller's key: the same key and request give the same batch.</summary>
    public required string Key { get; init; }

    /// <summary>SHA-256 of the request, to tell a repetition from another request under the same key.</summary>
    public required ReadOnlyMemory<byte> RequestHash { get; init; }

    /// <summary>The pipeline's name.</summary>
    public required string Pipeline { get; init; }

    /// <summary>The snapshot as JSON.</summary>
    public required string Snapshot { get; init; }

    /// <summary>The rows, as runs that do not overlap; rejected and missing rows are left out. Null: all rows.</summary>
    public IReadOnlyList<BucketRun> Rows { get; init; } = BucketRun.All;

    /// <summary>From 1 to 100, see <see cref="LaunchOptions.Priority"/>.</summary>
    public short Priority { get; init; } = 10;

    /// <summary>The trace context of the launch, as in the header <c>traceparent</c>; null if it is part of no trace.</summary>
    internal string? TraceParent { get; init; }

    /// <summary>What the event of the launch says besides, as JSON; null for nothing.</summary>
    public string? Detail { get; init; }

    internal static EnrichmentException KeyWasUsed(string key, Guid batch) =>
        new(
            $"The key '{key}' was used before, for batch {batch} with another upload, query, pipeline or choice of rows. Repeat that request unchanged, or launch under another key.");

    internal static EnrichmentException TransactionHasEnded() =>
        new(
            "The batch cannot be launched inside a transaction that was committed, rolled back or disposed of. Launch before the transaction ends.");
}

/// <summary>Which batches of a client are read.</summary>
internal sealed record BatchFilter
{
    /// <summary>Those of this upload, by its inner key.</summary>
    public int? Upload { get; init; }

    /// <summary>That with this launch key, and those whose launch key begins with it and a slash.</summary>
    public string? LaunchKey { get; init; }
}

/// <summary>The launch of a single batch.</summary>
internal static class SingleLaunch
{
    /// <inheritdoc cref="IBatchStore.LaunchAsync"/>
    public static async Task<Batch> LaunchAsync(
        this IBatchStore store, LaunchRequest request, DbTransaction? transaction, CancellationToken cancellationToken) =>
        (await store.LaunchAsync([request], transaction, cancellationToken).ConfigureAwait(false))[0];
}
