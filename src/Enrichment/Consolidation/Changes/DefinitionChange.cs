namespace Enrichment.Consolidation.Changes;

/// <summary>What a change of a definition does to a column or to the table.</summary>
internal enum ChangeKind
{
    /// <summary>There is one more column.</summary>
    Added,

    /// <summary>A column takes all values that it took, as they are, and others.</summary>
    Widened,

    /// <summary>A column gets an index or is searched, or no longer.</summary>
    Indexed,

    /// <summary>A column is no longer there.</summary>
    Dropped,

    /// <summary>A column holds another type.</summary>
    Retyped,

    /// <summary>A column of the same type may have other values or issues.</summary>
    Changed,

    /// <summary>Columns have another order.</summary>
    Moved,

    /// <summary>Other items share a row.</summary>
    Key,

    /// <summary>Batches of other workstreams have rows.</summary>
    Rows,

    /// <summary>The table has another name.</summary>
    Table,
}

/// <summary>One difference between two definitions.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Column">The column; null for the table.</param>
/// <param name="Sentence">The same for an operator.</param>
internal sealed record DefinitionChange(ChangeKind Kind, string? Column, string Sentence)
{
    /// <summary>Whether each value that the table had stays as it is.</summary>
    public bool IsCompatible => Kind is ChangeKind.Added or ChangeKind.Widened or ChangeKind.Indexed;

    /// <summary>Whether a reader of the table no longer finds what it reads, or finds it under other keys or types.</summary>
    public bool BreaksReaders => Kind is ChangeKind.Dropped or ChangeKind.Retyped or ChangeKind.Key or ChangeKind.Rows or ChangeKind.Table;

    /// <summary>Of what a table has one row.</summary>
    /// <param name="key">The columns of its key.</param>
    /// <param name="otherwise">Of what, without a key.</param>
    public static string Grain(IReadOnlyList<string> key, string otherwise) =>
        $"one row for each {(key.Count == 0 ? otherwise : string.Join(", ", key))}";
}
