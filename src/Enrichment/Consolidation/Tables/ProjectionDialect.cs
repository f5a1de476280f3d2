using System.Data.Common;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Expressions;
using Enrichment.Consolidation.Filling;
using Enrichment.Storage;

namespace Enrichment.Consolidation.Tables;

/// <summary>
/// How one database says what every projection needs. The only maker of SQL from a definition: identifiers have passed
/// <see cref="ProjectionRules"/>, and everything else is a parameter.
/// </summary>
internal abstract partial class ProjectionDialect(SqlFiles sql)
{
    /// <summary>A chunk of any batch may have so many items.</summary>
    protected const int FewestAtOnce = 2_000;

    /// <summary>The buckets, for a key that begins with one.</summary>
    public static readonly string EveryBucket = string.Join(", ", Enumerable.Range(0, Bucket.Count));

    /// <summary>The statements that are the same for every projection.</summary>
    public SqlFiles Sql { get; } = sql;

    /// <summary>A table's name in SQL.</summary>
    public abstract string Table(string table);

    /// <summary>Quotes an identifier that <see cref="ProjectionRules"/> has passed; the one place where a dialect does.</summary>
    public abstract string Quote(string identifier);

    /// <summary>
    /// The statement that reads, of the items that <see cref="Items"/> binds, bucket, item, uploaded row, and the result to which the state
    /// of each of the plan's stages refers; then the times of these results, if the plan needs them; then the attempts that they are of.
    /// <c>@batch</c> and <c>@upload</c> come on top.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="explained">
    /// Whether the times are read in any case, and nothing of rows that are no items of the batch.
    /// </param>
    public abstract string ReadItems(ProjectionPlan plan, bool explained = false);

    /// <summary>Gives an item that <see cref="ReadItems"/> has read to the evaluator.</summary>
    public void Load(DbDataReader reader, RowEvaluator evaluator, bool withTimes)
    {
        const int First = 2;
        const int FoundKind = 1;
        evaluator.Begin(reader.GetInt16(0), reader.GetInt32(1));
        var stages = evaluator.Plan.Stages.Count;
        var kinds = evaluator.Plan.NeedsKinds ? reader.FieldCount - stages - 1 : -1;
        for (var document = 0; document <= stages; document++)
        {
            if (!reader.IsDBNull(document + First))
            {
                var length = Load(reader, document + First, evaluator.Row);
                evaluator.Find(document, evaluator.Row.Loaded(length), length);
                if (document > 0)
                {
                    evaluator.Number(document, reader.GetInt32(document + First + (withTimes ? 2 * stages : stages)));
                    if (withTimes)
                    {
                        evaluator.Date(document, Time(reader, document + First + stages));
                    }
                }

                if (kinds >= 0 && document > 0)
                {
                    evaluator.Found(document, reader.GetInt16(kinds + document) == FoundKind);
                }
            }
        }
    }

    /// <summary>Copies a document into the row's room. Returns its length.</summary>
    public abstract int Load(DbDataReader reader, int ordinal, EvaluatedRow row);

    /// <summary>A time as the store writes it, in UTC.</summary>
    public abstract DateTime Time(DbDataReader reader, int ordinal);

    /// <param name="session">The statements of the transaction.</param>
    /// <param name="batch">Whose rows are written.</param>
    /// <param name="version">Whose table is filled.</param>
    /// <param name="again">Whether the table may hold rows of these items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public abstract ValueTask<TableWriter> OpenAsync(
        ProjectionSession session, PlannedBatch batch, TableVersion version, bool again, CancellationToken cancellationToken);

    /// <summary>Makes a view show what it is to show.</summary>
    /// <param name="session">The statements of the transaction.</param>
    /// <param name="view">The view.</param>
    /// <param name="before">The view's name until now; null if there is none.</param>
    /// <param name="isRollback">Whether an older version comes back, of which columns may be missing.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public abstract Task ShowAsync(
        ProjectionSession session, TableView view, string? before, bool isRollback, CancellationToken cancellationToken);

    /// <summary>Why a view cannot show other columns; null if it can.</summary>
    public virtual Task<string?> ObstacleAsync(
        ProjectionSession session, TableView view, string before, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);

    /// <summary>A value as text, in which equal values of two types are equal.</summary>
    public abstract string AsText(string value, ColumnType type);

    /// <summary>A span of time as the store counts it.</summary>
    public virtual object Span(TimeSpan span) => span;

    /// <summary>Folds the keys in <see cref="Keys"/> anew: each has the row of its youngest item.</summary>
    protected abstract string Fold(TableVersion version);

    /// <summary>Names as the value of one parameter.</summary>
    public abstract object Names(IEnumerable<string> names);

    /// <summary>Buckets as parameters.</summary>
    public abstract Dictionary<string, object> Buckets(IReadOnlyList<short> buckets);

    /// <summary>Issues as parameters.</summary>
    public abstract Dictionary<string, object> Issues(IReadOnlyList<PlacedIssue> issues);

    /// <summary>
    /// How many items a chunk has, of a batch of so many: few enough for one short transaction, enough that its round trips do not count.
    /// </summary>
    public virtual int ItemsAtOnce(int items) => FewestAtOnce;

    /// <summary>Items as parameters.</summary>
    public abstract Dictionary<string, object> Items(IReadOnlyList<(short Bucket, int Item)> items);

    /// <summary>Parses and plans a command that runs for part after part once for all of them, where the connection allows it.</summary>
    public virtual Task PrepareAsync(DbCommand command, CancellationToken cancellationToken) => command.PrepareAsync(cancellationToken);

    /// <summary>A value as <see cref="ColumnType"/> documents it.</summary>
    public abstract object? Read(DbDataReader reader, int ordinal, ColumnType type);

    /// <summary>A public id as the store writes it.</summary>
    public virtual object Id(Guid id) => id;

    /// <summary>The tables of a version. By key, one has a row for each item, and another the rows that they fold to.</summary>
    public IEnumerable<string> Create(TableVersion version)
    {
        if (version.IsKeyed)
        {
            yield return Create(
                version.Projection.OfItems,
                version.Items,
                version.Projection.AreItemsSearched ? WordsColumn : "",
                $"primary key (bucket, client, {KeyColumns(version)}, batch, item)");
            yield return $"create index {Quote(version.Items + "_ix")} on {Table(version.Items)} (batch, item)";
        }

        yield return Create(
            version.Projection.Stored,
            version.Table,
            version.Projection.IsSearched ? $"{WordsColumn}{NumberColumn}" : "",
            version.Projection.IsSearched ? Unique(KeyOf(version)) : $"primary key ({KeyOf(version)})");
        if (version.IsKeyed)
        {
            yield return $"create index {Quote(version.Table + "_ix")} on {Table(version.Table)} (bucket, batch, item)";
        }

        foreach (var statement in CreateChildren(version).Concat(version.Projection.IsSearched ? CreateSearch(version) : []))
        {
            yield return statement;
        }
    }

    /// <summary>Drops the tables of a version.</summary>
    public virtual string Drop(TableVersion version) =>
        string.Concat(version.Tables.Select(table => $"drop table if exists {Table(table)};"));

    public string Count(string table) => $"select count(*) from {Table(table)} where bucket in ({EveryBucket}) and batch = @batch";

    /// <summary>
    /// Of a table that leaves batches out until it has them as a whole: the condition. By key, a row is there as soon as its item is read.
    /// </summary>
    public abstract string Visible(TableVersion version, string alias);

    /// <summary>What a view says in place of a condition, so that no snapshot shows a part of its version.</summary>
    protected virtual string Readable(TableVersion version, string condition) => condition;

    /// <summary>The batches of a version that are not to be seen yet.</summary>
    protected string Hidden(TableVersion version, string projection) =>
        FormattableString.Invariant(
            $"select p.batch from {Table("projection_batches")} p where p.projection = '{projection}' and p.version = {version.Version} and p.noted is null");

    /// <summary>Copies the rows that one version has of a batch in a bucket to another, in the columns that both have alike.</summary>
    public async Task<int> CopyAsync(
        ProjectionSession session,
        TableVersion from,
        TableVersion to,
        PlannedBatch batch,
        short bucket,
        CancellationToken cancellationToken)
    {
        var old = from.Projection.OfItems.ToDictionary(column => column.Name, column => column.Type);
        var common = to.Projection.OfItems
            .Where(column => old.TryGetValue(column.Name, out var type)
                && IsSame(type, column.Type))
            .Select(column => Quote(column.Name))
            .ToList();
        if (!AreFoldedAlike(from.Projection, to.Projection))
        {
            throw new EnrichmentException(
                $"Version {to.Version} of projection '{session.Name}' cannot have the rows of batch {batch.Id}: the batch was pruned, and only the table by another key, or folded in another way, has them.");
        }

        var columns = string.Join(", ", (string[])[.. EngineColumns, Origin, .. common]);
        var values = new Dictionary<string, object> { ["bucket"] = bucket, ["client"] = batch.Client, ["batch"] = batch.Key };
        if (to.IsKeyed && !from.Lost.Contains(from.Items))
        {
            await session.ExecuteAsync(CreateKeys(to), [], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync(
                $"insert into {Keys} select bucket, client, {KeyColumns(to)} from {Table(from.Items)} where bucket = @bucket and client = @client and batch = @batch",
                values,
                cancellationToken).ConfigureAwait(false);
        }

        await CopyChildrenAsync(session, from, to, values, cancellationToken).ConfigureAwait(false);
        var rows = from.Lost.Contains(from.Items) ? 0 : await session.ExecuteAsync(
            $"""
            insert into {Table(to.Items)} ({columns})
            select {columns} from {Table(from.Items)} where bucket = @bucket and client = @client and batch = @batch
            on conflict do nothing
            """,
            values,
            cancellationToken).ConfigureAwait(false);
        if (to.Projection.AreItemsSearched && rows > 0)
        {
            await WriteWordsAsync(session, to, values, cancellationToken).ConfigureAwait(false);
        }

        if (to.Projection.FoldsColumns && rows > 0)
        {
            await ColumnFold.RunAsync(session, to, again: false, cancellationToken).ConfigureAwait(false);
        }
        else if (to.IsKeyed && rows > 0)
        {
            await session.ExecuteAsync(Fold(to), [], cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync($"delete from {Keys}", [], cancellationToken).ConfigureAwait(false);
        }

        return rows;
    }

    /// <param name="version">Whose rows are read.</param>
    /// <param name="asOf">The day from which the reader looks.</param>
    /// <param name="values">Gets the parameters of conditions that depend on it.</param>
    public string Select(TableVersion version, DateOnly asOf, Dictionary<string, object> values) =>
        $"""
        select b.id, t.item, {string.Join(", ", version.Projection.Columns.Select(column => Read(column, asOf, values)))}
          from {Table("clients")} c
          join {Table("batches")} b on b.client = c.client
          join {Table(version.Table)} t on t.client = b.client and t.batch = b.batch
         where c.slug = @client
           and t.bucket in ({EveryBucket})
           and {Visible(version, "t")}
           and (@every or b.id = @batch)
         order by t.batch, t.item
        """;

    /// <summary>The columns that the row of an item is written with, in order.</summary>
    public string ItemColumns(TableVersion version) => Columns(version.Projection.OfItems, version.Projection.AreItemsSearched);

    /// <summary>The columns that a row of the table is written with, in order.</summary>
    public string RowColumns(TableVersion version) => Columns(version.Projection.Stored, version.Projection.IsSearched);

    private string Columns(IEnumerable<StoredColumn> columns, bool isSearched) => string.Join(
        ", ", ((string[])[.. EngineColumns, Origin]).Concat(columns.Select(column => Quote(column.Name))).Concat(isSearched ? [Words] : []));

    /// <summary>Whether an item that had a row may have none any more. By key, folding sees to it.</summary>
    protected static bool MayLoseRows(TableVersion version, bool again) =>
        again && !version.IsKeyed && version.Projection.LeavesOutIncomplete;

    /// <summary>How an existing row is treated: it is written if it differs.</summary>
    protected string OnConflict(TableVersion version)
    {
        string[] place = version.IsKeyed ? ["batch", "item"] : [];
        string[] written = [.. place, "row_hash", Origin, .. version.Projection.IsSearched ? [Words] : Array.Empty<string>()];
        var columns = version.Projection.Stored.Select(column => column.Name).Except(version.Projection.Key).Select(Quote).Concat(written);
        var differs = version.IsKeyed
            ? "(t.batch, t.item, t.row_hash) <> (excluded.batch, excluded.item, excluded.row_hash)"
            : "t.row_hash <> excluded.row_hash";
        return $"on conflict ({KeyOf(version)}) do update set {string.Join(", ", columns.Select(column => $"{column} = excluded.{column}"))} where {differs}";
    }

    /// <summary>
    /// By key: brings the rows of items from <see cref="Rows"/> into their table, and folds each key anew that one of them has or had.
    /// </summary>
    /// <param name="version">Whose tables.</param>
    /// <param name="again">Whether the table may hold rows of these items: those of <c>@items</c>, of <c>@batch</c>.</param>
    protected IEnumerable<string> Merge(TableVersion version, bool again)
    {
        var items = Table(version.Items);
        var unchanged = $"exists (select 1 from {Rows} x where x.item = b.item and x.row_hash = b.row_hash)";
        var old = $"from {items} as b where b.batch = @batch and b.item {InItems} and not {unchanged}";
        var isNew = again ? $" where not exists (select 1 from {items} b where b.batch = x.batch and b.item = x.item)" : "";
        if (again)
        {
            yield return $"insert into {Keys} select b.bucket, b.client, {KeyColumns(version, "b.")} {old}";
            yield return $"delete {old}";
        }

        yield return $"insert into {Keys} select x.bucket, x.client, {KeyColumns(version, "x.")} from {Rows} x{isNew}";
        yield return $"insert into {items} ({ItemColumns(version)}) select {ItemColumns(version)} from {Rows} x{isNew}";
        if (version.Projection.FoldsColumns)
        {
            yield return $"delete from {Rows}";
            yield break;
        }

        yield return Fold(version);
        if (again)
        {
            yield return DeleteLost(version);
        }

        yield return $"delete from {Rows}";
        yield return $"delete from {Keys}";
    }

    /// <summary>The temporary table of rows that wait.</summary>
    protected abstract string Rows { get; }

    /// <summary>The temporary table of keys that are folded anew.</summary>
    protected abstract string Keys { get; }

    /// <summary>Makes <see cref="Keys"/>, if it is not there yet.</summary>
    protected abstract string CreateKeys(TableVersion version);

    /// <summary>That an item is one of <c>@items</c>.</summary>
    protected abstract string InItems { get; }

    /// <summary>The declared columns of the key.</summary>
    protected string KeyColumns(TableVersion version, string prefix = "") =>
        string.Join(", ", version.Projection.Key.Select(part => prefix + Quote(part)));

    /// <summary>That two rows have one key.</summary>
    protected string On(string one, string other, TableVersion version) =>
        string.Join(" and ", ((string[])["bucket", "client", .. version.Projection.Key.Select(Quote)]).Select(part => $"{one}.{part} = {other}.{part}"));

    /// <summary>That two rows are of one item, or of one key.</summary>
    public string SameRow(TableVersion version, string one, string other) =>
        version.IsKeyed
            ? On(one, other, version)
            : string.Join(" and ", ((string[])["bucket", "client", "batch", "item"]).Select(part => $"{one}.{part} = {other}.{part}"));

    /// <summary>What a row is one by: its item or the declared columns, always within its bucket and its client.</summary>
    protected string KeyOf(TableVersion version) => version.IsKeyed ? $"bucket, client, {KeyColumns(version)}" : "bucket, client, batch, item";

    private string Create(IEnumerable<StoredColumn> columns, string table, string more, string key) =>
        $"""
        create table {Table(table)} (
            bucket smallint not null,
            client int not null,
            batch int not null,
            item int not null,
            row_hash bigint not null,
            {Origin} {BytesType} not null,
            {string.Join(",\n    ", columns.Select(column => $"{Quote(column.Name)} {TypeName(column.Type)}"))},
            {more}{key}
        )
        """;

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

    /// <summary>A declared column in a select list over a table <c>t</c>.</summary>
    public string Read(ProjectionColumn column, DateOnly asOf, Dictionary<string, object> values) =>
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
