using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Querying;
using Enrichment.Consolidation.Tables;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>The SQL of projections on SQLite.</summary>
/// <remarks>
/// Days and instants are ISO 8601 text of fixed width, which sorts by time; lists are JSON; a number is a REAL where 15 digits suffice,
/// which a REAL keeps exactly, else text, so that nothing is lost.
/// </remarks>
internal sealed partial class SqliteDialect(SqlFiles sql) : ProjectionDialect(sql)
{
    public const string Day = "yyyy-MM-dd";

    public const string Instant = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    private const int MostJoinedStages = 30;

    public override string Table(string table) => Quote(table);

    public override string Quote(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    // SQLite joins 64 tables at most; each stage takes two, beside items and rows.
    public override string ReadItems(ProjectionPlan plan, bool explained = false) =>
        $"""
        with i as materialized (select value ->> 0 as bucket, value ->> 1 as item from json_each(@items))
        select i.bucket, i.item, u.raw{Results(plan, "data")}{(plan.NeedsTimes || explained ? Results(plan, "created_at") : "")}{Results(plan, "attempt")}{(plan.NeedsKinds ? Results(plan, "kind") : "")}
          from i
         cross join {Table("upload_rows")} u on u.bucket = i.bucket and u.upload = @upload and u.row = i.item{(
             plan.Stages.Count > MostJoinedStages ? "" : string.Concat(plan.Stages.Select(Join)))}{(explained ? OfBatch : "")}
        """;

    public override int Load(DbDataReader reader, int ordinal, EvaluatedRow row)
    {
        var bytes = sqlite3_column_blob(((SqliteDataReader)reader).Handle, ordinal);
        bytes.CopyTo(row.Room(bytes.Length));
        return bytes.Length;
    }

    public override DateTime Time(DbDataReader reader, int ordinal) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(ordinal)).UtcDateTime;

    public override async ValueTask<TableWriter> OpenAsync(
        ProjectionSession session, PlannedBatch batch, TableVersion version, bool again, CancellationToken cancellationToken)
    {
        if (version.IsKeyed)
        {
            await session.ExecuteAsync(
                $"drop table if exists temp.enrichment_rows; create temp table enrichment_rows as select * from {Table(version.Items)} limit 0; {CreateKeys(version)}", [], cancellationToken)
                .ConfigureAwait(false);
        }

        foreach (var (index, child) in version.Projection.Children.Index().Where(_ => again))
        {
            await session.ExecuteAsync(
                $"drop table if exists {ChildRows(index)}; create temp table enrichment_child_{index} as select {Columns(child)} from {Table(version.ChildTable(index))} limit 0",
                [],
                cancellationToken).ConfigureAwait(false);
        }

        var parameters = Enumerable.Range(
            1, version.Projection.OfItems.Count + SqliteTableWriter.EngineColumns + (version.Projection.AreItemsSearched ? 1 : 0));
        return new SqliteTableWriter(
            session,
            batch,
            $"""
            insert into {(version.IsKeyed ? Rows : Table(version.Items))} as t ({ItemColumns(version)})
            values ({string.Join(", ", parameters.Select(number => $"?{number}"))})
            {(again && !version.IsKeyed ? OnConflict(version) : "")}
            """,
            version.IsKeyed ? [.. Merge(version, again)] : [],
            [
                .. version.Projection.Children.Select((child, index) => (
                    $"insert into {(again ? ChildRows(index) : Table(version.ChildTable(index)))} ({Columns(child)}) values ({string.Join(", ", Enumerable.Range(1, child.Stored.Count + SqliteTableWriter.ChildEngineColumns).Select(number => $"?{number}"))})",
                    (IReadOnlyList<string>)(again ? [.. MergeChildren(version, index)] : []))),
            ],
            MayLoseRows(version, again)
                ? $"delete from {Table(version.Items)} where (bucket, client, batch, item) in (select value ->> 0, @client, @batch, value ->> 1 from json_each(@items))"
                : null);
    }

    public override async Task ShowAsync(
        ProjectionSession session, TableView view, string? before, bool isRollback, CancellationToken cancellationToken)
    {
        if (before is not null)
        {
            await session.ExecuteAsync($"drop view if exists {Table(before)}", [], cancellationToken).ConfigureAwait(false);
        }

        await session.ExecuteAsync(
            $"create view {Table(view.Name)} as select {string.Join(", ", view.EngineColumns.Concat(view.Columns.Select(column => Quote(column.Name))))} from {view.From}",
            [],
            cancellationToken).ConfigureAwait(false);
    }

    public override Dictionary<string, object> Listed(IReadOnlyList<ListedValue> values) => new()
    {
        ["listed"] = JsonRows.Of([.. values.Index()], (cells, value) => Write(cells, value.Item, value.Index)),
    };

    public override Dictionary<string, object> ListedItems(
        IReadOnlyList<(short Bucket, int Item)> items, IReadOnlyList<(ListedValue Value, int Item)> values) => new()
    {
        ["items"] = JsonRows.Of(items.Select(item => item.Item)),
        ["listed"] = JsonRows.Of(values, (cells, value) => Write(cells, value.Value, value.Item)),
    };

    private static void Write(Utf8JsonWriter cells, ListedValue value, int number)
    {
        cells.WriteNumberValue(value.Bucket);
        cells.WriteNumberValue(value.Column);
        cells.WriteStringValue(Convert.ToHexString(value.Hash.Bytes()));
        cells.WriteNumberValue(number);
    }

    public override string Comparable(string value, ColumnType type) => type == ColumnType.Number ? $"{SqliteFunctions.Order}({value})" : value;

    public override object Bound(object value, ColumnType type) => value switch
    {
        decimal number => SqliteFunctions.OrderOf(number),
        DateOnly day => day.ToString(Day, CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.UtcDateTime.ToString(Instant, CultureInfo.InvariantCulture),
        _ => value,
    };

    public override string Contains(string text, string part) => $"{SqliteFunctions.Contains}({text}, {part})";

    public override string Part(string text) => text;

    public override string Elements(string list, string alias) => $"json_each({list}) {alias}";

    // Rows are wide: their keys alone are sorted, and the rows of the page are read then. No column can have the name "_rowid_".
    public override string First(TableVersion version, string reach, string where, string order) =>
        $"""
        select t.* from {Table(version.Table)} t
         where t._rowid_ in (select t._rowid_ from {Table(version.Table)} t where {reach} and {where} order by {order} limit @limit)
        """;

    // Nearly every cell has a value that is known already: no text is made of it.
    public override StoredCell StoredCell => static (reader, ordinal, room) =>
    {
        var statement = ((SqliteDataReader)reader).Handle!;
        switch (sqlite3_column_type(statement, ordinal))
        {
            case SQLITE_INTEGER:
                BinaryPrimitives.WriteInt64LittleEndian(room, sqlite3_column_int64(statement, ordinal));
                return room[..sizeof(long)];
            case SQLITE_FLOAT:
                BinaryPrimitives.WriteDoubleLittleEndian(room, sqlite3_column_double(statement, ordinal));
                return room[..sizeof(double)];
            default:
                return sqlite3_column_blob(statement, ordinal);
        }
    };

    protected override string CountEach(string rows, IReadOnlyList<FacetGroup> groups, IReadOnlyList<string> cells) =>
        string.Join("\nunion all\n", groups.Select(group =>
            FormattableString.Invariant($"select {Mark(group, cells.Count)} as mark, ")
            + string.Join(", ", cells.Select(cell => group.Cells.Contains(cell) ? cell : $"null as {cell}"))
            + $", count(*) as n from ({rows}) r group by {string.Join(", ", group.Cells)}"));

    // A number of many digits is text: no index has the order of numbers.
    public override bool HasIndex(ColumnType type) => type != ColumnType.Number;

    // Without statistics SQLite takes any index that begins with the client for a selective one, also to read all of the client's rows. An
    // index of some rows serves only a statement that names its condition, which all rows satisfy.
    public override string ByIndex => "t.bucket >= 0";

    protected override string OnlyByIndex => " where bucket >= 0";

    public override string HasValue(string value, ColumnType type) => type is ColumnType.Integer or ColumnType.Boolean
        ? string.Create(CultureInfo.InvariantCulture, $"{value} >= {long.MinValue}")
        : $"{value} >= ''";

    public override bool SortsNulls => false;

    public override string ChildRows(int child) => $"temp.enrichment_child_{child}";

    protected override string DeleteChildren(string table, string waiting) =>
        $"""
        delete from {table}
         where rowid in (select c.rowid
                           from (select b.value as bucket, i.value as item
                                   from json_each(@buckets) b join json_each(@items) i on i.key = b.key) i
                          cross join {table} c on c.bucket = i.bucket and c.client = @client and c.batch = @batch and c.item = i.item
                          where not exists ({waiting}))
        """;

    protected override string BytesType => "blob";

    public override string AsText(string value, ColumnType type) => type switch
    {
        ColumnType.Number => $"case typeof({value}) when 'real' then printf('%.15g', {value}) else cast({value} as text) end",
        ColumnType.Boolean => $"case {value} when 1 then 'true' when 0 then 'false' end",
        _ => $"cast({value} as text)",
    };

    protected override string RowsOfItems(TableVersion version) =>
        $"""
        json_each(@items) i
         cross join {Table(version.Table)} t
                 on t.bucket = i.value ->> 0 and t.client = @client and t.batch = @batch and t.item = i.value ->> 1
        """;

    public override object Span(TimeSpan span) => (long)span.TotalMilliseconds;

    public override string Visible(TableVersion version, string alias) =>
        version.IsKeyed ? "true" : $"{alias}.batch not in ({Hidden(version, version.Projection.Name)})";

    // SQLite looks rows up by their key only in a table itself: a subquery would be read as a whole for each row.
    public override (string Tables, string Shown) Join(TablePair pair)
    {
        var (before, after) = (pair.ShowsOld("o"), pair.ShowsYoung("n"));
        return (
            $"{Table(pair.Old)} o full join {Table(pair.Young)} n on {pair.AreOne} and {before} and {after}",
            $"(o.item is null or {before}) and (n.item is null or {after})");
    }

    public override object Names(IEnumerable<string> names) => JsonSerializer.Serialize(names);

    public override Dictionary<string, object> Buckets(IReadOnlyList<short> buckets) => new() { ["buckets"] = JsonRows.Of(buckets) };

    public override Dictionary<string, object> Issues(IReadOnlyList<PlacedIssue> issues) => new()
    {
        ["issues"] = JsonRows.Of(issues, (cells, issue) =>
        {
            cells.WriteNumberValue(issue.Bucket);
            cells.WriteNumberValue(issue.Batch);
            cells.WriteNumberValue(issue.Item);
            cells.WriteStringValue(issue.Column);
            cells.WriteNumberValue(issue.Issue.Source);
            cells.WriteStringValue(issue.Issue.Reason);
            cells.WriteStringValue(issue.Issue.Value);
            cells.WriteNumberValue(issue.Number);
            cells.WriteStringValue(issue.Key is { } key ? Convert.ToHexString(key.Bytes()) : null);
        }),
    };

    public override object? Read(DbDataReader reader, int ordinal, ColumnType type) =>
        reader.IsDBNull(ordinal)
            ? null
            : type switch
            {
                ColumnType.Text or ColumnType.Json => reader.GetString(ordinal),
                ColumnType.Integer => reader.GetInt64(ordinal),
                ColumnType.Number => reader.GetValue(ordinal) is double number
                    ? (decimal)number
                    : decimal.Parse(reader.GetString(ordinal), CultureInfo.InvariantCulture),
                ColumnType.Boolean => reader.GetInt64(ordinal) != 0,
                ColumnType.Date => DateOnly.ParseExact(reader.GetString(ordinal), Day, CultureInfo.InvariantCulture),
                ColumnType.Timestamp => DateTimeOffset.ParseExact(
                    reader.GetString(ordinal),
                    Instant,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal),
                ColumnType.TextList => JsonSerializer.Deserialize<string[]>(reader.GetString(ordinal)),
                _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such type."),
            };

    public override Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items) => new()
    {
        ["items"] = JsonRows.Of(items, (cells, item) =>
        {
            cells.WriteNumberValue(item.Bucket);
            cells.WriteNumberValue(item.Item);
        }),
    };

    // Prepared when it first runs: its last statements name a table that the first one makes.
    public override Task PrepareAsync(DbCommand command, CancellationToken cancellationToken) => Task.CompletedTask;

    public override object Id(Guid id) => id.ToString();

    protected override string TypeName(ColumnType type) => type switch
    {
        ColumnType.Integer or ColumnType.Boolean => "integer",
        ColumnType.Number => "",
        _ => "text",
    };

    protected override string Rows => "temp.enrichment_rows";

    protected override string Keys => "temp.enrichment_keys";

    protected override string InItems => "in (select value from json_each(@items))";

    // The connection keeps a temporary table: one of another projection may be left.
    protected override string CreateKeys(TableVersion version) =>
        $"drop table if exists temp.enrichment_keys; create temp table enrichment_keys as select bucket, client, {KeyColumns(version)} from {Table(version.Items)} limit 0";

    protected override string Fold(TableVersion version) =>
        $"""
        insert into {Table(version.Table)} as t ({RowColumns(version)})
        select {RowColumns(version)}
          from {Table(version.Items)} f
         where f.rowid in (select (select b.rowid from {Table(version.Items)} b where {On("b", "k", version)} order by b.batch desc, b.item desc limit 1)
                             from (select distinct * from {Keys}) k)
        {OnConflict(version)}
        """;

    public override ValueTask<FoldWriter> OpenFoldAsync(
        ProjectionSession session, TableVersion version, CancellationToken cancellationToken)
    {
        var parameters = Enumerable.Range(
            1, version.Projection.Stored.Count + SqliteTableWriter.EngineColumns + (version.Projection.IsSearched ? 1 : 0));
        return new(new SqliteFoldWriter(
            session,
            $"""
            insert into {Table(version.Table)} as t ({RowColumns(version)})
            values ({string.Join(", ", parameters.Select(number => $"?{number}"))})
            {OnConflict(version)}
            """));
    }

    protected override string DeleteIssues(TableVersion version) =>
        $"""
        delete from {Table("projection_issues")}
         where (bucket, projection, version, batch, item) in (select t.bucket, @projection, @version, t.batch, t.item
                                                                from (select distinct * from {Keys}) k
                                                               cross join {Table(version.Table)} t on {On("t", "k", version)})
           and number = @number
        """;

    protected override string ItemsOf(TableVersion version) => $"cross join {Table(version.Items)} b on {On("b", "k", version)}";

    private string OfBatch =>
        $"\n where exists (select 1 from {Table("batch_items")} n where n.bucket = i.bucket and n.batch = @batch and n.item = i.item)";

    // A result is reached through the state's reference, never by itself.
    private string Join(short stage) =>
        $"""

          left join {Table("workflow_states")} s{stage}
            on s{stage}.bucket = i.bucket and s{stage}.batch = @batch and s{stage}.stage = {stage} and s{stage}.item = i.item and s{stage}.status = 3
          left join {Table("enrichment_results")} r{stage}
            on r{stage}.bucket = i.bucket and r{stage}.batch = @batch and r{stage}.stage = {stage} and r{stage}.item = s{stage}.item and r{stage}.attempt = s{stage}.result_attempt
        """;

    private string Results(ProjectionPlan plan, string column) => string.Concat(plan.Stages.Select(stage =>
        $", {(plan.Stages.Count > MostJoinedStages ? Result(stage, column) : $"r{stage}.{column}")}"));

    private string Result(short stage, string column) =>
        $"""
        (select r.{column}
           from {Table("workflow_states")} s
           join {Table("enrichment_results")} r
             on r.bucket = s.bucket and r.batch = s.batch and r.stage = s.stage and r.item = s.item and r.attempt = s.result_attempt
          where s.bucket = i.bucket and s.batch = @batch and s.stage = {stage} and s.item = i.item and s.status = 3)
        """;
}
