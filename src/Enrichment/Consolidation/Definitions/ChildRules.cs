using System.Collections.Frozen;

namespace Enrichment.Consolidation.Definitions;

/// <summary>The rules for the child tables of a projection.</summary>
internal static class ChildRules
{
    private static readonly FrozenSet<string> EngineColumns = FrozenSet.Create(StringComparer.Ordinal, "child_key", "twin");

    public static IEnumerable<string> Problems(Projection projection)
    {
        foreach (var twice in projection.Children.GroupBy(child => child.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"The children '{Excerpt.Of(twice.Key)}' are declared {twice.Count()} times: keep one.";
        }

        foreach (var child in projection.Children.Where(child => projection.Declared.Any(column => column.Name == child.Name)))
        {
            yield return $"'{Excerpt.Of(child.Name)}' is the name of a column and of children: choose another for one of them.";
        }

        var tables = projection.Children.Select(child => child.Table).Prepend(projection.Table);
        foreach (var twice in tables.GroupBy(table => table, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"The table '{Excerpt.Of(twice.Key)}' is that of {twice.Count()} things: give each a table of its own.";
        }

        foreach (var child in projection.Children)
        {
            foreach (var problem in Problems(child))
            {
                yield return $"Of the children '{Excerpt.Of(child.Name)}': {problem}";
            }
        }
    }

    private static IEnumerable<string> Problems(ProjectionChild child)
    {
        if (!ProjectionRules.IsIdentifier(child.Name))
        {
            yield return $"'{Excerpt.Of(child.Name)}' cannot be their name: use {ProjectionRules.Form}.";
        }

        if (ProjectionRules.TableProblem(child.Table) is { } table)
        {
            yield return table;
        }

        if (child.Columns.Count is 0 or > ProjectionRules.MaxColumns)
        {
            yield return $"They have {child.Columns.Count} columns: declare from 1 to {ProjectionRules.MaxColumns}.";
        }

        else if (child.Visible.Count == 0)
        {
            yield return "All of their columns are hidden: show one.";
        }

        if (child.Each.Count == 0)
        {
            yield return "They have no source of their array: add a result or a field under 'each'.";
        }

        foreach (var problem in child.Each.SelectMany(source => ProjectionRules.SourceProblems("'each'", source))
            .Concat(child.Columns.SelectMany(ProjectionRules.ColumnProblems))
            .Concat(ProjectionRules.Repeated(child.Columns))
            .Concat(child.Columns.SelectMany(ColumnProblems))
            .Concat(KeyProblems(child)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> ColumnProblems(ProjectionColumn column)
    {
        var name = Excerpt.Of(column.Name);
        if (EngineColumns.Contains(column.Name))
        {
            yield return $"'{name}' cannot be a column: every child table has one of that name already. Choose another.";
        }

        if (column.Sources.Any(source => source is not ElementSource))
        {
            yield return $"Column '{name}' has a source outside of the element: give it a pointer that begins at the element.";
        }

        if (column.IsIndexed || column.IsSearched)
        {
            yield return $"Column '{name}' has an index or is searched: only a column of the row may. Remove 'index' and 'search'.";
        }

        if (!column.IsCell)
        {
            yield return $"Column '{name}' depends on as_of: only a column of the row may.";
        }
    }

    private static IEnumerable<string> KeyProblems(ProjectionChild child)
    {
        foreach (var part in child.Key.Where(part => child.Columns.All(column => column.Name != part)))
        {
            yield return $"Their key names '{Excerpt.Of(part)}', which is not one of their columns: declare the column or correct the name.";
        }

        if (child.Key.Distinct(StringComparer.Ordinal).Count() < child.Key.Count)
        {
            yield return "Their key names a column twice: keep one.";
        }
    }
}
