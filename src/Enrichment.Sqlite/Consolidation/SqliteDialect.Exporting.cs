using Enrichment.Consolidation.Exporting;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Sqlite.Consolidation;

/// <content>Exports.</content>
internal sealed partial class SqliteDialect
{
    public override async Task<RowCursor> OpenCursorAsync(
        ProjectionSession session, string sql, Dictionary<string, object> values, CancellationToken cancellationToken)
    {
        var command = session.Command(sql, values);
        try
        {
            return new SqliteRowCursor(command, await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await command.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override Dictionary<string, object> ExportedRows(IReadOnlyList<ExportedRow> rows) => new()
    {
        ["rows"] = JsonRows.Of(rows, (cells, row) =>
        {
            cells.WriteNumberValue(row.Bucket);
            cells.WriteNumberValue(row.Batch.Key);
            cells.WriteNumberValue(row.Item);
        }),
    };

    protected override string OfRows(string table, string alias, string condition) =>
        $"""
        (select key as place, value ->> 0 as bucket, value ->> 1 as batch, value ->> 2 as item from json_each(@rows)) i
         cross join {table} {alias} on {condition}
        """;
}
