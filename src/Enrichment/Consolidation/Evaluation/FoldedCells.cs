using Enrichment.Consolidation.Definitions;
using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>
/// Makes one row of the rows of all items that have a key: each column chooses among their cells by its own rule, as it chooses among its
/// sources. Then the columns are computed that name folded ones.
/// </summary>
internal sealed class FoldedCells
{
    private readonly IReadOnlyList<PlannedColumn> cells;
    private readonly (int Place, CellChoice? Choice, ColumnDefault? Default, int Rank)[] folded;
    private readonly int[] youngest;
    private readonly ComputedCells computed;
    private readonly List<(int Batch, int Item)> items = [];
    private readonly Utf8Sink origin = new(1 << 8);
    private readonly int[] givers;
    private readonly byte[] places;
    private readonly int[] required;
    private readonly int version;
    private int item;

    /// <param name="projection">The definition.</param>
    /// <param name="version">The version of the projection that has it.</param>
    public FoldedCells(Projection projection, int version)
    {
        this.version = version;
        IsSearched = projection.IsSearched;
        cells = [.. projection.OfItems.Select(column => new PlannedColumn(column, []))];
        Columns = [.. cells.Take(projection.Stored.Count)];
        Row = new(cells.Count);
        var ofYoungest = FoldRules.OfYoungest(projection);
        folded =
        [
            .. cells.Index().Where(cell => cell.Item.Stored.HasSources).Select(cell => (
                cell.Index,
                cell.Item.Column.Choose == ChoiceRule.First || projection.Key.Contains(cell.Item.Column.Name)
                    ? null
                    : new CellChoice(cell.Item.Column.Type, cell.Item.Column.Choose),
                cell.Item.Column.Default is { } json ? ColumnDefault.Of(cell.Item.Column.Type, json) : null,
                cells.Index().FirstOrDefault(
                    other => other.Item.Stored.IsRank && other.Item.Column.Name == cell.Item.Column.Name,
                    (-1, null!)).Index)),
        ];
        youngest = [.. cells.Index().Where(cell => ofYoungest.Contains(cell.Item.Column.Name)).Select(cell => cell.Index)];
        required = projection.LeavesOutIncomplete
            ? []
            : [.. folded.Select(column => column.Place).Where(place => cells[place].IsMissedWithoutValue)];
        var stored = folded.Count(column => column.Place < Columns.Count);
        (givers, places) = (new int[folded.Length], new byte[stored]);
        computed = new(projection.Declared, cells, [], new(projection, new()), column => !ofYoungest.Contains(column.Name));
    }

    /// <summary>The cells that the rows of items have, in order.</summary>
    public IReadOnlyList<PlannedColumn> Cells => cells;

    /// <summary>The table's columns.</summary>
    public IReadOnlyList<PlannedColumn> Columns { get; }

    /// <summary>The row at hand. Its issues are those of its own cells: a required one is null, or one cannot be computed.</summary>
    public EvaluatedRow Row { get; }

    /// <summary>Which items gave its cells, as <see cref="FoldOrigin"/> reads it.</summary>
    public ReadOnlySpan<byte> Origin => origin.Written;

    /// <summary>Whether the row is searched.</summary>
    public bool IsSearched { get; }

    /// <summary>The words by which the row is searched.</summary>
    public IReadOnlyCollection<string> Words => SearchedWords.Of(Row, Columns);

    /// <summary>Eight bytes that tell the row from another.</summary>
    public long Hash => Row.Hash(Columns, origin.Written, []);

    /// <summary>Begins the next key.</summary>
    /// <param name="bucket">The bucket of the key.</param>
    /// <param name="item">Its youngest item.</param>
    public void Begin(short bucket, int item)
    {
        Row.Begin(bucket, item);
        items.Clear();
        this.item = 0;
        Array.Clear(givers);
        foreach (var column in folded)
        {
            column.Choice?.Begin();
        }
    }

    /// <summary>Takes the row of an item; the youngest comes first.</summary>
    /// <param name="batch">The item's batch.</param>
    /// <param name="number">The item.</param>
    /// <param name="value">What its row has at a place.</param>
    public void Add(int batch, int number, Func<int, object?> value)
    {
        items.Add((batch, number));
        item++;
        foreach (var place in item == 1 ? youngest : [])
        {
            Row.Cells[place] = CellValue.CellOf(Row, value(place));
        }

        foreach (var (index, (place, choice, _, rank)) in folded.Index())
        {
            if ((choice is null && givers[index] > 0) || value(place) is not { } found)
            {
                continue;
            }

            var mark = Row.Mark;
            var cell = CellValue.CellOf(Row, found);
            if (cells[place].Column.Type == ColumnType.PartialDate)
            {
                cell = TypedCell.OfDays((int)cell.Whole, ((DateOnly)value(place + 1)!).DayNumber - (int)cell.Whole);
            }

            if (choice is null)
            {
                (Row.Cells[place], givers[index]) = (cell, item);
                continue;
            }

            var ranked = rank < 0 ? null : value(rank);
            if (!choice.Offer(cell, item, Row, ranked as long? ?? long.MinValue, ranked as decimal? ?? decimal.MinValue))
            {
                Row.Rewind(mark); // A key may have very many items.
            }
        }
    }

    /// <summary>Makes the row of all items that came.</summary>
    public void Evaluate()
    {
        foreach (var (index, (place, choice, byDefault, _)) in folded.Index())
        {
            if (choice is not null)
            {
                Row.Cells[place] = choice.Chosen(Row, out givers[index]);
            }

            if (!Row.Cells[place].HasValue)
            {
                Row.Cells[place] = byDefault?.In(Row) ?? default;
            }

            if (Row.Cells[place] is { HasValue: true } date && cells[place].Column.Type == ColumnType.PartialDate)
            {
                Row.Cells[place + 1] = TypedCell.OfWhole(date.Whole + date.Length);
            }
        }

        foreach (var place in required.Where(place => !Row.Cells[place].HasValue))
        {
            Row.Add(new(place, 0, IssueReason.Missing, ""));
        }

        computed.Evaluate(Row);
        Trace();
    }

    private void Trace()
    {
        var named = new List<(int, int)>();
        for (var index = 0; index < places.Length; index++)
        {
            places[index] = givers[index] switch
            {
                0 => Row.Cells[folded[index].Place].HasValue ? RowOrigin.Default : RowOrigin.None,
                CellChoice.Every => RowOrigin.Every,
                var giver => Number(items[giver - 1]),
            };
        }

        origin.Clear();
        FoldOrigin.Append(origin, version, named, places);

        byte Number((int, int) giver)
        {
            var at = named.IndexOf(giver);
            if (at < 0 && named.Count + 1 < RowOrigin.Uncounted)
            {
                named.Add(giver);
                at = named.Count - 1;
            }

            return at < 0 ? RowOrigin.Uncounted : (byte)(at + 1);
        }
    }
}
