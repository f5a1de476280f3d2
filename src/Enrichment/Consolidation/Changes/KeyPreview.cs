using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>
/// Compares the rows that two definitions with one key make of the keys of some items. All items of these keys are evaluated, as the live
/// table has them; an item without a row there is compared by itself.
/// </summary>
/// <param name="session">The statements.</param>
/// <param name="live">The version whose table tells which items a key has.</param>
/// <param name="proposed">The other definition.</param>
internal sealed class KeyPreview(ProjectionSession session, TableVersion live, Projection proposed)
{
    // Of all keys together.
    private const int MostItems = 10_000;

    private readonly HashSet<string> keys = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Batch, int Item), IReadOnlyList<object?>?> items = [];

    /// <summary>How many keys were not compared, because they have too many items.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Adds the keys of some items of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="sample">The items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task AddAsync(
        PlannedBatch batch, IReadOnlyList<(short Bucket, int Item)> sample, CancellationToken cancellationToken)
    {
        const int First = 5;
        if (sample.Count == 0)
        {
            return;
        }

        var withoutRow = sample.Select(item => (batch.Key, item.Item)).ToHashSet();
        var ofKey = new List<((int, int) Place, IReadOnlyList<object?>? Values)>();
        var (number, isNew) = (0L, false);
        await using (var command = session.Command(
            session.Dialect.SelectToFold(live, sample.Select(item => item.Item)), new() { ["batch"] = batch.Key }))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var place = (reader.GetInt32(3), reader.GetInt32(4));
                withoutRow.Remove(place);
                object?[] values =
                    [.. live.Projection.OfItems.Select((column, index) => session.Dialect.Read(reader, index + First, column.Type))];
                if (reader.GetInt64(0) is var next && next != number)
                {
                    Take(ofKey);
                    (number, isNew) = (next, keys.Add(KeyOf(live.Projection, reader.GetInt32(2), values)));
                }

                if (isNew && ofKey.Count + items.Count <= MostItems)
                {
                    ofKey.Add((place, values));
                }
            }
        }

        Take(ofKey);
        Take([.. withoutRow.Select(place => (place, (IReadOnlyList<object?>?)null))]);
    }

    /// <summary>Evaluates the items by both definitions, and compares the rows of their keys.</summary>
    public async Task CompareAsync(CellComparison comparison, CancellationToken cancellationToken)
    {
        var (before, after) = (new List<KeyedItem>(), new List<KeyedItem>());
        foreach (var batch in items.GroupBy(item => item.Key.Batch).OrderBy(batch => batch.Key))
        {
            var old = await session.PlanAsync(live.Projection, 0, batch.Key, cancellationToken).ConfigureAwait(false);
            var young = await session.PlanAsync(proposed, 0, batch.Key, cancellationToken).ConfigureAwait(false);
            if (old.IsPruned)
            {
                foreach (var (place, values) in batch)
                {
                    before.Add(new(old, place.Item, Stored(live.Projection, values!)));
                    after.Add(new(old, place.Item, Stored(proposed, Carried(values!))));
                }

                continue;
            }

            (short, int)[] places = [.. batch.Select(item => ((short)Bucket.Of(old.UploadId, item.Key.Item), item.Key.Item))];
            before.AddRange((await EvaluatedItem.ReadAsync(session, old, live.Lists, places, cancellationToken).ConfigureAwait(false))
                .Select(item => new KeyedItem(old, item.Key, item.Value)));
            after.AddRange((await EvaluatedItem.ReadAsync(session, young, live.Lists, places, cancellationToken).ConfigureAwait(false))
                .Select(item => new KeyedItem(young, item.Key, item.Value)));
        }

        var (rows, others) = (Rows(live.Projection, before), Rows(proposed, after));
        foreach (var key in rows.Keys.Union(others.Keys))
        {
            var (one, other) = (rows.GetValueOrDefault(key), others.GetValueOrDefault(key));
            var (batch, item, _, _) = other.Row is null ? one : other;
            comparison.Add(batch, item, one.Row ?? ComparedRow.None, other.Row ?? ComparedRow.None, other.Items);
        }
    }

    // Items come as the table has them, so that a key is taken as a whole or not at all.
    private void Take(List<((int, int) Place, IReadOnlyList<object?>? Values)> ofKey)
    {
        if (ofKey.Count + items.Count > MostItems)
        {
            LeftOut++;
        }
        else
        {
            ofKey.ForEach(item => items[item.Place] = item.Values);
        }

        ofKey.Clear();
    }

    /// <summary>The rows to which items are folded, by key; each item without a row by itself.</summary>
    private static Dictionary<string, (Guid Batch, int Item, ComparedRow? Row, int Items)> Rows(
        Projection projection, IEnumerable<KeyedItem> all)
    {
        var folded = projection.FoldsColumns ? new FoldedCells(projection, 0) : null;
        return all
            .GroupBy(item => item.Evaluated.Row.HasRow
                ? KeyOf(projection, item.Batch.Client, item.Evaluated.Values)
                : string.Create(CultureInfo.InvariantCulture, $"{item.Batch.Key} {item.Item}"))
            .ToDictionary(key => key.Key, key => Row([.. key.OrderByDescending(item => (item.Batch.Key, item.Item))]));

        (Guid, int, ComparedRow?, int) Row(List<KeyedItem> items)
        {
            var youngest = items[0];
            var row = youngest.Evaluated.Row with { Issues = [.. items.SelectMany(item => item.Evaluated.Row.Issues)] };
            return (youngest.Batch.Id, youngest.Item, folded is null || !row.HasRow ? row : Fold(items, row), items.Count);
        }

        ComparedRow Fold(List<KeyedItem> items, ComparedRow row)
        {
            folded.Begin(0, items[0].Item);
            foreach (var item in items)
            {
                folded.Add(item.Batch.Key, item.Item, place => item.Evaluated.Values[place]);
            }

            folded.Evaluate();
            return row with
            {
                Cells = EvaluatedItem.Texts(folded.Row, folded.Columns),
                Issues = [.. row.Issues, .. folded.Row.Issues.Select(issue => folded.Cells[issue.Column].Column.Name)],
            };
        }
    }

    private static string KeyOf(Projection projection, int client, IReadOnlyList<object?> values)
    {
        var places = projection.OfItems.Index().ToDictionary(column => column.Item.Name, column => column.Index, StringComparer.Ordinal);
        return string.Join('\x1f', projection.Key.Select(part => CsvExport.Format(values[places[part]])).Prepend($"{client}:"));
    }

    // Of a pruned batch there is only what the live table has, and child rows are copied as they are.
    private static EvaluatedItem Stored(Projection projection, IReadOnlyList<object?> values)
    {
        var cells = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (place, stored) in projection.Stored.Index().Where(stored => !stored.Item.IsBeside))
        {
            cells[stored.Name] = CsvExport.Format((stored.Column.Type, values[place]) switch
            {
                (ColumnType.PartialDate, DateOnly first) => new PartialDate(first, (DateOnly)values[place + 1]!).ToString(),
                (ColumnType.Bucket, long rank) => stored.Column.Computed!.Type.Scale!.Labels[(int)rank],
                var (_, value) => value,
            });
        }

        return new(ComparedRow.None with { HasRow = true, Cells = cells }, values);
    }

    // As the rows would be copied: in the columns that both definitions have alike.
    private object?[] Carried(IReadOnlyList<object?> values)
    {
        var old = live.Projection.OfItems.Index().ToDictionary(column => column.Item.Name, StringComparer.Ordinal);
        return
        [
            .. proposed.OfItems.Select(column =>
                old.TryGetValue(column.Name, out var known) && ProjectionDialect.IsSame(known.Item.Type, column.Type)
                    ? known.Item.Type != column.Type && values[known.Index] is long whole ? (decimal)whole : values[known.Index]
                    : null),
        ];
    }

    private sealed record KeyedItem(PlannedBatch Batch, int Item, EvaluatedItem Evaluated);
}
