namespace Enrichment.Consolidation;

/// <summary>A column of an export.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">
/// What its values are: <see cref="string"/>, <see cref="long"/>, <see cref="decimal"/>, <see cref="bool"/>, <see cref="DateOnly"/>,
/// <see cref="DateTimeOffset"/> or <c>IReadOnlyList&lt;string&gt;</c>; of the rows of a child table
/// <c>IReadOnlyList&lt;IReadOnlyList&lt;object?&gt;&gt;</c>.
/// </param>
public sealed record ExportColumn(string Name, Type Type)
{
    /// <summary>Whether its texts are JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>Of the rows of a child table their columns; else empty.</summary>
    public IReadOnlyList<ExportColumn> Columns { get; init; } = [];
}
