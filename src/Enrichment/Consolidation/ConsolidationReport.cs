namespace Enrichment.Consolidation;

/// <summary>The result of a consolidation.</summary>
public sealed record ConsolidationReport
{
    /// <summary>The projection.</summary>
    public required string Projection { get; init; }

    /// <summary>
    /// True if the table was rebuilt: on request, the first time, after a change of the definition, or because a key had lost its youngest
    /// item.
    /// </summary>
    public required bool Rebuilt { get; init; }

    /// <summary>How many batches were read.</summary>
    public required int Batches { get; init; }

    /// <summary>Rows that the table has of these batches now.</summary>
    public required long Rows { get; init; }

    /// <summary>
    /// For each column that has any, how many cells were bad, or how many items have no row for want of this part of the key.
    /// </summary>
    public required IReadOnlyDictionary<string, long> Issues { get; init; }

    /// <summary>
    /// Columns, fields and steps that the projection names and a batch does not have, each once: a column without any other source stays
    /// empty.
    /// </summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }
}
