using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Filling;

/// <summary>A batch as consolidation reads it.</summary>
/// <param name="Key">The inner key.</param>
/// <param name="Client">The client's inner key.</param>
/// <param name="Upload">The upload's inner key.</param>
/// <param name="Buckets">The buckets in which it may have items.</param>
/// <param name="Plan">The projection resolved against it.</param>
/// <param name="Items">How many items it has.</param>
internal sealed record PlannedBatch(
    int Key,
    int Client,
    int Upload,
    IReadOnlyList<short> Buckets,
    ProjectionPlan Plan,
    int Items)
{
    /// <summary>The public id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The public id of its upload.</summary>
    public required Guid UploadId { get; init; }

    /// <summary>Its version now.</summary>
    public required int Version { get; init; }

    /// <summary>Whether it has ended: until its version moves, no state of it changes.</summary>
    public required bool HasEnded { get; init; }

    /// <summary>Whether its sources are gone.</summary>
    public required bool IsPruned { get; init; }

    /// <summary>How often the lists of its client have changed.</summary>
    public required int ListChanges { get; init; }

    /// <summary>How far the table has it; null if it never had.</summary>
    public required FillProgress? Progress { get; init; }

    /// <summary>What the pass has counted so far, see <see cref="FilledPlaces"/>; null if nothing.</summary>
    public string? Filled { get; init; }

    /// <summary>What the table has of it, see <see cref="CellCounts"/>; null if that is not known.</summary>
    public string? Counted { get; init; }

    /// <exception cref="EnrichmentException">It was pruned.</exception>
    public PlannedBatch Unpruned() => !IsPruned ? this : throw new EnrichmentException(
        $"Batch {Id} cannot be consolidated: it was pruned. Its rows in typed tables stay as they are.");
}

/// <summary>How far a version's table has a batch.</summary>
/// <param name="Noted">The version of the batch that it shows as a whole; null: none yet.</param>
/// <param name="Shown">The same, if the batch had ended: what has changed since was retried since.</param>
/// <param name="Filling">The version at which the pass under way began; null: there is none.</param>
/// <param name="Again">Of that pass: whether rows of its items may be there already.</param>
/// <param name="Bucket">The bucket of the last item that the pass has done.</param>
/// <param name="Item">That item; <see cref="Copying"/> if the pass copies rows.</param>
/// <param name="Lists">How often the client's lists had changed when the last pass began.</param>
internal sealed record FillProgress(int? Noted, int? Shown, int? Filling, bool Again, short Bucket, int Item, int Lists)
{
    /// <summary>In place of an item: the batch is pruned, and the pass copies its rows from the live table.</summary>
    public const int Copying = -1;

    /// <summary>
    /// Of the pass under way: beside items that were retried it takes those that looked up a value that has changed since this count of
    /// changes. Null: it takes all, or no list has changed.
    /// </summary>
    public int? ListsSince { get; init; }
}
