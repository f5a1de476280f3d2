namespace Enrichment.Consolidation.Tables;

/// <content>How many rows a table has, and how many of them have a value.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>Of the items that <see cref="Items"/> binds, of <c>@client</c> and <c>@batch</c>: how many have a row, and values.</summary>
    public string CountItems(TableVersion version) => $"select {Counted(version)} from {RowsOfItems(version)}";

    /// <summary>The same of all items of <c>@client</c> and <c>@batch</c> in some buckets.</summary>
    public string CountBatch(TableVersion version, IEnumerable<short> buckets) =>
        $"select {Counted(version)} from {Table(version.Table)} t where t.bucket in ({Numbers(buckets)}) and t.client = @client and t.batch = @batch";

    /// <summary>The rows <c>t</c> of items, found by their keys.</summary>
    protected abstract string RowsOfItems(TableVersion version);

    private string Counted(TableVersion version) => string.Join(
        ", ", version.Projection.Stored.Where(cell => !cell.IsBeside).Select(cell => $"count(t.{Quote(cell.Name)})").Prepend("count(*)"));
}
