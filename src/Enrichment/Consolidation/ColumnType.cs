namespace Enrichment.Consolidation;

/// <summary>
/// The types of a column. A closed set; README.md of this folder says how a value becomes each of them, and the vectors for all stores test
/// it.
/// </summary>
internal enum ColumnType
{
    /// <summary>Text as it is; a <see cref="string"/>.</summary>
    Text = 1,

    /// <summary>A whole number of 64 bits; a <see cref="long"/>.</summary>
    Integer = 2,

    /// <summary>An exact decimal number of at most 28 digits; a <see cref="decimal"/>.</summary>
    Number = 3,

    /// <summary>True or false; a <see cref="bool"/>.</summary>
    Boolean = 4,

    /// <summary>A calendar day; a <see cref="DateOnly"/>.</summary>
    Date = 5,

    /// <summary>An instant in UTC, to the microsecond; a <see cref="DateTimeOffset"/>.</summary>
    Timestamp = 6,

    /// <summary>A list of texts; an array of <see cref="string"/>.</summary>
    TextList = 7,

    /// <summary>Any JSON value, its text as stored; a <see cref="string"/>.</summary>
    Json = 8,
}
