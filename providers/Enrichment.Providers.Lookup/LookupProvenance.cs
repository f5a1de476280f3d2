namespace Enrichment.Providers.Lookup;

/// <summary>Fields of the answer that tell where it comes from, each of which the step has to produce. Null: not told.</summary>
public sealed class LookupProvenance
{
    /// <summary>
    /// The field that says <c>found</c>, or <c>nothing</c> for a known negative. It is absent if the lookup had no answer, which a later
    /// stage's condition can test.
    /// </summary>
    public string? Outcome { get; init; }

    /// <summary>The field that names the source.</summary>
    public string? Source { get; init; }

    /// <summary>The source's name, the value of that field.</summary>
    public string? Name { get; init; }

    /// <summary>The field that says when the row was observed, in UTC; null for a row without date.</summary>
    public string? ObservedAt { get; init; }
}
