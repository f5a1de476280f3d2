using System.Globalization;
namespace Enrichment.Consolidation.Tables;

/// <content>Where the cells of stored rows are from.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>The column of <see cref="Evaluation.RowOrigin"/>, which no view shows.</summary>
    private const string Origin = "row_origin";

    /// <summary>The row of <c>@item</c> of <c>@batch</c>: where its cells are from, then what <see cref="Select"/> reads.</summary>
    public string SelectItem(TableVersion version, DateOnly asOf, Dictionary<string, object> values) =>
        $"""
        select t.{Origin}, {string.Join(", ", version.Projection.Columns.Select(column => Read(column, asOf, values)))}
          from {Table(version.Items)} t
         where t.bucket in ({EveryBucket})
           and t.client = @client
           and t.batch = @batch
           and t.item = @item
           and {Visible(version, "t")}
        """;

    /// <summary>All rows of items with their origins, and their words if they are searched.</summary>
    public string SelectAll(Projection projection, string table) =>
        $"""
        select bucket, client, batch, item, {Origin}, {string.Join(", ", projection.OfItems.Select(column => Quote(column.Name)))}{(projection.AreItemsSearched ? $", cast({Words} as text)" : "")}
          from {Table(table)}
         where bucket in ({EveryBucket})
         order by bucket, client, batch, item
        """;

    /// <summary>The origins of the rows of <c>@batch</c> of <c>@client</c>, each with its item.</summary>
    /// <param name="version">Whose rows.</param>
    /// <param name="buckets">Where they are.</param>
    public string SelectOrigins(TableVersion version, IEnumerable<short> buckets) =>
        $"""
        select item, {Origin}
          from {Table(version.Items)}
         where bucket in ({Numbers(buckets)})
           and client = @client
           and batch = @batch
        """;

    /// <summary>The items of <c>@batch</c> of <c>@client</c> that have no row; null if each has one.</summary>
    /// <param name="version">Whose rows.</param>
    /// <param name="buckets">Where the items are.</param>
    public string? SelectWithoutRow(TableVersion version, IEnumerable<short> buckets) =>
        !version.IsKeyed && !version.Projection.LeavesOutIncomplete ? null :
        $"""
        select n.item
          from {Table("batch_items")} n
         where n.bucket in ({Numbers(buckets)})
           and n.batch = @batch
           and not exists (select 1
                             from {Table(version.Items)} t
                            where t.bucket {(version.IsKeyed ? $"in ({EveryBucket})" : "= n.bucket")}
                              and t.client = @client
                              and t.batch = n.batch
                              and t.item = n.item)
        """;

    private static string Numbers(IEnumerable<short> buckets) =>
        string.Join(", ", buckets.Select(bucket => bucket.ToString(CultureInfo.InvariantCulture)));
}
