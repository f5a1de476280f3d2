using System.Globalization;

namespace Enrichment.Consolidation.Tests;

/// <summary>A row that was read, with its child rows.</summary>
internal sealed record AskedRow(string Place, IReadOnlyDictionary<string, object?> Values, IReadOnlyList<AskedRow> Children)
{
    public object? this[string column] => Values[column];

    /// <summary>Batch and item, which no other row has.</summary>
    public static string PlaceOf(ProjectedRow row) => string.Create(CultureInfo.InvariantCulture, $"{row.Batch} {row.Item}");
}
