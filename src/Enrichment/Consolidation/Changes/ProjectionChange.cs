using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Expressions;

namespace Enrichment.Consolidation.Changes;

/// <summary>What differs between two definitions of a projection: the one whose table is live, and another.</summary>
/// <remarks>
/// Pure: it compares what is declared, and reads no table. A column is the same if its name is. Two types are wider than another:
/// <c>number</c> than <c>integer</c>, and <c>partial_date</c> than <c>date</c>. Text is not: it keeps <c>1,234</c> as it is written.
/// </remarks>
internal sealed class ProjectionChange
{
    private readonly Projection live;
    private readonly Projection proposed;
    private readonly List<DefinitionChange> parts = [];

    // Columns whose values may change, with whether they only take more.
    private readonly Dictionary<string, bool> moving = new(StringComparer.Ordinal);

    private ProjectionChange(Projection live, Projection proposed)
    {
        this.live = live;
        this.proposed = proposed;
    }

    /// <summary>
    /// The differences: the table's first, then those of columns in their order, dropped ones last. Empty if none matters.
    /// </summary>
    public IReadOnlyList<DefinitionChange> Parts => parts;

    /// <summary>Whether columns are added, widened or indexed at most, so that no reader of the table is surprised.</summary>
    public bool IsCompatible => parts.TrueForAll(part => part.IsCompatible);

    /// <summary>The differences by which readers of the table, or of a child table, fail. Empty if there are none.</summary>
    public IEnumerable<DefinitionChange> Breaking => parts.Where(part => part.BreaksReaders);

    /// <summary>Compares two definitions of one projection.</summary>
    /// <param name="live">The definition of the table that is read now.</param>
    /// <param name="proposed">The definition that would replace it.</param>
    public static ProjectionChange Between(Projection live, Projection proposed)
    {
        var change = new ProjectionChange(live, proposed);
        change.CompareTables();
        change.CompareColumns();
        change.parts.AddRange(ChildChange.Between(live, proposed));
        return change;
    }

    private static bool IsWider(ColumnType type, ColumnType than) =>
        (than, type) is (ColumnType.Integer, ColumnType.Number) or (ColumnType.Date, ColumnType.PartialDate);

    private static string Sources(ProjectionColumn column) => string.Join(
        ", ",
        column.Sources.Select(source => source.Format is { } format ? $"{source.Words} as {format.Name}" : source.Words));

    private static string Workstreams(Projection projection) => projection.Workstreams.Count == 0
        ? "all workstreams"
        : $"the workstream{(projection.Workstreams.Count == 1 ? "" : "s")} '{string.Join("', '", projection.Workstreams.Select(Excerpt.Of))}'";

    private static bool AreSame(BucketScale one, BucketScale other) =>
        one.Labels.SequenceEqual(other.Labels)
        && one.UpTo.SequenceEqual(other.UpTo)
        && one.Map.Count == other.Map.Count
        && !one.Map.Except(other.Map).Any();

    private void CompareTables()
    {
        if (live.Table != proposed.Table)
        {
            parts.Add(new(ChangeKind.Table, null, $"The table is named '{proposed.Table}' instead of '{live.Table}'."));
        }

        if (!live.Key.SequenceEqual(proposed.Key))
        {
            parts.Add(new(
                ChangeKind.Key,
                null,
                $"The table has {DefinitionChange.Grain(proposed.Key, "item")} instead of {DefinitionChange.Grain(live.Key, "item")}."));
        }

        if (live.FoldsColumns != proposed.FoldsColumns && live.Key.Count > 0 && proposed.Key.Count > 0)
        {
            parts.Add(new(
                ChangeKind.Key,
                null,
                proposed.FoldsColumns
                    ? "Each column of a row is folded from all items of its key, and is no longer the youngest item's."
                    : "A row is the youngest item's of its key: its columns are no longer folded."));
        }

        if (!live.Workstreams.SequenceEqual(proposed.Workstreams))
        {
            parts.Add(new(
                ChangeKind.Rows,
                null,
                $"The table has rows of {Workstreams(proposed)} instead of {Workstreams(live)}."));
        }

        if (live.LeavesOutIncomplete != proposed.LeavesOutIncomplete)
        {
            parts.Add(new(
                ChangeKind.Changed,
                null,
                $"Rows without a value in a required column are {(proposed.LeavesOutIncomplete ? "left out" : "kept")}."));
        }

        var common = live.ColumnNames.Intersect(proposed.ColumnNames).ToList();
        if (!common.SequenceEqual(proposed.ColumnNames.Intersect(common)))
        {
            parts.Add(new(ChangeKind.Moved, null, "The columns have another order."));
        }
    }

    private void CompareColumns()
    {
        var before = live.Declared.ToDictionary(column => column.Name, StringComparer.Ordinal);

        // An expression may name columns with sources that are declared after it.
        foreach (var column in proposed.Declared.OrderBy(column => column.Formula is null ? 0 : 1))
        {
            var isKnown = before.Remove(column.Name, out var old);
            if (!column.IsHidden && old is not { IsHidden: false })
            {
                parts.Add(new(ChangeKind.Added, column.Name, $"Column '{column.Name}' ({column.Type.Word()}) is added."));
            }
            else if (column.IsHidden && old is { IsHidden: false })
            {
                parts.Add(new(ChangeKind.Dropped, column.Name, $"Column '{column.Name}' ({column.Type.Word()}) is hidden, and dropped from the table."));
            }

            if (isKnown && Compare(old!, column) is { } part)
            {
                moving[column.Name] = part.IsCompatible;
                if (!column.IsHidden && !old!.IsHidden)
                {
                    parts.Add(part);
                }
            }

            if (isKnown && old!.IsSearched != column.IsSearched)
            {
                parts.Add(new(
                    ChangeKind.Indexed, column.Name, $"Column '{column.Name}' is {(column.IsSearched ? "searched" : "no longer searched")}."));
            }

            if (isKnown && old!.IsIndexed != column.IsIndexed)
            {
                parts.Add(new(
                    ChangeKind.Indexed,
                    column.Name,
                    $"Column '{column.Name}' {(column.IsIndexed ? "gets an index" : "no longer has an index")}."));
            }
        }

        var places = proposed.Declared.Select(column => column.Name).Index().ToDictionary(column => column.Item, column => column.Index);
        parts.Sort((one, other) => (Place(one), one.Kind).CompareTo((Place(other), other.Kind)));
        parts.AddRange(before.Values.Where(column => !column.IsHidden).Select(column => new DefinitionChange(
            ChangeKind.Dropped,
            column.Name,
            $"Column '{column.Name}' ({column.Type.Word()}) is dropped with its values.")));

        int Place(DefinitionChange part) => part.Column is { } name ? places[name] : (int)part.Kind - 1000;
    }

    private DefinitionChange? Compare(ProjectionColumn old, ProjectionColumn column)
    {
        var reasons = Reasons(old, column).ToList();
        var isItself = reasons.Count == 0;
        var named = column.Computed?.Columns.Where(moving.ContainsKey).ToList() ?? [];
        if (column.Formula == old.Formula && named.Count > 0)
        {
            reasons.Add($"is computed of {string.Join(", ", named.Select(name => $"'{name}'"))}, which {(named.Count == 1 ? "changes" : "change")}");
        }

        // A value that comes of wider columns alone is wider itself: only rows that had none have another.
        var isWidened = old.Type == column.Type || IsWider(column.Type, old.Type);
        var onlyTakesMore = isWidened && isItself && named.TrueForAll(name => moving[name]);
        var why = reasons.Count == 0 ? "" : $" It {string.Join(", it ", reasons)}.";
        return (old.Type == column.Type, onlyTakesMore) switch
        {
            (true, _) when reasons.Count == 0 => null,
            (true, true) => new(ChangeKind.Widened, column.Name, $"Column '{column.Name}' takes more values: it {string.Join(", it ", reasons)}."),
            (true, false) => new(ChangeKind.Changed, column.Name, $"Values of column '{column.Name}' may change: it {string.Join(", it ", reasons)}."),
            (false, true) => new(
                ChangeKind.Widened,
                column.Name,
                $"Column '{column.Name}' is widened from {old.Type.Word()} to {column.Type.Word()}: its values stay, and it takes more.{why}"),
            (false, false) => new(
                ChangeKind.Retyped,
                column.Name,
                $"Column '{column.Name}' becomes {column.Type.Word()} instead of {old.Type.Word()}.{why}"),
        };
    }

    private IEnumerable<string> Reasons(ProjectionColumn old, ProjectionColumn column)
    {
        if (old.Formula != column.Formula)
        {
            yield return (old.Formula, column.Formula) switch
            {
                (null, { } now) => $"is computed by {now} instead of read from {Sources(old)}",
                ({ } then, null) => $"is read from {Sources(column)} instead of computed by {then}",
                var (then, now) => $"is computed by {now} instead of {then}",
            };
        }
        else if (!old.Sources.SequenceEqual(column.Sources))
        {
            yield return Sources(old) is var then && Sources(column) is var now && then == now
                ? "knows other times or confidences of its sources"
                : $"reads {now} instead of {then}";
        }

        if (old.Choose != column.Choose)
        {
            yield return $"chooses by '{column.Choose.Word()}' instead of '{old.Choose.Word()}'";
        }

        if (old.Normalise != column.Normalise)
        {
            yield return $"is normalised as {column.Normalise?.Name ?? "nothing"} instead of {old.Normalise?.Name ?? "nothing"}";
        }

        if (old.Default != column.Default)
        {
            yield return $"has the default {column.Default ?? "null"} instead of {old.Default ?? "null"}";
        }

        if (old.IsRequired != column.IsRequired)
        {
            yield return column.IsRequired ? "is required, so that rows without a value have an issue" : "is no longer required";
        }

        foreach (var scale in proposed.Buckets.Where(scale => IsChanged(scale) && Names(column, scale)))
        {
            yield return $"names the buckets '{scale.Name}', which change";
        }
    }

    private bool IsChanged(BucketScale scale) =>
        live.Buckets.FirstOrDefault(known => known.Name == scale.Name) is { } old && !AreSame(old, scale);

    // A text that is equal to the name by chance counts as well: a value may change, not must.
    private static bool Names(ProjectionColumn column, BucketScale scale) =>
        column.Expression?.Contains($"'{scale.Name.Replace("'", "''", StringComparison.Ordinal)}'", StringComparison.Ordinal) == true;
}
