using System.Data.Common;

namespace Enrichment.Consolidation;

/// <summary>Compares the rows of two versions inside the database, where both are.</summary>
internal sealed class VersionComparison(ProjectionSession session, TableVersion old, TableVersion young)
{
    private const int ColumnsShown = 10;

    private const int CellsOfColumn = 2;

    private readonly ProjectionDialect dialect = session.Dialect;

    // Columns of both; one that is new in the table has nothing to be compared with.
    private readonly List<(StoredColumn Old, StoredColumn New)> columns =
    [
        .. young.Projection.Stored.Join(old.Projection.Stored, column => column.Name, column => column.Name, (now, then) => (then, now)),
    ];

    private string Joined =>
        $"""
        (select * from {dialect.Table(old.Table)} t where {dialect.Visible(old, "t")}) o
          full join (select * from {dialect.Table(young.Table)} t where {dialect.Visible(young, "t")}) n on {dialect.SameRow(young, "n", "o")}
        """;

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
        var differing = columns.Select(column => $"count(*) filter (where o.item is not null and n.item is not null and {Differs(column)})");
        string[] all =
        [
            "count(o.item)",
            "count(n.item)",
            "count(*) filter (where o.item is null)",
            "count(*) filter (where n.item is null)",
            .. differing,
        ];
        await using var command = session.Command($"select {string.Join(", ", all)} from {Joined}", []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, all.Length).Select(reader.GetInt64)];
    }

    private async Task AddExamplesAsync(
        List<ChangedCell> examples, (StoredColumn Old, StoredColumn New) column, CancellationToken cancellationToken)
    {
        var name = dialect.Quote(column.New.Name);
        await using var command = session.Command(
            $"""
            select b.id, n.item, {dialect.AsText($"o.{name}")}, {dialect.AsText($"n.{name}")}
              from {Joined}
              join {dialect.Table("batches")} b on b.batch = n.batch
             where o.item is not null and {Differs(column)}
             limit {CellsOfColumn}
            """,
            []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            examples.Add(new(reader.GetGuid(0), reader.GetInt32(1), column.New.Name, Text(reader, 2), Text(reader, 3)));
        }
    }

    // JSON has no equality, and two types may have none in common.
    private string Differs((StoredColumn Old, StoredColumn New) column)
    {
        var name = dialect.Quote(column.New.Name);
        var isComparable = column.Old.Type == column.New.Type
            ? column.New.Type != ColumnType.Json
            : (column.Old.Type, column.New.Type) == (ColumnType.Integer, ColumnType.Number);
        return isComparable
            ? $"o.{name} is distinct from n.{name}"
            : $"{dialect.AsText($"o.{name}")} is distinct from {dialect.AsText($"n.{name}")}";
    }

    private static string? Text(DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);
}
