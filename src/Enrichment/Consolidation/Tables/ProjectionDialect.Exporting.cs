using Enrichment.Consolidation.Exporting;

namespace Enrichment.Consolidation.Tables;

/// <content>What exports need: the rows of a long statement in sets, and what belongs to the items of a set.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>Begins to read a statement whose rows are read in sets.</summary>
    public abstract Task<RowCursor> OpenCursorAsync(
        ProjectionSession session, string sql, Dictionary<string, object> values, CancellationToken cancellationToken);

    /// <summary>The rows of an export as parameters of <see cref="OfRows"/>: bucket, batch and item of each.</summary>
    public abstract Dictionary<string, object> ExportedRows(IReadOnlyList<ExportedRow> rows);

    /// <summary>The rows of <see cref="ExportedRows"/> as <c>i</c>, of each its place from 0, joined with the rows of a table for them.</summary>
    /// <param name="table">The table.</param>
    /// <param name="alias">Its alias.</param>
    /// <param name="condition">Which of its rows belong to <c>i</c>.</param>
    protected abstract string OfRows(string table, string alias, string condition);

    /// <summary>Of each row of an export its place, and the child rows of its item: key, twin, then the cells; in their order.</summary>
    public string SelectChildrenOfRows(TableVersion version, int child) =>
        $"""
        select i.place, c.child_key, c.twin, {string.Join(", ", version.Projection.Children[child].Stored.Select(column => $"c.{Quote(column.Name)}"))}
          from {OfRows(Table(version.ChildTable(child)), "c", $"c.bucket = i.bucket and c.client = (select k.client from {Table("clients")} k where k.slug = @client) and c.batch = i.batch and c.item = i.item")}
         order by i.place, c.child_key, c.twin
        """;

    /// <summary>Of each row of an export its place, and the states of its item: stage, status and error, ascending by stage.</summary>
    /// <param name="stages">How many stages there are at most.</param>
    public string SelectStatesOfRows(int stages) =>
        $"""
        select i.place, s.stage, s.status, s.error
          from {OfRows(Table("workflow_states"), "s", $"s.bucket = i.bucket and s.batch = i.batch and s.stage in ({string.Join(", ", Enumerable.Range(1, stages))}) and s.item = i.item")}
         order by i.place, s.stage
        """;
}
