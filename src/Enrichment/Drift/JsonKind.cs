namespace Enrichment.Drift;

/// <summary>The kinds of JSON values, as the answers' profiles count them.</summary>
internal enum JsonKind
{
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}
