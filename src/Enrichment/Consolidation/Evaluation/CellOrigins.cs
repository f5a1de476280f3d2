using System.Text.Json;
using Enrichment.Consolidation.Definitions;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Where the cells of one row are from, column by column.</summary>
/// <param name="origin">What the row has.</param>
/// <param name="plan">The definition by which it was made, resolved against its batch.</param>
internal sealed class CellOrigins(RowOrigin origin, ProjectionPlan plan)
{
    private readonly List<PlannedColumn> columns = [.. plan.Columns.Where(column => column.Stored.HasSources)];

    /// <summary>
    /// The byte of a column; null if nothing is known of it. A column of another definition is the same if its sources are the same.
    /// </summary>
    public byte? Find(ProjectionColumn column)
    {
        var index = columns.FindIndex(known => known.Column.Name == column.Name && known.Column.Sources.SequenceEqual(column.Sources));
        return index < 0 || origin.Places[index] == RowOrigin.Uncounted ? null : origin.Places[index];
    }

    /// <summary>The source that gave the cell, with its place; null if it is not one source, or not known.</summary>
    public (PlannedSource Source, PlannedRead Read)? SourceOf(ProjectionColumn column) => Find(column) switch
    {
        null => null,

        // All sources that have a value serve: of more than one, it is not known which have.
        RowOrigin.Every => Planned(column).Sources is [{ Reads: [var read] } only] ? (only, read) : null,
        { } place => RowOrigin.PlaceAt(Planned(column), place),
    };

    /// <summary>A source that serves at one of its places.</summary>
    public ExplainedCandidate Chosen(ProjectionColumn column, PlannedSource source, PlannedRead read)
    {
        var stage = read is AnswerRead { Stage: > 0 and var known } ? known : (short?)null;
        var manifest = stage is { } number ? plan.Pipeline.Stages[number - 1].Manifest : null;
        return new(column.Sources[source.Position - 1].Words, Word(CandidateOutcome.Chosen))
        {
            Header = read is CellRead cell ? plan.Headers[cell.Position] : null,
            Pointer = (read as StageRead)?.Pointer.Text,
            Step = manifest?.Slug,
            Version = manifest?.Version,
            Stage = stage,
            Attempt = stage is { } of ? AttemptOf(of) : null,
        };
    }

    /// <summary>What a column's cell is from, if it is from something else than another row's; else null.</summary>
    public ExplainedCandidate? UnlessAs(CellOrigins other, ProjectionColumn column)
    {
        if (Find(column) is not { } place
            || other.Find(column) is not { } known
            || (place == known && Attempts(column, place).SequenceEqual(other.Attempts(column, known))))
        {
            return null;
        }

        return SourceOf(column) is var (source, read)
            ? Chosen(column, source, read)
            : new("", place switch { RowOrigin.None => "none", RowOrigin.Default => "default", _ => "all" });
    }

    /// <summary>The word of an outcome.</summary>
    public static string Word(CandidateOutcome outcome) => JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString());

    private PlannedColumn Planned(ProjectionColumn column) => columns.First(known => known.Column.Name == column.Name);

    private int AttemptOf(short stage) => origin.Attempts[plan.Stages.Index().First(known => known.Item == stage).Index];

    // Of the results that the cell is made of.
    private IEnumerable<int> Attempts(ProjectionColumn column, byte place)
    {
        var planned = Planned(column);
        var only = RowOrigin.PlaceAt(planned, place)?.Read;
        return planned.Sources
            .SelectMany(source => source.Reads)
            .Where(read => place == RowOrigin.Every || ReferenceEquals(read, only))
            .OfType<AnswerRead>()
            .Where(answer => answer.Stage > 0)
            .Select(answer => AttemptOf(answer.Stage));
    }
}
