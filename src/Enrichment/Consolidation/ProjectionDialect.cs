using System.Data.Common;
using Enrichment.Consolidation.Expressions;
using Enrichment.Storage;

namespace Enrichment.Consolidation;

/// <summary>
/// How one database says what every projection needs. The only maker of SQL from a definition: identifiers have passed
/// <see cref="ProjectionRules"/>, and everything else is a parameter.
/// </summary>
internal abstract class ProjectionDialect(SqlFiles sql)
{
    private static readonly string EveryBucket = string.Join(", ", Enumerable.Range(0, Bucket.Count));

    /// <summary>The statements that are the same for every projection.</summary>
    public SqlFiles Sql { get; } = sql;

    /// <summary>A table's name in SQL.</summary>
    public abstract string Table(string table);

    /// <summary>Quotes an identifier that <see cref="ProjectionRules"/> has passed; the one place where a dialect does.</summary>
    public abstract string Quote(string identifier);

    /// <summary>
    /// The statement that reads, of the items that <see cref="Items"/> binds, bucket, item, uploaded row, and the result to which the state
    /// of each of the plan's stages refers; then the times of these results, if the plan needs them. <c>@batch</c> and <c>@upload</c> come
    /// on top.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="explained">
    /// Whether the times are read in any case, then the attempts that the results are of, and nothing of rows that are no items of the
    /// batch.
    /// </param>
    public abstract string ReadItems(ProjectionPlan plan, bool explained = false);

    /// <summary>Gives an item that <see cref="ReadItems"/> has read to the evaluator.</summary>
    public void Load(DbDataReader reader, RowEvaluator evaluator, bool withTimes)
    {
        const int First = 2;
        evaluator.Begin(reader.GetInt16(0), reader.GetInt32(1));
        var stages = evaluator.Plan.Stages.Count;
        for (var document = 0; document <= stages; document++)
        {
            if (!reader.IsDBNull(document + First))
            {
                var length = Load(reader, document + First, evaluator.Row);
                evaluator.Find(document, evaluator.Row.Loaded(length), length);
                if (withTimes && document > 0)
                {
                    evaluator.Date(document, Time(reader, document + First + stages));
                }
            }
        }
    }

    /// <summary>Copies a document into the row's room. Returns its length.</summary>
    public abstract int Load(DbDataReader reader, int ordinal, EvaluatedRow row);

    /// <summary>A time as the store writes it, in UTC.</summary>
    public abstract DateTime Time(DbDataReader reader, int ordinal);

    /// <param name="session">The statements of the projection, inside their transaction.</param>
    /// <param name="batch">Whose rows are written.</param>
    /// <param name="table">Which table to fill.</param>
    /// <param name="merge">False if the table holds no row that a new one could meet.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public abstract ValueTask<TableWriter> OpenAsync(
        ProjectionSession session, PlannedBatch batch, string table, bool merge, CancellationToken cancellationToken);

    /// <summary>Buckets as parameters.</summary>
    public abstract Dictionary<string, object> Buckets(IReadOnlyList<short> buckets);

    /// <summary>Issues as parameters.</summary>
    public abstract Dictionary<string, object> Issues(IReadOnlyList<PlacedIssue> issues);

    /// <summary>Items as parameters.</summary>
    public abstract Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items);

    /// <summary>Parses and plans a command that runs for part after part once for all of them, where the connection allows it.</summary>
    public virtual Task PrepareAsync(DbCommand command, CancellationToken cancellationToken) => command.PrepareAsync(cancellationToken);

    /// <summary>A value as <see cref="ColumnType"/> documents it.</summary>
    public abstract object? Read(DbDataReader reader, int ordinal, ColumnType type);

    /// <summary>A public id as the store writes it.</summary>
    public virtual object Id(Guid id) => id;

    public string Create(Projection projection, string table) =>
        $"""
        create table {Table(table)} (
            bucket smallint not null,
            client int not null,
            batch int not null,
            item int not null,
            row_hash bigint not null,
            {string.Join(",\n    ", projection.Stored.Select(column => $"{Quote(column.Name)} {TypeName(column.Type)}"))},
            primary key ({KeyOf(projection)})
        )
        """;

    /// <summary>Of a table with a key of its own; its readers are the export and the next consolidation of a batch.</summary>
    public string CreateIndex(Projection projection, string name) =>
        $"create index {Quote(name)} on {Table(projection.Table)} (bucket, batch, item)";

    public string Drop(string table) => $"drop table {Table(table)}";

    public string Rename(string table, string to) => $"alter table {Table(table)} rename to {Quote(to)}";

    /// <summary>Leaves the rows of pruned batches: nothing could make them again.</summary>
    public string Clear(string table) =>
        $"delete from {Table(table)} where bucket = @bucket and batch not in (select b.batch from {Table("batches")} b where b.pruned_at is not null)";

    /// <summary>Marks a batch's rows as not confirmed: item 0 is older than any.</summary>
    public string MarkStale(string table) => $"update {Table(table)} set item = 0 where bucket = @bucket and batch = @batch";

    public string RemoveStale(string table) => $"delete from {Table(table)} where bucket = @bucket and batch = @batch and item = 0";

    public string Count(string table) => $"select count(*) from {Table(table)} where bucket in ({EveryBucket}) and batch = @batch";

    /// <param name="projection">The definition.</param>
    /// <param name="asOf">The day from which the reader looks.</param>
    /// <param name="values">Gets the parameters of conditions that depend on it.</param>
    public string Select(Projection projection, DateOnly asOf, Dictionary<string, object> values) =>
        $"""
        select b.id, t.item, {string.Join(", ", projection.Columns.Select(column => Read(column, asOf, values)))}
          from {Table("clients")} c
          join {Table("batches")} b on b.client = c.client
          join {Table(projection.Table)} t on t.client = b.client and t.batch = b.batch
         where c.slug = @client
           and t.bucket in ({EveryBucket})
           and (@every or b.id = @batch)
         order by t.batch, t.item
        """;

    public string SelectAll(Projection projection) =>
        $"""
        select bucket, client, batch, item, {string.Join(", ", projection.Stored.Select(column => Quote(column.Name)))}
          from {Table(projection.Table)}
         where bucket in ({EveryBucket})
         order by bucket, client, batch, item
        """;

    /// <summary>What a row is one by: its item or the declared columns, always within its bucket and its client.</summary>
    private string KeyOf(Projection projection) =>
        projection.Key.Count == 0 ? "bucket, client, batch, item" : $"bucket, client, {string.Join(", ", projection.Key.Select(Quote))}";

    /// <summary>The columns that a row is written with, in the order of the table.</summary>
    public string Columns(Projection projection) =>
        $"bucket, client, batch, item, row_hash, {string.Join(", ", projection.Stored.Select(column => Quote(column.Name)))}";

    /// <summary>
    /// How an existing row is treated: by item it is written if it differs. By key the youngest item wins, in any order of consolidation.
    /// </summary>
    public string OnConflict(Projection projection)
    {
        string[] written = projection.Key.Count == 0 ? ["row_hash"] : ["batch", "item", "row_hash"];
        var columns = projection.Stored.Select(column => column.Name).Except(projection.Key).Select(Quote).Concat(written);
        return $"on conflict ({KeyOf(projection)}) do update set {string.Join(", ", columns.Select(column => $"{column} = excluded.{column}"))}"
            + (projection.Key.Count == 0
                ? " where t.row_hash <> excluded.row_hash"
                : " where (t.batch, t.item) < (excluded.batch, excluded.item)");
    }

    /// <summary>The value of a declared column, as <see cref="ProjectedRow.Values"/> documents it.</summary>
    /// <param name="reader">At a row of <see cref="Select"/> or <see cref="SelectAll"/>.</param>
    /// <param name="ordinal">Where the column begins; then where the next one does.</param>
    /// <param name="column">The column.</param>
    public object? Read(DbDataReader reader, ref int ordinal, ProjectionColumn column)
    {
        var at = ordinal++;
        switch (column.Type)
        {
            case ColumnType.PartialDate:
                ordinal++;
                return Read(reader, at, ColumnType.Date) is DateOnly first && Read(reader, at + 1, ColumnType.Date) is DateOnly last
                    ? new PartialDate(first, last).ToString()
                    : null;
            case ColumnType.Bucket:
                return Read(reader, at, ColumnType.Integer) is long rank ? column.Computed!.Type.Scale!.Labels[(int)rank] : null;
            default:
                return Read(reader, at, column.Type);
        }
    }

    private string Read(ProjectionColumn column, DateOnly asOf, Dictionary<string, object> values) =>
        column.Computed?.AsOf is { } condition
            ? condition.ToSql(
                asOf,
                name => ($"t.{Quote(name)}", $"t.{Quote(StoredColumn.LastDay(name))}"),
                day =>
                {
                    var name = $"day{values.Count}";
                    values.Add(name, day);
                    return $"@{name}";
                })
            : string.Join(", ", StoredColumn.Of(column).Select(stored => $"t.{Quote(stored.Name)}"));

    protected abstract string TypeName(ColumnType type);
}
