namespace Enrichment.Consolidation;

/// <summary>What differs between the child tables and the lists of two definitions.</summary>
internal static class ChildChange
{
    public static IEnumerable<DefinitionChange> Between(Projection live, Projection proposed) =>
        BetweenChildren(live, proposed).Concat(BetweenLists(live, proposed));

    private static IEnumerable<DefinitionChange> BetweenChildren(Projection live, Projection proposed)
    {
        var before = live.Children.ToDictionary(child => child.Name, StringComparer.Ordinal);
        foreach (var child in proposed.Children)
        {
            if (!before.Remove(child.Name, out var old))
            {
                yield return new(ChangeKind.Added, null, $"The child table '{child.Table}' is added.");
            }
            else if (AddedTo(old, child) is { } added)
            {
                foreach (var column in added)
                {
                    yield return new(
                        ChangeKind.Added,
                        null,
                        $"Column '{column.Name}' ({column.Type.Word()}) of the child table '{child.Table}' is added.");
                }
            }
            else
            {
                yield return new(ChangeKind.Changed, null, $"Rows of the child table '{child.Table}' may change: it is declared in another way.");
            }
        }

        foreach (var child in before.Values)
        {
            yield return new(ChangeKind.Dropped, null, $"The child table '{child.Table}' is dropped with its rows.");
        }
    }

    // A list that is added or dropped is named by columns that are added, dropped or changed themselves.
    private static IEnumerable<DefinitionChange> BetweenLists(Projection live, Projection proposed) =>
        from list in proposed.Lists
        join old in live.Lists on list.Name equals old.Name
        where ProjectionWriter.Text(list) != ProjectionWriter.Text(old)
        select new DefinitionChange(
            ChangeKind.Changed,
            null,
            $"Values of expressions with the list '{list.Name}' may change: it is declared in another way.");

    /// <summary>The columns that are added, none if nothing differs; null if something else does.</summary>
    private static List<ProjectionColumn>? AddedTo(ProjectionChild old, ProjectionChild child)
    {
        var names = old.Columns.Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var added = child.Columns.Where(column => !names.Contains(column.Name)).ToList();
        var rest = child with { Columns = [.. child.Columns.Except(added)] };

        // Without a key of its own, all columns are the key.
        return ProjectionWriter.Text(rest) == ProjectionWriter.Text(old) && (added.Count == 0 || child.Key.Count > 0) ? added : null;
    }
}
