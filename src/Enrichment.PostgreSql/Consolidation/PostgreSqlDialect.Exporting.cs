using Enrichment.Consolidation.Exporting;
using Enrichment.Consolidation.Tables;

namespace Enrichment.PostgreSql.Consolidation;

/// <content>Exports.</content>
internal sealed partial class PostgreSqlDialect
{
    public override async Task<RowCursor> OpenCursorAsync(
        ProjectionSession session, string sql, Dictionary<string, object> values, CancellationToken cancellationToken) =>
        await PostgreSqlRowCursor.OpenAsync(session, sql, values, cancellationToken).ConfigureAwait(false);

    public override Dictionary<string, object> ExportedRows(IReadOnlyList<ExportedRow> rows) => new()
    {
        ["buckets"] = rows.Select(row => row.Bucket).ToArray(),
        ["batches"] = rows.Select(row => row.Batch.Key).ToArray(),
        ["items"] = rows.Select(row => row.Item).ToArray(),
    };

    // Fenced, as in ReadItems: the planner knows nothing of the rows.
    protected override string OfRows(string table, string alias, string condition) =>
        $"""
        (select u.bucket, u.batch, u.item, (u.place - 1)::int as place
                  from unnest(@buckets, @batches, @items) with ordinality u (bucket, batch, item, place)) i
         cross join lateral (select * from {table} {alias} where {condition} offset 0) {alias}
        """;
}
