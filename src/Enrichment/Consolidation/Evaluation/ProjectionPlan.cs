using Enrichment.Consolidation.Definitions;
using Enrichment.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>A place from which one value is read.</summary>
internal abstract record PlannedRead
{
    private protected PlannedRead()
    {
    }
}

/// <summary>Reads from the result that a stage's state refers to.</summary>
/// <param name="Stage">The stage's number.</param>
internal abstract record AnswerRead(short Stage) : PlannedRead;

/// <summary>Reads what is known of the result.</summary>
/// <param name="Stage">The stage's number.</param>
/// <param name="Meta">What.</param>
internal sealed record MetaRead(short Stage, ResultMeta Meta) : AnswerRead(Stage);

/// <summary>Reads a place in the result; counts if it is not null.</summary>
/// <param name="Stage">The stage's number.</param>
/// <param name="Pointer">Where the value is.</param>
/// <param name="Observed">Where the same result says when it was observed.</param>
/// <param name="Confidence">Where the same result says how much it is trusted.</param>
internal sealed record StageRead(
    short Stage,
    JsonPointer Pointer,
    JsonPointer? Observed = null,
    JsonPointer? Confidence = null) : AnswerRead(Stage)
{
    /// <summary>The stage of what is the same for every item of the batch.</summary>
    public const short OfBatch = -1;

    /// <summary>Whether a blank text does not count, because another place in the same result may have a value.</summary>
    public bool PassesBlank { get; init; }
}

/// <summary>Reads a cell of the uploaded row; counts if it is not blank.</summary>
/// <param name="Position">The cell's position, from 0.</param>
/// <param name="Field">The field that is read, if one is: then a placeholder such as <c>#REF!</c> does not count, as for a step.</param>
internal sealed record CellRead(int Position, string? Field = null) : PlannedRead;

/// <summary>A source resolved.</summary>
/// <param name="Position">Its number among the sources of the column, from 1.</param>
/// <param name="Confidence">How much it is trusted, unless its result says so.</param>
/// <param name="Reads">Its reads in order. Never empty.</param>
internal sealed record PlannedSource(int Position, decimal Confidence, IReadOnlyList<PlannedRead> Reads)
{
    /// <summary>How it writes its values; null if it does so as every column reads them.</summary>
    public ValueFormat? Format { get; init; }
}

/// <summary>A column of the table, resolved.</summary>
/// <param name="Stored">The column.</param>
/// <param name="Sources">
/// The sources that exist for the batch, in order; none if the column is null in every row, computed, or a last day.
/// </param>
internal sealed record PlannedColumn(StoredColumn Stored, IReadOnlyList<PlannedSource> Sources)
{
    /// <summary>The declared column.</summary>
    public ProjectionColumn Column => Stored.Column;

    /// <summary>Whether the cell of an item is one of several to choose from: then the default is that of the folded row.</summary>
    public bool IsFolded { get; init; }

    /// <summary>Whether a row without a value here has an issue.</summary>
    public bool IsMissedWithoutValue => Column.IsRequired && (Column.Default is null || !IsFolded);
}

/// <summary>
/// A projection resolved against one batch: which stages and cells each column reads there. What the batch does not have is left out, so
/// that the column is null instead of an error.
/// </summary>
internal sealed class ProjectionPlan
{
    private ProjectionPlan(
        Projection projection,
        PipelineSnapshot pipeline,
        IReadOnlyList<string> headers,
        IReadOnlyList<PlannedColumn> columns,
        IReadOnlyList<PlannedChild> children,
        IReadOnlyList<PlannedListColumn> lists,
        KnownSources known)
    {
        Projection = projection;
        Pipeline = pipeline;
        Headers = headers;
        Cells = columns;
        Columns = [.. columns.Take(projection.Stored.Count)];
        Children = children;
        Lists = lists;
        Known = known;
        short[] stages =
        [
            .. columns
                .SelectMany(column => column.Sources)
                .Concat(children.SelectMany(child => child.Each))
                .Concat(lists.SelectMany(list => list.Column.Sources))
                .SelectMany(source => source.Reads)
                .OfType<AnswerRead>()
                .Select(read => read.Stage)
                .Distinct()
                .Order(),
        ];
        ReadsBatch = stages.Contains(StageRead.OfBatch);
        Stages = [.. stages.Where(stage => stage != StageRead.OfBatch)];

        // Asked for each row.
        List<PlannedColumn> planned = [.. columns, .. lists.Select(list => list.Column)];
        var metas = planned
            .SelectMany(column => column.Sources)
            .SelectMany(source => source.Reads)
            .OfType<MetaRead>()
            .Select(read => read.Meta)
            .ToHashSet();
        NeedsStoredAt = metas.Contains(ResultMeta.StoredAt);
        NeedsKinds = metas.Contains(ResultMeta.Found);
        NeedsTimes = NeedsStoredAt || planned.Any(column => column.Column.Choose == ChoiceRule.Latest);
    }

    /// <summary>The definition.</summary>
    public Projection Projection { get; }

    /// <summary>The batch's pipeline.</summary>
    public PipelineSnapshot Pipeline { get; }

    /// <summary>The headers of its upload by position.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>All cells that are evaluated: those of the table, then hidden ones.</summary>
    public IReadOnlyList<PlannedColumn> Cells { get; }

    /// <summary>The table's columns in order.</summary>
    public IReadOnlyList<PlannedColumn> Columns { get; }

    /// <summary>The columns that the row of an item is written with.</summary>
    public IReadOnlyList<PlannedColumn> Written => Projection.FoldsColumns ? Cells : Columns;

    /// <summary>Its child tables in order.</summary>
    public IReadOnlyList<PlannedChild> Children { get; }

    /// <summary>The columns of the lists to which the batch's items add values; none if it is of another workstream.</summary>
    public IReadOnlyList<PlannedListColumn> Lists { get; }

    /// <summary>The stages whose results are read, ascending.</summary>
    public IReadOnlyList<short> Stages { get; }

    /// <summary>Whether a column has something that is the same for every item of the batch.</summary>
    public bool ReadsBatch { get; }

    /// <summary>Whether the times of the results are read, because a column takes the latest value or has the time.</summary>
    public bool NeedsTimes { get; }

    /// <summary>Whether a column has the time of a result.</summary>
    public bool NeedsStoredAt { get; }

    /// <summary>Whether it is read if a result is that nothing was found.</summary>
    public bool NeedsKinds { get; }

    /// <summary>What the batch has that a projection may name.</summary>
    public KnownSources Known { get; }

    /// <summary>Whether the batch's items have rows. Those of another workstream may still add values to lists.</summary>
    public bool HasRows => Projection.TakesRowsOf(Pipeline.Workstream);

    /// <summary>Whether there is anything to be read of the batch's items.</summary>
    public bool HasItems => HasRows || Lists.Count > 0;

    /// <summary>Sources that the batch does not have, which may be mistakes.</summary>
    public IEnumerable<string> Warnings =>
    [
        .. HasRows
            ? Known.Missing(Cells.Where(column => !column.Stored.IsBeside)).Concat(Children.SelectMany(Known.Missing))
            : [],
        .. Lists.SelectMany(Known.Missing),
    ];

    /// <summary>Resolves a projection.</summary>
    /// <param name="projection">The definition.</param>
    /// <param name="snapshot">The batch's pipeline.</param>
    /// <param name="columns">The upload's headers by position.</param>
    /// <param name="headerMap">For each field the positions of its columns by rank.</param>
    public static ProjectionPlan Resolve(
        Projection projection,
        PipelineSnapshot snapshot,
        IReadOnlyList<string> columns,
        IReadOnlyDictionary<string, IReadOnlyList<int>> headerMap)
    {
        var latestFirst = snapshot.Stages.Select((stage, index) => (Number: (short)(index + 1), stage.Manifest)).Reverse().ToList();
        var judged = snapshot.Judged();
        List<PlannedColumn> planned = [.. projection.Cells.Select(column => Plan(column) with
        {
            IsFolded = projection.FoldsColumns && !projection.Key.Contains(column.Column.Name),
        })];
        List<PlannedChild> children = [.. projection.Children.Select(child =>
            new PlannedChild(child, Sources(child.Each), [.. child.Cells.Select(Plan)]))];
        List<PlannedListColumn> lists = [.. projection.ListColumns.Index()
            .Where(known => known.Item.List.Workstream == snapshot.Workstream)
            .Select(known => new PlannedListColumn(
                (short)known.Index,
                known.Item.List.NameOf(known.Item.Column),
                Plan(StoredColumn.Of(known.Item.Column).Single())))];
        return new(projection, snapshot, columns, planned, children, lists, new(snapshot, columns, headerMap.Keys));

        PlannedColumn Plan(StoredColumn column) => new(column, column.IsBeside ? [] : Sources(column.Column.Sources));

        IReadOnlyList<PlannedSource> Sources(IReadOnlyList<ColumnSource> sources) =>
        [
            .. sources.Select((source, index) => new PlannedSource(index + 1, source.Confidence ?? 0, [.. Reads(source)])
                {
                    Format = source.Format,
                })
                .Where(source => source.Reads.Count > 0),
        ];

        IEnumerable<PlannedRead> Reads(ColumnSource source) =>
            source switch
            {
                FieldSource { Field: KnownSources.Workstream } =>
                    [new StageRead(StageRead.OfBatch, JsonPointer.ToProperty(KnownSources.Workstream))],
                FieldSource { Field: var field } => latestFirst
                    .SelectMany(stage =>
                        stage.Manifest.Produces.Where(produced => produced.Field == field).Select(produced => Read(stage.Number, produced)))
                    .Concat<PlannedRead>(
                        !judged.Contains(field) && headerMap.TryGetValue(field, out var positions)
                            ? positions.Select(position => new CellRead(position, field))
                            : []),
                ResultSource result => latestFirst
                    .Where(stage => stage.Manifest.Slug == result.Step)
                    .SelectMany(stage => result.Pointers.Select((pointer, index) =>
                        new StageRead(stage.Number, pointer, result.Observed, result.ConfidenceAt)
                        {
                            PassesBlank = index < result.Pointers.Count - 1,
                        })),
                HeaderSource { Header: var header } => Enumerable
                    .Range(0, columns.Count)
                    .Where(position => columns[position] == header)
                    .Take(1)
                    .Select(position => new CellRead(position)),
                MetaSource meta => latestFirst
                    .Where(stage => stage.Manifest.Slug == meta.Step)
                    .Select(stage => new MetaRead(stage.Number, meta.Meta)),
                ElementSource element => [new StageRead(0, element.Pointer, element.Observed, element.ConfidenceAt)],
                _ => throw new InvalidOperationException($"{source} is no known source."),
            };
    }

    private static StageRead Read(short stage, ProducedField produced) =>
        new(stage, JsonPointer.Of(produced));
}
