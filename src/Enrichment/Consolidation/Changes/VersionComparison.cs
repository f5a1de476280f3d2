using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Changes;

/// <summary>Compares the rows of two versions inside the database, where both are.</summary>
internal sealed class VersionComparison(ProjectionSession session, TableVersion old, TableVersion young)
{
    private const int ColumnsShown = 10;

    private const int CellsOfColumn = 2;

    private readonly ProjectionDialect dialect = session.Dialect;

    /// <summary>What differs. Two scans of each table, and one for each column that shows examples; nothing is locked.</summary>
    public async Task<ProjectionDiff> RunAsync(CancellationToken cancellationToken)
    {
        var hasRowsInCommon = old.Projection.Key.SequenceEqual(young.Projection.Key);
        var changed = new Dictionary<string, long>(StringComparer.Ordinal);
        var examples = new List<ChangedCell>();
        var counts = hasRowsInCommon
            ? await CompareAsync(
                new(
                    dialect.Join(dialect.Pair(old, young)),
                    Common(old.Projection.Columns, young.Projection.Columns, column => column.Name)),
                changed,
                examples,
                cancellationToken).ConfigureAwait(false)
            : [
                await RowsAsync(old, cancellationToken).ConfigureAwait(false),
                await RowsAsync(young, cancellationToken).ConfigureAwait(false),
            ];
        var (gained, lost) = (new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, long>(StringComparer.Ordinal));
        foreach (var (place, child) in young.Projection.Children.Index())
        {
            var before = old.Projection.Children.Index().FirstOrDefault(known => known.Item.Name == child.Name);
            if (before.Item is not null)
            {
                var ofChild = await CompareAsync(
                    new(
                        dialect.Join(dialect.Pair(old, before.Index, young, place)),
                        Common(before.Item.Visible, child.Visible, child.NameOf)),
                    changed,
                    examples,
                    cancellationToken).ConfigureAwait(false);
                (gained[child.Name], lost[child.Name]) = (ofChild[2], ofChild[3]);
            }
        }

        return new()
        {
            From = old.Version,
            To = young.Version,
            IsLive = false,
            RowsBefore = counts[0],
            RowsAfter = counts[1],
            Gained = hasRowsInCommon ? counts[2] : null,
            Lost = hasRowsInCommon ? counts[3] : null,
            ChildrenGained = gained,
            ChildrenLost = lost,
            Columns = changed,
            Examples = examples,
            CarriedBatches = (await session.NotedAsync(young.Version, cancellationToken).ConfigureAwait(false))
                .Count(noted => noted.IsPruned
                    && old.Projection.TakesRowsOf(noted.Workstream)
                    && young.Projection.TakesRowsOf(noted.Workstream)),
        };
    }

    // Columns of both that hold a cell; one that is new in the table has nothing to be compared with.
    private static List<(ProjectionColumn Old, ProjectionColumn New, string Name)> Common(
        IEnumerable<ProjectionColumn> then, IEnumerable<ProjectionColumn> now, Func<ProjectionColumn, string> nameOf) =>
    [
        .. now
            .Join(then, column => column.Name, column => column.Name, (after, before) => (before, after, nameOf(after)))
            .Where(column => column.before.IsCell && column.after.IsCell),
    ];

    /// <summary>
    /// Adds the columns that differ. Returns the rows of both tables, then those that only the new one and only the old one has.
    /// </summary>
    private async Task<List<long>> CompareAsync(
        Compared tables, Dictionary<string, long> changed, List<ChangedCell> examples, CancellationToken cancellationToken)
    {
        var counts = await CountsAsync(tables, cancellationToken).ConfigureAwait(false);
        foreach (var (index, column) in tables.Columns.Index())
        {
            if (counts[index + 4] is > 0 and var cells)
            {
                changed.Add(column.Name, cells);
                if (changed.Count <= ColumnsShown)
                {
                    await AddExamplesAsync(examples, tables, column, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return counts;
    }

    private Task<long> RowsAsync(TableVersion version, CancellationToken cancellationToken) => session.CountAsync(
        $"select count(*) from {dialect.Table(version.Table)} t where {dialect.Visible(version, "t")}", [], cancellationToken);

    private async Task<List<long>> CountsAsync(Compared tables, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>();
        var differing = tables.Columns.Select(column =>
            $"count(*) filter (where o.item is not null and n.item is not null and ({Differs(column, values)}))");
        string[] all =
        [
            "count(o.item)",
            "count(n.item)",
            "count(*) filter (where o.item is null)",
            "count(*) filter (where n.item is null)",
            .. differing,
        ];
        await using var command = session.Command($"select {string.Join(", ", all)} from {tables.Joined.Tables} where {tables.Joined.Shown}", values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, all.Length).Select(reader.GetInt64)];
    }

    private async Task AddExamplesAsync(
        List<ChangedCell> examples,
        Compared tables,
        (ProjectionColumn Old, ProjectionColumn New, string Name) column,
        CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>();
        var cells = StoredColumn.Of(column.Old).Select(stored => Cell("o", stored))
            .Concat(StoredColumn.Of(column.New).Select(stored => Cell("n", stored)));
        await using var command = session.Command(
            $"""
            select b.id, n.item, {string.Join(", ", cells)}
              from {tables.Joined.Tables}
              join {dialect.Table("batches")} b on b.batch = n.batch
             where {tables.Joined.Shown} and o.item is not null and ({Differs(column, values)})
             limit {CellsOfColumn}
            """,
            values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var ordinal = 2;
            var before = CsvExport.Format(dialect.Read(reader, ref ordinal, column.Old));
            var after = CsvExport.Format(dialect.Read(reader, ref ordinal, column.New));
            examples.Add(new(reader.GetGuid(0), reader.GetInt32(1), column.Name, before, after));
        }
    }

    // JSON has no equality, and two types may have none in common.
    private string Differs((ProjectionColumn Old, ProjectionColumn New, string Name) column, Dictionary<string, object> values)
    {
        StoredColumn[] before = [.. StoredColumn.Of(column.Old)];
        StoredColumn[] after = [.. StoredColumn.Of(column.New)];
        var valuesDiffer = $"{Cell("o", before[0])} is distinct from {Cell("n", after[0])}";
        return (column.Old.Type, column.New.Type) switch
        {
            // A day is a partial date that ends with itself.
            (ColumnType.Date or ColumnType.PartialDate, ColumnType.Date or ColumnType.PartialDate) =>
                $"{valuesDiffer} or {Cell("o", before[^1])} is distinct from {Cell("n", after[^1])}",

            // A store may keep a number of many digits as text.
            (ColumnType.Integer, ColumnType.Number) or (ColumnType.Number, ColumnType.Integer) => $"{valuesDiffer} and {TextsDiffer()}",
            (ColumnType.Bucket, ColumnType.Bucket) when Labels(column.Old).SequenceEqual(Labels(column.New)) => valuesDiffer,
            var (old, now) when old == now && now is not (ColumnType.Json or ColumnType.Bucket) => valuesDiffer,
            _ => TextsDiffer(),
        };

        string TextsDiffer() => $"{Text("o", before[0], values)} is distinct from {Text("n", after[0], values)}";
    }

    private string Cell(string alias, StoredColumn column) => $"{alias}.{dialect.Quote(column.Name)}";

    // A bucket is stored as its rank, which another scale may give to another label.
    private string Text(string alias, StoredColumn column, Dictionary<string, object> values)
    {
        if (column.Column.Type != ColumnType.Bucket)
        {
            return dialect.AsText(Cell(alias, column), column.Type);
        }

        var labels = Labels(column.Column).Select((label, rank) =>
        {
            var name = $"label{values.Count}";
            values.Add(name, label);
            return FormattableString.Invariant($"when {rank} then @{name}");
        });
        return $"case {Cell(alias, column)} {string.Join(' ', labels)} end";
    }

    private static IReadOnlyList<string> Labels(ProjectionColumn column) => column.Computed!.Type.Scale!.Labels;

    /// <summary>Two tables side by side, and the columns that both have.</summary>
    private sealed record Compared(
        (string Tables, string Shown) Joined, IReadOnlyList<(ProjectionColumn Old, ProjectionColumn New, string Name)> Columns);
}
