namespace Enrichment.Consolidation.Definitions;

/// <summary>The rules for the lists of a projection.</summary>
internal static class ListRules
{
    public static IEnumerable<string> Problems(Projection projection)
    {
        var names = projection.Lists.Select(list => list.Name);
        foreach (var twice in names.GroupBy(name => name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"The list '{Excerpt.Of(twice.Key)}' is declared {twice.Count()} times: keep one.";
        }

        var others = projection.Declared.Select(column => column.Name).Concat(projection.Children.Select(child => child.Name));
        foreach (var name in names.Intersect(others, StringComparer.Ordinal))
        {
            yield return $"'{Excerpt.Of(name)}' is the name of a list and of something else: choose another for one of them.";
        }

        foreach (var list in projection.Lists)
        {
            foreach (var problem in Problems(list))
            {
                yield return $"Of the list '{Excerpt.Of(list.Name)}': {problem}";
            }
        }
    }

    /// <summary>What is said of lists that are empty because the store has no batch of their workstream.</summary>
    public static IEnumerable<string> Without(IEnumerable<ProjectionList> lists, IReadOnlyCollection<string> workstreams) => lists
        .Where(list => !workstreams.Contains(list.Workstream))
        .Select(list =>
            $"The list '{list.Name}' is empty: the store has no batch of the workstream '{Excerpt.Of(list.Workstream)}'.{Nearest.Hint(list.Workstream, workstreams)}");

    private static IEnumerable<string> Problems(ProjectionList list)
    {
        if (!ProjectionRules.IsIdentifier(list.Name))
        {
            yield return $"'{Excerpt.Of(list.Name)}' cannot be its name: use {ProjectionRules.Form}.";
        }

        if (string.IsNullOrWhiteSpace(list.Workstream))
        {
            yield return "It has no workstream: name the one whose rows have the values.";
        }

        if (list.Columns.Count is 0 or > ProjectionRules.MaxColumns)
        {
            yield return $"It has {list.Columns.Count} columns: declare from 1 to {ProjectionRules.MaxColumns}.";
        }

        foreach (var problem in list.Columns.SelectMany(ProjectionRules.ColumnProblems)
            .Concat(ProjectionRules.Repeated(list.Columns))
            .Concat(list.Columns.SelectMany(ProjectionRules.OfElement))
            .Concat(list.Columns.SelectMany(ColumnProblems)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> ColumnProblems(ProjectionColumn column)
    {
        var name = Excerpt.Of(column.Name);
        if (column.Formula is not null)
        {
            yield return $"Column '{name}' is computed: a list holds values of sources. Give it a source.";
        }
        else if (column.Type is not (ColumnType.Text or ColumnType.Integer or ColumnType.Number or ColumnType.Date))
        {
            yield return $"Column '{name}' is of type {column.Type.Word()}: a list holds texts, integers, numbers or dates.";
        }

        if (column.IsHidden)
        {
            yield return $"Column '{name}' is hidden: a list has no table. Remove it.";
        }

        if (column.IsIndexed || column.IsSearched)
        {
            yield return $"Column '{name}' has an index or is searched: a list has no table. Remove 'index' and 'search'.";
        }

        if (column.Default is not null || column.IsRequired)
        {
            yield return $"Column '{name}' has a default or is required: a row without a value adds none to a list. Remove it.";
        }
    }
}
