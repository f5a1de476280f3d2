using System.Globalization;

namespace Enrichment.Consolidation.Tables;

/// <content>How the rows of items fold to those of a table by key.</content>
internal abstract partial class ProjectionDialect
{
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
                                   row_number() over (partition by {columns} order by batch desc, item desc) as place
                              from {Table(version.Items)}) f
                     where f.place = 1) b
              full join {Table(version.Table)} t
                on {On("t", "b", version)} and t.batch = b.batch and t.item = b.item and t.row_hash = b.row_hash
             where b.item is null or t.item is null
            """;
    }

    /// <summary>
    /// The rows of all items of the keys in <see cref="Keys"/>: a number of the key from 1, bucket, client, batch, item, then the cells.
    /// The youngest item of each key comes first.
    /// </summary>
    public string SelectToFold(TableVersion version)
    {
        var keys = $"bucket, client, {KeyColumns(version)}";
        return
            $"""
            select k.place, b.bucket, b.client, b.batch, b.item, {string.Join(", ", version.Projection.OfItems.Select(column => $"b.{Quote(column.Name)}"))}
              from (select row_number() over (order by {keys}) as place, {keys} from (select distinct {keys} from {Keys}) d) k
             {ItemsOf(version)}
             order by k.place, b.batch desc, b.item desc
            """;
    }

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

    /// <summary>Which items gave the cells of the row to which <c>@item</c> of <c>@batch</c> is folded.</summary>
    public string SelectFolded(TableVersion version) =>
        $"""
        select t.{Origin}
          from {Table(version.Items)} b
          join {Table(version.Table)} t on {On("t", "b", version)}
         where b.bucket in ({EveryBucket})
           and b.client = @client
           and b.batch = @batch
           and b.item = @item
        """;

    /// <summary>The public ids of batches.</summary>
    public string SelectBatches(IEnumerable<int> batches) =>
        $"select batch, id from {Table("batches")} where batch in ({string.Join(", ", batches.Select(batch => batch.ToString(CultureInfo.InvariantCulture)))})";

    /// <summary>Writes folded rows where those of their keys are.</summary>
    public abstract ValueTask<FoldWriter> OpenFoldAsync(
        ProjectionSession session, TableVersion version, CancellationToken cancellationToken);

    /// <summary>Joins the rows of items <c>b</c> of each key <c>k</c>, key by key.</summary>
    protected abstract string ItemsOf(TableVersion version);

    // Rows of keys that no item has any more.
    private string DeleteLost(TableVersion version) =>
        $"""
        delete from {Table(version.Table)}
         where exists (select 1 from {Keys} k where {On("k", Table(version.Table), version)})
           and not exists (select 1 from {Table(version.Items)} b where {On("b", Table(version.Table), version)})
        """;
}
