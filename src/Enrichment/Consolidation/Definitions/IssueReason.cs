namespace Enrichment.Consolidation.Definitions;

/// <summary>Why a value is no cell, or an item has no row: the words that are stored, and what each means.</summary>
internal static class IssueReason
{
    public const string Cast = "cast";
    public const string Normalise = "normalise";
    public const string Compute = "compute";
    public const string UnknownBucket = "unknown_bucket";
    public const string Missing = "missing";
    public const string NoKey = "no_key";
    public const string LongKey = "long_key";
    public const string Shape = "shape";
    public const string Twin = "twin";

    /// <summary>All of them, with their meaning.</summary>
    public static IReadOnlyList<(string Word, string Meaning)> All { get; } =
    [
        (Cast, "the value does not fit the column's type"),
        (Normalise, "it cannot be brought to the column's form"),
        (Compute, "the expression has no result"),
        (UnknownBucket, "no bucket has the value"),
        (Shape, "an element of an array is no row"),
        (Twin, "another element has the same key"),
        (Missing, "a required column has no value"),
        (NoKey, "the item has no row, because a part of its key has no value"),
        (LongKey, "its key is too long"),
    ];
}
