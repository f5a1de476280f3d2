namespace Enrichment.Consolidation;

/// <summary>A stage of a batch, as far as a projection needs to know it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Step">The step's slug.</param>
/// <param name="Produces">The fields that its result may hold.</param>
public sealed record PlannedStage(short Number, string Step, IReadOnlyList<ProducedField> Produces);

/// <summary>A place from which one value is read.</summary>
public abstract record PlannedRead
{
    private protected PlannedRead()
    {
    }
}

/// <summary>Reads from the result that a stage's state refers to; counts if it is not null.</summary>
public sealed record StageRead(short Stage, JsonPointer Pointer) : PlannedRead;

/// <summary>Reads a cell of the uploaded row by its position, from 0; counts if it is not blank.</summary>
public sealed record CellRead(int Position) : PlannedRead;

/// <summary>A source resolved: its reads in order. Never empty.</summary>
public sealed record PlannedSource(IReadOnlyList<PlannedRead> Reads);

/// <summary>A column resolved: the sources that exist for the batch, in order; none if the column is null in every row.</summary>
public sealed record PlannedColumn(ProjectionColumn Column, IReadOnlyList<PlannedSource> Sources);

/// <summary>A projection resolved against one batch: which stages and cells each column reads there. What the batch does not have is left out, so that the column is null instead of an error.</summary>
public sealed class ProjectionPlan
{
    private ProjectionPlan(Projection projection, IReadOnlyList<PlannedColumn> columns)
    {
        Projection = projection;
        Columns = columns;
        Stages = [.. columns.SelectMany(column => column.Sources).SelectMany(source => source.Reads).OfType<StageRead>().Select(read => read.Stage).Distinct().Order()];
    }

    /// <summary>The definition.</summary>
    public Projection Projection { get; }

    /// <summary>Its columns in order.</summary>
    public IReadOnlyList<PlannedColumn> Columns { get; }

    /// <summary>The stages whose results are read, ascending.</summary>
    public IReadOnlyList<short> Stages { get; }

    /// <summary>Resolves a projection.</summary>
    /// <param name="projection">The definition.</param>
    /// <param name="stages">The batch's stages.</param>
    /// <param name="columns">The upload's headers by position.</param>
    /// <param name="headerMap">For each field the positions of its columns by rank.</param>
    public static ProjectionPlan Resolve(
        Projection projection, IReadOnlyList<PlannedStage> stages, IReadOnlyList<string> columns, IReadOnlyDictionary<string, IReadOnlyList<int>> headerMap)
    {
        var latestFirst = stages.OrderByDescending(stage => stage.Number).ToList();
        return new(projection, [.. projection.Columns.Select(column => new PlannedColumn(column,
            [.. column.Sources.Select(source => new PlannedSource([.. Reads(source)])).Where(source => source.Reads.Count > 0)]))]);

        IEnumerable<PlannedRead> Reads(ColumnSource source) => source switch
        {
            FieldSource { Field: var field } => latestFirst.SelectMany(stage => stage.Produces.Where(produced => produced.Field == field).Select(produced => Read(stage, produced)))
                .Concat<PlannedRead>(headerMap.TryGetValue(field, out var positions) ? positions.Select(position => new CellRead(position)) : []),
            ResultSource { Step: var step, Pointer: var pointer } => latestFirst.Where(stage => stage.Step == step).Select(stage => new StageRead(stage.Number, pointer)),
            HeaderSource { Header: var header } => Enumerable.Range(0, columns.Count).Where(position => columns[position] == header).Take(1).Select(position => new CellRead(position)),
            _ => throw new InvalidOperationException($"{source} is no known source."),
        };
    }

    private static StageRead Read(PlannedStage stage, ProducedField produced) =>
        new StageRead(stage.Number, produced.Path is { } path ? JsonPointer.Parse(path) : JsonPointer.ToProperty(produced.Field));
}
