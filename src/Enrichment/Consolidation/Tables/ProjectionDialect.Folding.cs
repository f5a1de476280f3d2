using System.Globalization;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Tables;

/// <content>How the rows of items fold to those of a table by key.</content>
internal abstract partial class ProjectionDialect
{
    // Beside columns of a key: no user can take such a name.
    private const string Number = "_number";

    /// <summary>Whether rows of items fold to rows of one kind, so that those of pruned batches can be copied.</summary>
    public static bool AreFoldedAlike(Projection one, Projection other) =>
        one.Key.SequenceEqual(other.Key) && one.FoldsColumns == other.FoldsColumns;

    /// <summary>The keys whose row is not that of their youngest item.</summary>
    public string CountMisfolded(TableVersion version)
    {
        var columns = $"bucket, client, {KeyColumns(version)}";
        return
            $"""
            select count(*)
              from (select f.*
                      from (select {columns}, batch, item, row_hash,
                                   row_number() over (partition by {columns} order by batch desc, item desc) as {Number}
                              from {Table(version.Items)}) f
                     where f.{Number} = 1) b
              full join {Table(version.Table)} t
                on {On("t", "b", version)} and t.batch = b.batch and t.item = b.item and t.row_hash = b.row_hash
             where b.item is null or t.item is null
            """;
    }

    /// <summary>
    /// The rows of all items of the keys in <see cref="Keys"/>: a number of the key from 1, bucket, client, batch, item, then the cells.
    /// The youngest item of each key comes first.
    /// </summary>
    public string SelectToFold(TableVersion version) => SelectOfKeys(version, Keys);

    /// <summary>The same of the keys that some items of <c>@batch</c> have.</summary>
    public string SelectToFold(TableVersion version, IEnumerable<int> items) => SelectOfKeys(
        version, $"{Table(version.Items)} where batch = @batch and item in ({string.Join(", ", items.Select(item => item.ToString(CultureInfo.InvariantCulture)))})");

    private string SelectOfKeys(TableVersion version, string from)
    {
        var keys = $"bucket, client, {KeyColumns(version)}";
        return
            $"""
            select k.{Number}, b.bucket, b.client, b.batch, b.item, {string.Join(", ", version.Projection.OfItems.Select(column => $"b.{Quote(column.Name)}"))}
              from (select row_number() over (order by {keys}) as {Number}, {keys} from (select distinct {keys} from {from}) d) k
             {ItemsOf(version)}
             order by k.{Number}, b.batch desc, b.item desc
            """;
    }

    /// <summary>Before the rows of keys are written: forgets the issues of those that are there.</summary>
    public Task BeginFoldAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken) =>
        session.ExecuteAsync(
            DeleteIssues(version), new(session.Bound(version.Version)) { ["number"] = PlacedIssue.OfFoldedRow }, cancellationToken);

    /// <summary>After the rows of keys are written: removes those that no item has any more, and forgets the keys.</summary>
    /// <param name="version">Whose tables.</param>
    /// <param name="again">Whether a key may have lost its last item.</param>
    public IEnumerable<string> EndFold(TableVersion version, bool again)
    {
        if (again)
        {
            yield return DeleteLost(version);
        }

        yield return $"delete from {Keys}";
    }

    /// <summary>Makes the keys of a bucket in the rows of items those that are folded.</summary>
    public IEnumerable<string> FoldAll(TableVersion version, short bucket) =>
    [
        CreateKeys(version),
        $"delete from {Keys}",
        FormattableString.Invariant(
            $"insert into {Keys} select distinct bucket, client, {KeyColumns(version)} from {Table(version.Items)} where bucket = {bucket}"),
    ];

    /// <summary>The keys whose row in one table is not that in another.</summary>
    public string CountMisfolded(TableVersion version, TableVersion other) =>
        $"""
        select count(*)
          from {Table(version.Table)} t
          full join {Table(other.Table)} o
            on {On("t", "o", version)} and t.batch = o.batch and t.item = o.item and t.row_hash = o.row_hash
         where t.item is null or o.item is null
        """;

    /// <summary>
    /// The row to which <c>@item</c> of <c>@batch</c> of <c>@client</c> is folded: bucket, batch and item, which items gave its cells, then
    /// what <see cref="Select"/> reads.
    /// </summary>
    public string SelectFolded(TableVersion version, DateOnly asOf, Dictionary<string, object> values) =>
        $"""
        select t.bucket, t.batch, t.item, t.{Origin}, {string.Join(", ", version.Projection.Columns.Select(column => Read(column, asOf, values)))}
          from {Table(version.Items)} b
          join {Table(version.Table)} t on {On("t", "b", version)}
         where {IsAsked("b")}
        """;

    /// <summary>
    /// The youngest items of the key that <c>@item</c> of <c>@batch</c> of <c>@client</c> has: batch, its public id, item, where its cells
    /// are from, then of each column of <see cref="Folded"/> its cell and its rank, if it has one.
    /// </summary>
    public string SelectItemsOfKey(TableVersion version, int most) =>
        FormattableString.Invariant($"{SelectItemsOfKey(version)} order by b.batch desc, b.item desc limit {most}");

    /// <summary>The same of some of these items.</summary>
    public string SelectItemsOfKey(TableVersion version, IEnumerable<(int Batch, int Item)> items) =>
        $"{SelectItemsOfKey(version)} and (b.batch, b.item) in (values {string.Join(", ", items.Select(item => FormattableString.Invariant($"({item.Batch}, {item.Item})")))})";

    /// <summary>The columns of a projection that are folded, and that readers see.</summary>
    public static IEnumerable<ProjectionColumn> Folded(Projection projection) => projection.Columns.Where(column => column.Formula is null);

    /// <summary>By what the items' cells of a column are compared; null if by nothing that is stored.</summary>
    public static StoredColumn? RankOf(Projection projection, ProjectionColumn column) =>
        projection.Key.Contains(column.Name) ? null : StoredColumn.RankOf(column);

    /// <summary>Writes folded rows where those of their keys are.</summary>
    public abstract ValueTask<FoldWriter> OpenFoldAsync(
        ProjectionSession session, TableVersion version, CancellationToken cancellationToken);

    /// <summary>Deletes the issues of <c>@number</c> that folded rows of the keys in <see cref="Keys"/> have.</summary>
    protected abstract string DeleteIssues(TableVersion version);

    /// <summary>Joins the rows of items <c>b</c> of each key <c>k</c>, key by key.</summary>
    protected abstract string ItemsOf(TableVersion version);

    private string SelectItemsOfKey(TableVersion version)
    {
        var cells = Folded(version.Projection)
            .SelectMany(column => StoredColumn.Of(column).Concat(RankOf(version.Projection, column) is { } rank ? [rank] : []))
            .Select(stored => $"b.{Quote(stored.Name)}");
        return
            $"""
            select b.batch, n.id, b.item, b.{Origin}, {string.Join(", ", cells)}
              from {Table(version.Items)} t
              join {Table(version.Items)} b on {On("b", "t", version)}
              join {Table("batches")} n on n.batch = b.batch
             where {IsAsked("t")}
            """;
    }

    private static string IsAsked(string alias) =>
        $"{alias}.bucket in ({EveryBucket}) and {alias}.client = @client and {alias}.batch = @batch and {alias}.item = @item";

    // Rows of keys that no item has any more.
    private string DeleteLost(TableVersion version) =>
        $"""
        delete from {Table(version.Table)}
         where exists (select 1 from {Keys} k where {On("k", Table(version.Table), version)})
           and not exists (select 1 from {Table(version.Items)} b where {On("b", Table(version.Table), version)})
        """;
}
