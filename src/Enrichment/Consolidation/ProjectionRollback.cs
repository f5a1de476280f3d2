namespace Enrichment.Consolidation;

/// <summary>What going back to an earlier version of a projection shows, and what it cannot show.</summary>
public sealed record ProjectionRollback
{
    /// <summary>The version that was live.</summary>
    public required int From { get; init; }

    /// <summary>The version that is live again.</summary>
    public required int To { get; init; }

    /// <summary>
    /// Batches that were pruned since <see cref="To"/> was replaced, and that only the other version has read: their rows are copied from
    /// it.
    /// </summary>
    public required int CarriedBatches { get; init; }

    /// <summary>
    /// Columns of <see cref="To"/> that the other version does not have alike: in rows of these batches they are null. Empty if there are
    /// no such batches.
    /// </summary>
    public required IReadOnlyList<string> EmptyColumns { get; init; }

    /// <summary>
    /// Batches that were retried and then pruned since <see cref="To"/> was replaced: their rows are as it read them before the retry.
    /// </summary>
    public required int OutdatedBatches { get; init; }

    /// <summary>
    /// Functions of <see cref="To"/> that this host does not have, each with its version, such as <c>lead_score 2</c>. While there are any,
    /// this host leaves new batches out of the table: add the functions, or apply a definition without them.
    /// </summary>
    public required IReadOnlyList<string> MissingFunctions { get; init; }
}
