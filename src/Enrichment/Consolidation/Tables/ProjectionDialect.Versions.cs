namespace Enrichment.Consolidation.Tables;

/// <content>Two versions side by side.</content>
internal abstract partial class ProjectionDialect
{
    /// <summary>
    /// The rows of two versions, as <c>o</c> and <c>n</c>: pairs of one row, and those that only one of them has; and a condition that
    /// leaves those that the versions show.
    /// </summary>
    public virtual (string Tables, string Shown) JoinVersions(TableVersion old, TableVersion young) => (
        $"""
        (select * from {Table(old.Table)} t where {Visible(old, "t")}) o
          full join (select * from {Table(young.Table)} t where {Visible(young, "t")}) n on {SameRow(young, "n", "o")}
        """,
        "true");
}
