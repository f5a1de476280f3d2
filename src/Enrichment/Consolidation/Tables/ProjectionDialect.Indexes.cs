using System.Globalization;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Tables;

/// <content>The indexes that a definition asks for.</content>
internal abstract partial class ProjectionDialect
{
    // A cursor and an index carry so much of a text; rows that have it alike follow in the order of the file.
    private const int SortedCharacters = 100;

    /// <summary>Whether an index of a column of a type has the order of <see cref="Comparable"/>.</summary>
    public virtual bool HasIndex(ColumnType type) => true;

    /// <summary>
    /// What a statement says in place of <see cref="InAnyBucket"/>, so that an index of a column may serve it. Without it none does.
    /// </summary>
    public virtual string ByIndex => InAnyBucket;

    /// <summary>That a value is not null, in a way that bounds an index.</summary>
    public virtual string HasValue(string value, ColumnType type) => $"{value} is not null";

    /// <summary>Whether rows that are null in a column have to be sorted by it too, so that its index has their order.</summary>
    public virtual bool SortsNulls => true;

    /// <summary>A value by which rows are sorted: of a text its beginning.</summary>
    public static string Sorted(string value, ColumnType type) =>
        type == ColumnType.Text ? FormattableString.Invariant($"substr({value}, 1, {SortedCharacters})") : value;

    /// <summary>The same of a value in hand.</summary>
    public static object Sorted(object value) =>
        value is string text ? string.Concat(text.EnumerateRunes().Take(SortedCharacters)) : value;

    /// <summary>
    /// The indexes of a version that its definition asks for, by their names: each has the client first, then the column, then the place of
    /// a row in the file. So it has the order of a page, in both directions.
    /// </summary>
    public virtual IEnumerable<(string Name, string Create)> Indexes(TableVersion version)
    {
        foreach (var (place, column) in version.Projection.Columns.Index().Where(column => column.Item.IsIndexed))
        {
            StoredColumn[] cells = [.. StoredColumn.Of(column)];
            if (HasIndex(cells[0].Type))
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{version.Table}_ix{place}");
                var sorted = cells.Select(cell => $"({Comparable(Sorted(Quote(cell.Name), cell.Type), cell.Type)})");
                yield return (
                    name,
                    $"create index {Quote(name)} on {Table(version.Table)} (client, {string.Join(", ", sorted)}, batch, item){OnlyByIndex}");
            }
        }
    }

    /// <summary>
    /// Lets the planner know the tables of a version that have grown much since it last did. Returns whether there were any. A store that
    /// plans by rules of thumb has nothing to do.
    /// </summary>
    public virtual Task<bool> AnalyzeAsync(ProjectionSession session, TableVersion version, CancellationToken cancellationToken) =>
        Task.FromResult(false);

    /// <summary>What stands at the end of an index that serves <see cref="ByIndex"/> alone.</summary>
    protected virtual string OnlyByIndex => "";
}
