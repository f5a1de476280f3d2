using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Querying;

/// <content>The statements of an export: batch and item of each row, then the cells of columns.</content>
internal sealed partial class QueryStatement
{
    /// <summary>
    /// The rows of neighbours, in the order of the file: of <c>@run_batch</c> in <c>@run_bucket</c>, from <c>@first</c> to <c>@last</c>.
    /// </summary>
    public string Run(string where, IEnumerable<ProjectionColumn> columns) =>
        $"""
        select {Cells(columns)} from {Rows}
         where t.bucket = @run_bucket and {where} and t.batch = @run_batch and t.item between @first and @last
         order by t.item
        """;

    /// <summary>All rows of a query in its order.</summary>
    public string Sorted(string where, IReadOnlyList<SortKey> keys, IEnumerable<ProjectionColumn> columns) =>
        $"""
        select {Cells(columns)} from {Rows}
         where {reach} and {where}
         order by {new PageWalk(this, keys, after: null).Order}
        """;

    private string Cells(IEnumerable<ProjectionColumn> columns) =>
        string.Join(", ", columns.SelectMany(column => Of(column).Cells).Prepend("t.item").Prepend("t.batch"));
}
