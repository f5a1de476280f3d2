using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Changes;

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
            else
            {
                foreach (var change in Between(old, child))
                {
                    yield return change;
                }
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

    private static IEnumerable<DefinitionChange> Between(ProjectionChild old, ProjectionChild child)
    {
        if (child.Table != old.Table)
        {
            yield return new(ChangeKind.Table, null, $"The child table '{child.Name}' is named '{child.Table}' instead of '{old.Table}'.");
        }

        if (!child.Key.SequenceEqual(old.Key))
        {
            const string Otherwise = "different element of an item";
            yield return new(
                ChangeKind.Key,
                null,
                $"The child table '{child.Table}' has {DefinitionChange.Grain(child.Key, Otherwise)} "
                + $"instead of {DefinitionChange.Grain(old.Key, Otherwise)}.");
        }

        var before = old.Visible.ToDictionary(column => column.Name, StringComparer.Ordinal);
        var added = new List<ProjectionColumn>();
        foreach (var column in child.Visible)
        {
            if (!before.Remove(column.Name, out var known))
            {
                added.Add(column);
            }
            else if (known.Type != column.Type)
            {
                yield return Column(
                    ChangeKind.Retyped, known, child, $"becomes {column.Type.Word()} instead of {known.Type.Word()}");
            }
        }

        foreach (var column in before.Values)
        {
            yield return Column(ChangeKind.Dropped, column, child, "is dropped with its values");
        }

        foreach (var column in added)
        {
            yield return Column(ChangeKind.Added, column, child, "is added");
        }

        // Without a key of its own, all columns are the key.
        var rest = child with { Table = old.Table, Key = old.Key, Columns = [.. child.Columns.Except(added)] };
        var kept = old with { Columns = [.. old.Columns.Where(column => !before.ContainsKey(column.Name))] };
        if (ProjectionWriter.Text(rest) != ProjectionWriter.Text(kept) || (added.Count > 0 && child.Key.Count == 0))
        {
            yield return new(
                ChangeKind.Changed, null, $"Rows of the child table '{child.Table}' may change: it is declared in another way.");
        }
    }

    private static DefinitionChange Column(ChangeKind kind, ProjectionColumn column, ProjectionChild child, string what) =>
        new(kind, null, $"Column '{column.Name}'{(kind == ChangeKind.Retyped ? "" : $" ({column.Type.Word()})")} of the child table '{child.Table}' {what}.");
}
