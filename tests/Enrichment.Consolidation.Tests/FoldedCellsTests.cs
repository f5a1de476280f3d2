using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tests;

/// <summary>A key may have very many items.</summary>
public sealed class FoldedCellsTests
{
    [Fact]
    public void Memory_grows_with_the_values_that_may_be_chosen_and_not_with_the_items()
    {
        const int Items = 50_000;
        var projection = Projection.Define("many", p => p
            .Key("k")
            .FoldColumns()
            .Text("k", s => s.Column("K"))
            .Text("first", s => s.Column("T"))
            .Json("latest", s => s.Result("one", "", observed: "/at").Latest())
            .Text("smallest", s => s.Column("T").Smallest())
            .Text("agreed", s => s.Column("T").Agreed())
            .Text("differs", s => s.Column("U").Agreed())
            .TextList("all", s => s.Column("U").All()));
        var cells = new FoldedCells(projection, 1);
        cells.Begin(0, Items);
        var text = new string('x', 500);
        var values = new object?[cells.Cells.Count];

        // A number by which the latest is chosen is the last of the cells.
        for (var item = Items; item > 0; item--)
        {
            var some = FormattableString.Invariant($"{item % 10} {text}");
            var other = FormattableString.Invariant($"u{item}");
            var often = FormattableString.Invariant($"u{(item % 3 == 0 ? 7 : item % 100)}");
            (values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]) =
                ("k", some, $"\"{text}\"", some, some, often, new[] { other, "same" }, (long)item);
            cells.Add(1, item, place => values[place]);
        }

        // The texts of the list, of which each differs, and hardly anything else.
        Assert.InRange(cells.Row.Size, 9 * Items, (10 * Items) + 20_000);
        cells.Evaluate();
        object?[] row = [.. Enumerable.Range(0, 7).Select(place => CellValue.Of(cells.Row, place, cells.Columns[place].Column.Type))];
        Assert.Equal(["k", $"0 {text}", $"\"{text}\"", $"0 {text}", $"0 {text}", "u7"], row[..6]);
        Assert.Equal(Items + 1, ((string[])row[6]!).Length);
    }
}
