using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <content>
/// Values of lists, and the tables of child rows. Each of these has the rows of all items, whether rows of items are folded by key or not.
/// </content>
internal abstract partial class ProjectionDialect
{
    private static readonly string[] EngineColumns = ["bucket", "client", "batch", "item", "row_hash"];
    private static readonly string[] ChildEngineColumns = ["bucket", "client", "batch", "item", "child_key", "twin", "row_hash"];

    /// <summary>The views of a version: that of its rows, then those of its child rows.</summary>
    public IEnumerable<TableView> Views(TableVersion version) => version.Projection.Children
        .Select((child, index) => new TableView(
            child.Table,
            ChildEngineColumns,
            child.Stored,
            $"{Table(version.ChildTable(index))} t where {Readable(version, VisibleChild(version, "t"))}"))
        .Prepend(new(
            version.Projection.Table,
            EngineColumns,
            version.Projection.Stored,
            $"{Table(version.Table)} t where {Readable(version, Visible(version, "t"))}"));

    /// <summary>The columns that a child row is written with, in the order of its table.</summary>
    public string Columns(ProjectionChild child) =>
        string.Join(", ", ChildEngineColumns.Concat(child.Stored.Select(column => Quote(column.Name))));

    /// <summary>The temporary table of child rows that wait.</summary>
    public abstract string ChildRows(int child);

    /// <summary>
    /// Makes the child rows of items those that wait: of <c>@items</c> in <c>@buckets</c>, of <c>@batch</c> and <c>@client</c>. A row that
    /// is as it was is not touched.
    /// </summary>
    public IEnumerable<string> MergeChildren(TableVersion version, int child)
    {
        var (table, rows) = (Table(version.ChildTable(child)), ChildRows(child));
        var columns = Columns(version.Projection.Children[child]);
        yield return DeleteChildren(
            table,
            $"select 1 from {rows} x where x.bucket = c.bucket and x.item = c.item and x.child_key = c.child_key and x.twin = c.twin and x.row_hash = c.row_hash");
        yield return $"insert into {table} ({columns}) select {columns} from {rows} where true on conflict do nothing";
        yield return $"delete from {rows}";
    }

    /// <param name="version">Whose rows are read.</param>
    /// <param name="child">The child table's place.</param>
    public string SelectChildren(TableVersion version, int child) =>
        $"""
        select b.id, t.item, t.child_key, t.twin, {string.Join(", ", version.Projection.Children[child].Stored.Select(column => $"t.{Quote(column.Name)}"))}
          from {Table("clients")} c
          join {Table("batches")} b on b.client = c.client
          join {Table(version.ChildTable(child))} t on t.client = b.client and t.batch = b.batch
         where c.slug = @client
           and t.bucket in ({EveryBucket})
           and {VisibleChild(version, "t")}
           and (@every or b.id = @batch)
         order by t.batch, t.item, t.child_key, t.twin
        """;

    /// <summary>The child rows of <c>@item</c> of <c>@batch</c> of <c>@client</c>: key, number, then the cells.</summary>
    public string SelectChildrenOfItem(TableVersion version, int child) =>
        $"""
        select t.child_key, t.twin, {string.Join(", ", version.Projection.Children[child].Stored.Select(column => $"t.{Quote(column.Name)}"))}
          from {Table(version.ChildTable(child))} t
         where {IsAsked("t")}
         order by t.child_key, t.twin
        """;

    /// <summary>What tells child rows from others, of all batches.</summary>
    public string SelectChildHashes(TableVersion version, int child) =>
        $"""
        select batch, client, bucket, item, child_key, twin, {string.Join(", ", version.Projection.Children[child].Stored.Select(column => Quote(column.Name)))}
          from {Table(version.ChildTable(child))}
         where bucket in ({EveryBucket})
         order by bucket, client, batch, item, child_key, twin
        """;

    /// <summary>Values of lists that are looked up, as parameters.</summary>
    public abstract Dictionary<string, object> Listed(IReadOnlyList<ListedValue> values);

    /// <summary>Items and the values that they have in lists, as parameters.</summary>
    public abstract Dictionary<string, object> ListedItems(
        IReadOnlyList<(short Bucket, int Item)> items, IReadOnlyList<(ListedValue Value, int Item)> values);

    /// <summary>Deletes child rows of items for which a condition over <c>c</c> finds no row that waits.</summary>
    protected abstract string DeleteChildren(string table, string waiting);

    /// <summary>The type of a column of sixteen bytes.</summary>
    protected abstract string BytesType { get; }

    private IEnumerable<string> CreateChildren(TableVersion version) => version.Projection.Children.Select((child, index) =>
        $"""
        create table {Table(version.ChildTable(index))} (
            bucket smallint not null,
            client int not null,
            batch int not null,
            item int not null,
            child_key {BytesType} not null,
            twin int not null,
            row_hash bigint not null,
            {string.Join(",\n    ", child.Stored.Select(column => $"{Quote(column.Name)} {TypeName(column.Type)}"))},
            primary key (bucket, client, batch, item, child_key, twin)
        )
        """);

    // By key, children are those of the item that serves its key. Its row is found by the item's own, whose key leads to it.
    private string VisibleChild(TableVersion version, string alias) => !version.IsKeyed ? Visible(version, alias) :
        $"""
        exists (select 1
                  from {Table(version.Items)} b
                  join {Table(version.Table)} k on {On("k", "b", version)}
                 where b.batch = {alias}.batch and b.item = {alias}.item and k.batch = b.batch and k.item = b.item)
        """;

    /// <summary>Copies the child rows that one version has of a batch in a bucket to another, in the columns that both have.</summary>
    private async Task CopyChildrenAsync(
        ProjectionSession session,
        TableVersion from,
        TableVersion to,
        Dictionary<string, object> values,
        CancellationToken cancellationToken)
    {
        foreach (var (index, child) in to.Projection.Children.Index())
        {
            var old = from.Projection.Children.Index().FirstOrDefault(known => known.Item.Name == child.Name);
            if (old.Item is null || from.Lost.Contains(from.ChildTable(old.Index)))
            {
                continue;
            }

            var types = old.Item.Stored.ToDictionary(column => column.Name, column => column.Type);
            var columns = string.Join(", ", ChildEngineColumns.Concat(child.Stored
                .Where(column => types.TryGetValue(column.Name, out var type) && IsSame(type, column.Type))
                .Select(column => Quote(column.Name))));
            await session.ExecuteAsync(
                $"""
                insert into {Table(to.ChildTable(index))} ({columns})
                select {columns} from {Table(from.ChildTable(old.Index))} where bucket = @bucket and client = @client and batch = @batch
                on conflict do nothing
                """,
                values,
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a column can have what another one holds.</summary>
    public static bool IsSame(ColumnType from, ColumnType to) =>
        from == to || (from, to) == (ColumnType.Integer, ColumnType.Number);
}
