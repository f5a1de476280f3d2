namespace Enrichment;

/// <summary>
/// A client's own mapping of headers to fields. It is never changed: another mapping with the same scope replaces it, and uploads remember
/// by which one they were read.
/// </summary>
public sealed record ColumnMapping
{
    /// <summary>Its number, which rises.</summary>
    public required int Number { get; init; }

    /// <summary>Its scope: the lists of this workstream. Null: files with <see cref="Headers"/>.</summary>
    public string? Workstream { get; init; }

    /// <summary>
    /// Its scope: files with exactly these headers, as letters and digits alone. Null: lists of <see cref="Workstream"/>.
    /// </summary>
    public IReadOnlyList<string>? Headers { get; init; }

    /// <summary>
    /// For each header its field; null: the column feeds nothing. Null as a whole: the mapping of the scope was forgotten.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Columns { get; init; }

    /// <summary>The actor.</summary>
    public string? By { get; init; }

    /// <summary>When it was made, by the store's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Whether another mapping replaces it.</summary>
    internal bool HasScopeOf(ColumnMapping other) =>
        Workstream == other.Workstream && (Headers ?? []).SequenceEqual(other.Headers ?? []);
}
