using Enrichment.Consolidation.Evaluation;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Definitions;

/// <summary>What a batch has that a projection may name, or several batches together: fields, steps and columns.</summary>
internal sealed class KnownSources
{
    /// <summary>The field that every batch has: the name of its workstream.</summary>
    public const string Workstream = "batch.workstream";

    // More of them would hide the warnings beside them.
    private const int MaxTold = 3;

    private readonly string have;
    private readonly HashSet<string> fields;
    private readonly HashSet<string> steps;
    private readonly HashSet<string> columns;

    public KnownSources(PipelineSnapshot snapshot, IEnumerable<string> columns, IEnumerable<string> mapped)
    {
        have = "the batch has no";
        fields =
            [Workstream, .. mapped, .. snapshot.Stages.SelectMany(stage => stage.Manifest.Produces).Select(produced => produced.Field)];
        steps = [.. snapshot.Stages.Select(stage => stage.Manifest.Slug)];
        this.columns = [.. columns];
    }

    /// <param name="batches">What each of them has; at least one.</param>
    public KnownSources(IReadOnlyCollection<KnownSources> batches)
    {
        have = batches.Count == 1 ? "the batch has no" : $"none of the {batches.Count} batches that were looked at has a";
        fields = [.. batches.SelectMany(batch => batch.fields)];
        steps = [.. batches.SelectMany(batch => batch.steps)];
        columns = [.. batches.SelectMany(batch => batch.columns)];
    }

    /// <summary>The sources of a projection's rows and child rows that no batch has.</summary>
    public IEnumerable<string> Missing(Projection projection) =>
    [
        .. OfColumns([.. projection.Declared.Select(column => (column.Name, column.Sources, Present(column.Sources)))]),
        .. projection.Children.SelectMany(child => Missing($"The child table '{child.Table}'", child.Each)),
    ];

    /// <summary>The sources of lists that no batch has.</summary>
    public IEnumerable<string> Missing(IEnumerable<ProjectionList> lists) =>
        lists.SelectMany(list => list.Columns.SelectMany(column => Missing($"Column '{list.NameOf(column)}'", column.Sources)));

    private IEnumerable<string> Missing(string subject, IReadOnlyList<ColumnSource> sources) =>
        Missing(subject, sources, Present(sources));

    private int Present(IReadOnlyList<ColumnSource> sources) => sources.Select(Look).Count(source => source.Known.Contains(source.Name));

    /// <summary>The sources of columns that the batch does not have.</summary>
    public IEnumerable<string> Missing(IEnumerable<PlannedColumn> planned) =>
        OfColumns([.. planned.Select(column => (column.Column.Name, column.Column.Sources, column.Sources.Count))]);

    /// <summary>The sources of a child table's array that the batch does not have.</summary>
    public IEnumerable<string> Missing(PlannedChild planned) =>
        Missing($"The child table '{planned.Child.Table}'", planned.Child.Each, planned.Each.Count);

    /// <summary>The sources of a list's column that the batch does not have.</summary>
    public IEnumerable<string> Missing(PlannedListColumn planned) =>
        Missing($"Column '{planned.Name}'", planned.Column.Column.Sources, planned.Column.Sources.Count);

    // A projection for several kinds of lists has many columns that are empty in each: they share a sentence.
    private IEnumerable<string> OfColumns(IReadOnlyList<(string Name, IReadOnlyList<ColumnSource> Sources, int Present)> columns)
    {
        var empty = columns
            .Where(column => column is { Present: 0, Sources.Count: > 0 } && !column.Sources.Any(IsMisnamed))
            .Select(column => column.Name)
            .ToList();
        if (empty.Count <= MaxTold)
        {
            empty.Clear();
        }

        var told = columns.Where(column => !empty.Contains(column.Name))
            .SelectMany(column => Missing($"Column '{column.Name}'", column.Sources, column.Present));
        return empty.Count == 0
            ? told
            : told.Append($"{empty.Count} columns stay empty: {have} source of them. They are '{string.Join("', '", empty)}'.");

        bool IsMisnamed(ColumnSource source) => Look(source) is var look
            && (look.Elsewhere is not null || Nearest.Slip(look.Name, look.Known) is not null);
    }

    // One that is missing beside others is a fallback, as for another kind of list: it is worth a word only if its name looks like a
    // misspelt one.
    private IEnumerable<string> Missing(string subject, IReadOnlyList<ColumnSource> sources, int present)
    {
        foreach (var (what, name, known, elsewhere) in sources.Select(Look).Where(source => !source.Known.Contains(source.Name)))
        {
            if (present > 0 && !IsSlip(sources, name, known))
            {
                continue;
            }

            var hint = elsewhere ?? Nearest.Hint(name, known);
            yield return $"{subject}{(present == 0 ? " stays empty" : "")}: {have} {what} '{Excerpt.Of(name)}'.{hint}";
        }
    }

    // A slip of a name that the column reads anyway changes nothing.
    private bool IsSlip(IReadOnlyList<ColumnSource> sources, string name, IEnumerable<string> known) =>
        Nearest.Slip(name, known) is { } meant && sources.All(source => Look(source).Name != meant);

    private (string What, string Name, IEnumerable<string> Known, string? Elsewhere) Look(ColumnSource source) =>
        source switch
        {
            FieldSource { Field: var field } => (
                "field",
                field,
                fields,
                columns.Contains(field) ? $" It has a column of that name: {{\"column\": \"{Excerpt.Of(field)}\"}}." : null),
            HeaderSource { Header: var header } => (
                "column",
                header,
                columns,
                fields.Contains(header) ? $" It has a field of that name: {{\"field\": \"{Excerpt.Of(header)}\"}}." : null),
            ResultSource { Step: var step } => ("step", step, steps, null),
            MetaSource { Step: var step } => ("step", step, steps, null),
            _ => throw new InvalidOperationException($"{source} is no known source."),
        };
}
