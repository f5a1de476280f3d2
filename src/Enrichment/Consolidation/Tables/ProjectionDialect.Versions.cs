namespace Enrichment.Consolidation.Tables;

/// <content>Two versions side by side.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>
    /// The rows of two versions, as <c>o</c> and <c>n</c>: pairs of one row, and those that only one of them has; and a condition that
    /// leaves those that the versions show.
    /// </summary>
    public virtual (string Tables, string Shown) Join(TablePair pair) => (
        $"""
        (select * from {Table(pair.Old)} t where {pair.ShowsOld("t")}) o
          full join (select * from {Table(pair.Young)} t where {pair.ShowsYoung("t")}) n on {pair.AreOne}
        """,
        "true");

    /// <summary>The tables of rows of two versions.</summary>
    public TablePair Pair(TableVersion old, TableVersion young) => new(
        old.Table, young.Table, alias => Visible(old, alias), alias => Visible(young, alias), SameRow(young, "n", "o"));

    /// <summary>The tables of child rows of two versions, by the place that the child has in each.</summary>
    public TablePair Pair(TableVersion old, int oldChild, TableVersion young, int youngChild) => new(
        old.ChildTable(oldChild),
        young.ChildTable(youngChild),
        alias => VisibleChild(old, alias),
        alias => VisibleChild(young, alias),
        string.Join(
            " and ",
            ((string[])["bucket", "client", "batch", "item", "child_key", "twin"]).Select(part => $"n.{part} = o.{part}")));
}
