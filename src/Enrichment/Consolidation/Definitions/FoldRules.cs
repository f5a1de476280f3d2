using Enrichment.Json;

namespace Enrichment.Consolidation.Definitions;

/// <summary>How the columns of a table by key are folded: each by itself, from the rows of all items of the key.</summary>
internal static class FoldRules
{
    /// <summary>
    /// Computed columns whose values are those of the youngest item, as its child rows are: those of the key, which all items have alike,
    /// and those that name columns of the key, child rows and lists at most, and others of these. All other computed columns are computed
    /// of the folded cells.
    /// </summary>
    public static HashSet<string> OfYoungest(Projection projection)
    {
        var known = new HashSet<string>(projection.Key, StringComparer.Ordinal);
        foreach (var column in Computed(projection).Where(column => column.Computed!.Columns.All(known.Contains)))
        {
            known.Add(column.Name);
        }

        known.IntersectWith(Computed(projection).Select(column => column.Name));
        return known;
    }

    /// <summary>
    /// Whether an issue of an item's row tells of a cell that no reader sees, because folding makes another one: a computed cell, or one
    /// without a value.
    /// </summary>
    /// <param name="projection">The definition.</param>
    /// <returns>A condition for a column and the reason of its issue.</returns>
    public static Func<ProjectionColumn, string, bool> IsOfFoldedCell(Projection projection)
    {
        var youngest = OfYoungest(projection);
        return (column, reason) => column.Formula is not null
            ? !youngest.Contains(column.Name)
            : reason == IssueReason.Missing && !projection.LeavesOutIncomplete;
    }

    /// <summary>Whether a folded row may have issues of its own.</summary>
    public static bool HasIssues(Projection projection)
    {
        var youngest = OfYoungest(projection);
        return Computed(projection).Any(column => !youngest.Contains(column.Name))
            || (!projection.LeavesOutIncomplete && projection.Declared.Any(column => column.IsRequired));
    }

    /// <summary>What is wrong with folding a projection's columns.</summary>
    public static IEnumerable<string> Problems(Projection projection)
    {
        if (projection.Key.Count == 0)
        {
            yield return "It folds columns, but has no key: name the columns that items of one row have alike.";
        }

        var youngest = OfYoungest(projection);
        foreach (var column in Computed(projection).Where(column => !youngest.Contains(column.Name)))
        {
            var (children, lists) = (column.Computed!.Children, column.Computed.Lists);
            if (children.Concat(lists).FirstOrDefault() is { } other)
            {
                var folded = column.Computed.Columns.First(name => !youngest.Contains(name) && !projection.Key.Contains(name));
                yield return $"Column '{Excerpt.Of(column.Name)}' names '{Excerpt.Of(folded)}', which is folded from several items, together with '{Excerpt.Of(other)}', "
                    + $"{(children.Contains(other) ? "whose rows are" : "which is looked up for")} one item's. Use columns of the key beside it, or fold rows.";
            }
        }

        foreach (var column in projection.Declared.Where(column =>
            StoredColumn.RankOf(column) is { Name.Length: > ProjectionRules.MaxName } && !projection.Key.Contains(column.Name)))
        {
            yield return $"Column '{Excerpt.Of(column.Name)}' is folded by '{column.Choose.Word()}', and its name is too long for the column beside it: shorten it.";
        }
    }

    private static IEnumerable<ProjectionColumn> Computed(Projection projection) =>
        projection.Declared.Where(column => column is { Computed: not null, IsCell: true });
}
