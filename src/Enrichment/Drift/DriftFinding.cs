namespace Enrichment.Drift;

/// <summary>A change in the answers of a step, as the inbox shows it.</summary>
public sealed record DriftFinding
{
    /// <summary>Its number, by which it is decided about.</summary>
    public required int Number { get; init; }

    /// <summary>The slug of the step whose answers changed; of an unknown bucket the projection's name.</summary>
    public required string Step { get; init; }

    /// <summary>The step's version; empty for a projection.</summary>
    public required string Version { get; init; }

    /// <summary>What changed.</summary>
    public required DriftKind Kind { get; init; }

    /// <summary>
    /// Where, as a JSON pointer; <c>*</c> means the elements of an array, <c>{}</c> the values of an object with very many names. Of an
    /// unknown bucket the column.
    /// </summary>
    public required string Path { get; init; }

    /// <summary>What changed, in a few sentences with the counts.</summary>
    public required string Sentence { get; init; }

    /// <summary>A value from the place, at most 200 characters. Null if there is none, or its batch was pruned.</summary>
    public string? Sample { get; init; }

    /// <summary>What was decided about it.</summary>
    public required DriftStatus Status { get; init; }

    /// <summary>The first batch that shows it.</summary>
    public required Guid FirstBatch { get; init; }

    /// <summary>The last batch that shows it; counts and sample are from there.</summary>
    public required Guid LastBatch { get; init; }

    /// <summary>
    /// By projection of this host, the change of its definition that would follow the vendor: a JSON Patch (RFC 6902).
    /// </summary>
    public required IReadOnlyDictionary<string, string> Patches { get; init; }
}
