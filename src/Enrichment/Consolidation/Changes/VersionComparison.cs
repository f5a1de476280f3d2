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

    // Columns of both that hold a cell; one that is new in the table has nothing to be compared with.
    private readonly List<(ProjectionColumn Old, ProjectionColumn New)> columns =
    [
        .. young.Projection.Columns
            .Join(old.Projection.Columns, column => column.Name, column => column.Name, (now, then) => (then, now))
            .Where(column => column.then.IsCell && column.now.IsCell),
    ];

    private readonly (string Tables, string Shown) joined = session.Dialect.JoinVersions(old, young);

    /// <summary>What differs. Two scans, and one for each column that shows examples; nothing is locked.</summary>
    public async Task<ProjectionDiff> RunAsync(CancellationToken cancellationToken)
    {
        var hasRowsInCommon = old.Projection.Key.SequenceEqual(young.Projection.Key);
        var counts = hasRowsInCommon
            ? await CountsAsync(cancellationToken).ConfigureAwait(false)
            : [
                await RowsAsync(old, cancellationToken).ConfigureAwait(false),
                await RowsAsync(young, cancellationToken).ConfigureAwait(false),
            ];
        var changed = new Dictionary<string, long>(StringComparer.Ordinal);
        var examples = new List<ChangedCell>();
        foreach (var (index, column) in columns.Index())
        {
            if (hasRowsInCommon && counts[index + 4] is > 0 and var cells)
            {
                changed.Add(column.New.Name, cells);
                if (changed.Count <= ColumnsShown)
                {
                    await AddExamplesAsync(examples, column, cancellationToken).ConfigureAwait(false);
                }
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
            Columns = changed,
            Examples = examples,
            CarriedBatches = (await session.NotedAsync(young.Version, cancellationToken).ConfigureAwait(false))
                .Count(noted => noted.IsPruned),
        };
    }

    private Task<long> RowsAsync(TableVersion version, CancellationToken cancellationToken) => session.CountAsync(
        $"select count(*) from {dialect.Table(version.Table)} t where {dialect.Visible(version, "t")}", [], cancellationToken);

    private async Task<List<long>> CountsAsync(CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>();
        var differing = columns.Select(column =>
            $"count(*) filter (where o.item is not null and n.item is not null and ({Differs(column, values)}))");
        string[] all =
        [
            "count(o.item)",
            "count(n.item)",
            "count(*) filter (where o.item is null)",
            "count(*) filter (where n.item is null)",
            .. differing,
        ];
        await using var command = session.Command($"select {string.Join(", ", all)} from {joined.Tables} where {joined.Shown}", values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, all.Length).Select(reader.GetInt64)];
    }

    private async Task AddExamplesAsync(
        List<ChangedCell> examples, (ProjectionColumn Old, ProjectionColumn New) column, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, object>();
        var cells = StoredColumn.Of(column.Old).Select(stored => Cell("o", stored))
            .Concat(StoredColumn.Of(column.New).Select(stored => Cell("n", stored)));
        await using var command = session.Command(
            $"""
            select b.id, n.item, {string.Join(", ", cells)}
              from {joined.Tables}
              join {dialect.Table("batches")} b on b.batch = n.batch
             where {joined.Shown} and o.item is not null and ({Differs(column, values)})
             limit {CellsOfColumn}
            """,
            values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var ordinal = 2;
            var before = CsvExport.Format(dialect.Read(reader, ref ordinal, column.Old));
            var after = CsvExport.Format(dialect.Read(reader, ref ordinal, column.New));
            examples.Add(new(reader.GetGuid(0), reader.GetInt32(1), column.New.Name, before, after));
        }
    }

    // JSON has no equality, and two types may have none in common.
    private string Differs((ProjectionColumn Old, ProjectionColumn New) column, Dictionary<string, object> values)
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
}
