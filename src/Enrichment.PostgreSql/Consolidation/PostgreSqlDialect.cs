using System.Data.Common;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Querying;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>The SQL of projections on PostgreSQL.</summary>
internal sealed partial class PostgreSqlDialect(SqlFiles sql, string schema, Func<NpgsqlCommand, CancellationToken, ValueTask> prepare)
    : ProjectionDialect(sql)
{
    private const int MostAtOnce = 6_000;

    public override string Table(string table) => $"{Quote(schema)}.{Quote(table)}";

    public override string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public override string ReadItems(ProjectionPlan plan, bool explained = false)
    {
        // A result is reached through the state's reference, never by itself. Each row is looked up by its whole key, fenced by "offset 0":
        // of a batch that was just launched the planner knows nothing, and its joins would then compare every item with every other.
        var withTimes = plan.NeedsTimes || explained;
        var data = string.Concat(plan.Stages.Select(stage => $", r{stage}.data"))
            + string.Concat(plan.Stages.Where(_ => withTimes).Select(stage => $", r{stage}.created_at"))
            + string.Concat(plan.Stages.Select(stage => $", s{stage}.result_attempt"))
            + string.Concat(plan.Stages.Where(_ => plan.NeedsKinds).Select(stage => $", r{stage}.kind"));
        var columns = $"e.data{(withTimes ? ", e.created_at" : "")}{(plan.NeedsKinds ? ", e.kind" : "")}";
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
        ProjectionSession session, PlannedBatch batch, TableVersion version, bool again, CancellationToken cancellationToken)
    {
        var merges = again || version.IsKeyed;
        var children = version.Projection.Children.Index().ToList();
        IEnumerable<string> made =
        [
            .. merges ? [$"create temp table if not exists enrichment_rows (like {Table(version.Items)}) on commit drop"] : (string[])[],
            .. version.IsKeyed ? [CreateKeys(version)] : (string[])[],
            .. children.Where(_ => again).Select(child =>
                $"create temp table if not exists enrichment_child_{child.Index} (like {Table(version.ChildTable(child.Index))}) on commit drop"),
        ];
        await session.ExecuteAsync(made, [], cancellationToken).ConfigureAwait(false);
        return new PostgreSqlTableWriter(
            session,
            batch,
            $"copy {(merges ? Rows : Table(version.Items))} ({ItemColumns(version)}) from stdin (format binary)",
            [
                .. children.Select(child =>
                    $"copy {(again ? ChildRows(child.Index) : Table(version.ChildTable(child.Index)))} ({Columns(child.Item)}) from stdin (format binary)"),
            ],
            [
                .. version.IsKeyed ? Merge(version, again) : again ? [Upsert(version)] : [],
                .. children.Where(_ => again).SelectMany(child => MergeChildren(version, child.Index)),
            ],
            MayLoseRows(version, again)
                ? $"delete from {Table(version.Items)} t using unnest(@buckets, @items) g (bucket, item) where t.bucket = g.bucket and t.client = @client and t.batch = @batch and t.item = g.item"
                : null);
    }

    public override string Drop(TableVersion version) => $"set local lock_timeout = '5s'; {base.Drop(version)}";

    public override Task ShowAsync(
        ProjectionSession session, TableView view, string? before, bool isRollback, CancellationToken cancellationToken) =>
        new PostgreSqlView(session, this, view).ShowAsync(before, isRollback, cancellationToken);

    public override Task<string?> ObstacleAsync(
        ProjectionSession session, TableView view, string before, CancellationToken cancellationToken) =>
        new PostgreSqlView(session, this, view).ObstacleAsync(before, cancellationToken);

    public override Dictionary<string, object> Listed(IReadOnlyList<ListedValue> values) => new()
    {
        ["buckets"] = values.Select(value => value.Bucket).ToArray(),
        ["columns"] = values.Select(value => value.Column).ToArray(),
        ["values"] = values.Select(value => value.Hash.Bytes()).ToArray(),
        ["places"] = Enumerable.Range(0, values.Count).ToArray(),
    };

    public override Dictionary<string, object> ListedItems(
        IReadOnlyList<(short Bucket, int Item)> items, IReadOnlyList<(ListedValue Value, int Item)> values) => new()
    {
        ["items"] = items.Select(item => item.Item).ToArray(),
        ["buckets"] = values.Select(listed => listed.Value.Bucket).ToArray(),
        ["columns"] = values.Select(listed => listed.Value.Column).ToArray(),
        ["values"] = values.Select(listed => listed.Value.Hash.Bytes()).ToArray(),
        ["of"] = values.Select(listed => listed.Item).ToArray(),
    };

    public override string Comparable(string value, ColumnType type) => type == ColumnType.Text ? $"{value} collate \"C\"" : value;

    // Each bucket is read in the order of its key, so that no row behind the page is read. From one statement the planner would sort all.
    public override string FirstOfFile(TableVersion version, string reach, string where, string order) =>
        $"""
        select t.*
          from generate_series(0, {Bucket.Count - 1}) k (bucket)
         cross join lateral (select t.*
                               from {Table(version.Table)} t
                              where t.bucket = k.bucket::smallint and {where}
                              order by {order}
                              limit @limit) t
         order by {order}
         limit @limit
        """;

    // The driver takes the first and the last day of the calendar for infinities.
    public override string Place(string parameter, ColumnType type) =>
        type is ColumnType.Date or ColumnType.Timestamp ? $"cast({parameter} as {TypeName(type)})" : parameter;

    public override object Bound(object value, ColumnType type) => value is DateOnly or DateTimeOffset ? CsvExport.Format(value)! : value;

    // By code points alone: the collation says nothing of case, so that the pattern does.
    public override string Contains(string text, string part) => $"{text} collate \"C\" ~ {part}";

    public override string Part(string text) => CasePattern.Of(text);

    public override string Elements(string list, string alias) => $"unnest({list}) {alias} (value)";

    protected override string CountEach(string rows, IReadOnlyList<FacetGroup> groups, IReadOnlyList<string> cells) =>
        $"select grouping({string.Join(", ", cells)}) as mark, {string.Join(", ", cells)}, count(*) as n from ({rows}) r group by grouping sets ({string.Join(", ", groups.Select(group => $"({string.Join(", ", group.Cells)})"))})";

    public override string ChildRows(int child) => $"pg_temp.enrichment_child_{child}";

    // Found by their keys item by item, fenced as in ReadItems, and deleted by their places.
    protected override string DeleteChildren(string table, string waiting) =>
        $"""
        delete from {table}
         where ctid = any (array(select c.place
                                   from unnest(@buckets, @items) i (bucket, item)
                                  cross join lateral (select w.ctid as place, w.bucket, w.item, w.child_key, w.twin, w.row_hash
                                                        from {table} w
                                                       where w.bucket = i.bucket and w.client = @client and w.batch = @batch and w.item = i.item offset 0) c
                                  where not exists ({waiting})))
        """;

    protected override string BytesType => "bytea";

    public override string AsText(string value, ColumnType type) =>
        type == ColumnType.Number ? $"trim_scale({value})::text" : $"{value}::text";

    // A subquery that is run once, and gives mostly nothing: the planner's choice of an index for the reader's conditions stays. Of the
    // comparison alone the planner expects that it leaves hardly a row, so that it would join by nested loops; that something is not null,
    // of which it knows nothing, it expects of nearly all rows.
    public override string Visible(TableVersion version, string alias) => version.IsKeyed
        ? "true"
        : $"(case when {alias}.batch <> all (array({Hidden(version, version.Projection.Name)})) then true end) is not null";

    // A transaction finds the view of now, but rows as of its snapshot. The call reads no column: it is made once, before any row is read.
    protected override string Readable(TableVersion version, string condition) =>
        $"{Quote(schema)}.require_live((select v.status = {(short)VersionStatus.Live} from {Table("projection_versions")} v where v.projection = '{version.Projection.Name}' and v.version = {version.Version})) and {condition}";

    protected override string RowsOfItems(TableVersion version) =>
        $"""
        unnest(@buckets, @items) i (bucket, item)
         cross join lateral (select * from {Table(version.Table)} w
                              where w.bucket = i.bucket and w.client = @client and w.batch = @batch and w.item = i.item offset 0) t
        """;

    // Of a large batch there are more, because the server may be far away: a chunk takes a dozen round trips.
    public override int ItemsAtOnce(int items) => Math.Clamp(items / 10, FewestAtOnce, MostAtOnce);

    public override object Names(IEnumerable<string> names) => names.ToArray();

    public override Dictionary<string, object> Buckets(IReadOnlyList<short> buckets) => new() { ["buckets"] = buckets.ToArray() };

    public override Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items) =>
        new() { ["buckets"] = items.Select(item => item.Bucket).ToArray(), ["items"] = items.Select(item => item.Item).ToArray() };

    public override Dictionary<string, object> Issues(IReadOnlyList<PlacedIssue> issues) => new()
    {
        ["buckets"] = issues.Select(issue => issue.Bucket).ToArray(),
        ["batches"] = issues.Select(issue => issue.Batch).ToArray(),
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

    protected override string Rows => "pg_temp.enrichment_rows";

    protected override string Keys => "pg_temp.enrichment_keys";

    protected override string InItems => "= any(@items)";

    protected override string CreateKeys(TableVersion version)
    {
        var types = version.Projection.Stored.ToDictionary(column => column.Name, column => TypeName(column.Type));
        return $"create temp table if not exists enrichment_keys (bucket smallint, client int, {string.Join(", ", version.Projection.Key.Select(part => $"{Quote(part)} {types[part]}"))}) on commit drop";
    }

    // Each key is looked up by itself: a key that many items share is not read as a whole. In the order of keys, as rows are locked.
    protected override string Fold(TableVersion version) =>
        $"""
        insert into {Table(version.Table)} as t ({RowColumns(version)})
        select f.*
          from (select distinct k.bucket, k.client, {KeyColumns(version, "k.")}
                  from {Keys} k
                 order by k.bucket, k.client, {KeyColumns(version, "k.")}) k
         cross join lateral (select {RowColumns(version)}
                               from {Table(version.Items)} b
                              where {On("b", "k", version)}
                              order by b.batch desc, b.item desc
                              limit 1) f
        {OnConflict(version)}
        """;

    public override async ValueTask<FoldWriter> OpenFoldAsync(
        ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        const string Folded = "pg_temp.enrichment_folded";
        var columns = RowColumns(version);
        await session.ExecuteAsync(
            $"create temp table if not exists enrichment_folded (like {Table(version.Table)}) on commit drop", [], cancellationToken)
            .ConfigureAwait(false);
        return new PostgreSqlFoldWriter(
            session,
            $"copy {Folded} ({columns}) from stdin (format binary)",
            $"insert into {Table(version.Table)} as t ({columns}) select {columns} from {Folded} {OnConflict(version)}; truncate {Folded}");
    }

    // Fenced and deleted by their places, as in DeleteChildren.
    protected override string DeleteIssues(TableVersion version) =>
        $"""
        delete from {Table("projection_issues")}
         where ctid = any (array(select i.place
                                   from (select distinct k.bucket, k.client, {KeyColumns(version, "k.")} from {Keys} k) k
                                  cross join lateral (select t.batch, t.item from {Table(version.Table)} t where {On("t", "k", version)} offset 0) t
                                  cross join lateral (select w.ctid as place
                                                        from {Table("projection_issues")} w
                                                       where w.bucket = k.bucket and w.projection = @projection and w.version = @version and w.batch = t.batch and w.item = t.item
                                                         and w.number = @number offset 0) i))
        """;

    // Fenced, as in Fold: the planner knows nothing of the keys.
    protected override string ItemsOf(TableVersion version) =>
        $"cross join lateral (select * from {Table(version.Items)} b where {On("b", "k", version)} offset 0) b";

    // A row that is there already is not met by the insert: it would be locked, which is a write. The look-up is a value and no join, so
    // that the planner, which knows nothing of either table, cannot read the whole target.
    private string Upsert(TableVersion version) =>
        $"""
        insert into {Table(version.Table)} as t ({RowColumns(version)})
        select {RowColumns(version)}
          from {Rows} x
         where (select h.row_hash from {Table(version.Table)} h
                 where h.bucket = x.bucket and h.client = x.client and h.batch = x.batch and h.item = x.item) is distinct from x.row_hash
        {OnConflict(version)};
        truncate {Rows}
        """;

    /// <summary>The type of a column of the view.</summary>
    internal string TypeOf(ColumnType type) => TypeName(type);
}
