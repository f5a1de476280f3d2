using System.Data.Common;
using Enrichment.Consolidation;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>The SQL of projections on PostgreSQL.</summary>
internal sealed class PostgreSqlDialect(SqlFiles sql, string schema, Func<NpgsqlCommand, CancellationToken, ValueTask> prepare)
    : ProjectionDialect(sql)
{
    private const string Rows = "pg_temp.enrichment_rows";

    public override string Table(string table) => $"{Quote(schema)}.{Quote(table)}";

    public override string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override string ReadItems(ProjectionPlan plan, bool explained = false)
    {
        // A result is reached through the state's reference, never by itself. Each row is looked up by its whole key, fenced by "offset 0":
        // of a batch that was just launched the planner knows nothing, and its joins would then compare every item with every other.
        var withTimes = plan.NeedsTimes || explained;
        var data = string.Concat(plan.Stages.Select(stage => $", r{stage}.data"))
            + string.Concat(plan.Stages.Where(_ => withTimes).Select(stage => $", r{stage}.created_at"))
            + string.Concat(plan.Stages.Where(_ => explained).Select(stage => $", s{stage}.result_attempt"));
        var columns = withTimes ? "e.data, e.created_at" : "e.data";
        var results = string.Concat(plan.Stages.Select(stage =>
            $"""

              left join lateral (select w.result_attempt from {Table("workflow_states")} w
                                  where w.bucket = i.bucket and w.batch = @batch and w.stage = {stage} and w.item = i.item and w.status = 3 offset 0) s{stage} on true
              left join lateral (select {columns} from {Table("enrichment_results")} e
                                  where e.bucket = i.bucket and e.batch = @batch and e.stage = {stage} and e.item = i.item and e.attempt = s{stage}.result_attempt offset 0) r{stage} on true
            """));
        var ofBatch = explained
            ? $"\n where exists (select from {Table("batch_items")} n where n.bucket = i.bucket and n.batch = @batch and n.item = i.item)"
            : "";
        return
            $"""
            select i.bucket, i.item, u.raw{data}
              from unnest(@buckets, @items) i (bucket, item)
             cross join lateral (select w.raw from {Table("upload_rows")} w where w.bucket = i.bucket and w.upload = @upload and w.row = i.item offset 0) u{results}{ofBatch}
            """;
    }

    public override int Load(DbDataReader reader, int ordinal, EvaluatedRow row)
    {
        using var stream = reader.GetStream(ordinal);
        var length = (int)stream.Length;
        stream.ReadExactly(row.Room(length));
        return length;
    }

    public override DateTime Time(DbDataReader reader, int ordinal) => reader.GetDateTime(ordinal);

    public override async ValueTask<TableWriter> OpenAsync(
        ProjectionSession session, PlannedBatch batch, string table, bool merge, CancellationToken cancellationToken)
    {
        var projection = batch.Plan.Projection;
        var columns = Columns(projection);
        var target = merge ? Rows : Table(table);
        if (merge)
        {
            await session.ExecuteAsync(
                $"create temp table if not exists enrichment_rows (like {Table(table)}) on commit drop", [], cancellationToken)
                .ConfigureAwait(false);
        }

        return new PostgreSqlTableWriter(
            (NpgsqlConnection)session.Connection,
            batch,
            $"copy {target} ({columns}) from stdin (format binary)",
            merge ? Merge(projection, table) : null);
    }

    public override Dictionary<string, object> Buckets(IReadOnlyList<short> buckets) => new() { ["buckets"] = buckets.ToArray() };

    public override Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items) =>
        new() { ["buckets"] = items.Select(item => item.Bucket).ToArray(), ["items"] = items.Select(item => item.Item).ToArray() };

    public override Dictionary<string, object> Issues(IReadOnlyList<PlacedIssue> issues) => new()
    {
        ["buckets"] = issues.Select(issue => issue.Bucket).ToArray(),
        ["items"] = issues.Select(issue => issue.Item).ToArray(),
        ["columns"] = issues.Select(issue => issue.Column).ToArray(),
        ["sources"] = issues.Select(issue => issue.Issue.Source).ToArray(),
        ["reasons"] = issues.Select(issue => issue.Issue.Reason).ToArray(),
        ["values"] = issues.Select(issue => issue.Issue.Value).ToArray(),
        ["numbers"] = issues.Select(issue => issue.Number).ToArray(),
        ["keys"] = issues.Select(issue => issue.Key?.Bytes()).ToArray(),
    };

    public override Task PrepareAsync(DbCommand command, CancellationToken cancellationToken) =>
        prepare((NpgsqlCommand)command, cancellationToken).AsTask();

    public override object? Read(DbDataReader reader, int ordinal, ColumnType type) => reader.IsDBNull(ordinal) ? null : type switch
    {
        ColumnType.Text or ColumnType.Json => reader.GetString(ordinal),
        ColumnType.Integer => reader.GetInt64(ordinal),
        ColumnType.Number => reader.GetDecimal(ordinal),
        ColumnType.Boolean => reader.GetBoolean(ordinal),
        ColumnType.Date => reader.GetFieldValue<DateOnly>(ordinal),
        ColumnType.Timestamp => new DateTimeOffset(reader.GetDateTime(ordinal), TimeSpan.Zero),
        ColumnType.TextList => reader.GetFieldValue<string[]>(ordinal),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
    };

    protected override string TypeName(ColumnType type) => type switch
    {
        ColumnType.Text => "text",
        ColumnType.Integer => "bigint",
        ColumnType.Number => "numeric",
        ColumnType.Boolean => "boolean",
        ColumnType.Date => "date",
        ColumnType.Timestamp => "timestamptz",
        ColumnType.TextList => "text[]",
        ColumnType.Json => "json",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
    };

    // By item, a row that is there already is not met by the insert: it would be locked, which is a write. The look-up is a value and no
    // join, so that the planner, which knows nothing of either table, cannot read the whole target.
    private string Merge(Projection projection, string table)
    {
        var same = projection.Key.Count > 0
            ? ""
            : $"""

             where (select h.row_hash from {Table(table)} h
                     where h.bucket = x.bucket and h.client = x.client and h.batch = x.batch and h.item = x.item) is distinct from x.row_hash
            """;
        return
            $"""
            insert into {Table(table)} as t ({Columns(projection)})
            select {Columns(projection)}
              from {Rows} x{same}
            {OnConflict(projection)};
            truncate {Rows}
            """;
    }
}
