namespace Enrichment.Consolidation.Definitions;

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

    /// <summary>
    /// A day, a month or a year: the first and the last day that it may be. Read as a <see cref="string"/> with what is known of it, such
    /// as <c>2023-02</c>.
    /// </summary>
    PartialDate = 9,

    /// <summary>
    /// One of the ordered labels of a scale: stored as its rank from 0, read as the label. Computed columns alone have it.
    /// </summary>
    Bucket = 10,
}
