using System.Text.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// How many rows a table has of a batch, and how many of them have a value, by column. What depends on a reader's day is no cell.
/// </summary>
/// <param name="columns">How many columns have cells.</param>
internal sealed class CellCounts(int columns)
{
    private readonly long[] counts = new long[columns + 1];

    /// <summary>How many rows there are.</summary>
    public long Rows => counts[0];

    /// <summary>How many rows have a value in a column, by its place among those with cells.</summary>
    public long this[int column] => counts[column + 1];

    /// <summary>The places of cells in a row, one for each column of a projection that has cells.</summary>
    public static IReadOnlyList<int> PlacesOf(Projection projection) =>
        [.. projection.Stored.Index().Where(cell => !cell.Item.IsBeside).Select(cell => cell.Index)];

    /// <summary>Counts a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="places">From <see cref="PlacesOf"/>.</param>
    public void Add(EvaluatedRow row, IReadOnlyList<int> places)
    {
        counts[0]++;
        var cells = row.Cells;
        for (var column = 0; column < places.Count; column++)
        {
            counts[column + 1] += cells[places[column]].HasValue ? 1 : 0;
        }
    }

    /// <summary>Adds counts that begin with that of the rows.</summary>
    /// <param name="others">As many as there are here, or none.</param>
    /// <param name="sign">-1 to take them away.</param>
    public void Add(IReadOnlyList<long> others, int sign = 1)
    {
        foreach (var (index, count) in others.Index())
        {
            counts[index] += sign * count;
        }
    }

    /// <summary>Adds what <see cref="ToJson"/> wrote.</summary>
    public void Add(string json) => Add(JsonSerializer.Deserialize<long[]>(json)!);

    public string ToJson() => JsonSerializer.Serialize(counts);
}
