using System.Globalization;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation.Definitions;
using Enrichment.Json;
using Enrichment.Plans;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>Makes the cells of columns that have sources, from what was found in the documents of a row.</summary>
/// <remarks>
/// A candidate counts only if it casts: a bad one is an issue, a word for nothing is passed over, and the next source serves.
/// </remarks>
internal sealed class SourcedCells
{
    public const int ShownCharacters = 200;

    private readonly IReadOnlyList<PlannedColumn> plan;
    private readonly RowDocuments documents;
    private readonly EvaluatedRow row;
    private readonly SourceReads[][] columns;
    private readonly CellChoice?[] choices;
    private readonly ColumnDefault?[] defaults;
    private readonly (int Column, int Rank)[] ranks;
    private readonly int[] chosen;

    /// <param name="plan">The columns; those without sources are left to others.</param>
    /// <param name="documents">Gets the places that the columns read.</param>
    /// <param name="documentOf">Which document a stage's result is.</param>
    /// <param name="row">Gets cells and issues.</param>
    public SourcedCells(IReadOnlyList<PlannedColumn> plan, RowDocuments documents, Func<short, int> documentOf, EvaluatedRow row)
    {
        this.plan = plan;
        this.documents = documents;
        this.row = row;
        columns = [.. plan.Select(column =>
        {
            var place = 1;
            return column.Sources.Select(source =>
            {
                var first = place;
                place += source.Reads.Count;
                return new SourceReads(
                    (short)source.Position,
                    first,
                    source.Confidence,
                    source.Format,
                    [.. source.Reads.Select(read => Compile(read, documents, documentOf))]);
            }).ToArray();
        })];
        var declared = plan.Select(planned => planned.Column).ToList();
        choices = [.. declared.Select(column => column.Choose == ChoiceRule.First ? null : new CellChoice(column.Type, column.Choose))];
        defaults = [.. plan.Select(planned => planned is { IsFolded: false, Column: { Default: { } json, Type: var type } }
            ? ColumnDefault.Of(type, json)
            : null)];
        ranks = [.. plan.Index().Where(planned => planned.Item.Stored.IsRank).Select(planned => (
            plan.Index().First(column => column.Item.Stored.Name == planned.Item.Column.Name).Index,
            planned.Index))];
        chosen = new int[columns.Length];
    }

    /// <summary>Where a planned read finds its value.</summary>
    public static Read Compile(PlannedRead read, RowDocuments documents, Func<short, int> documentOf)
    {
        switch (read)
        {
            case MetaRead meta:
                var place = RowDocuments.Place(meta.Meta);
                return new(documentOf(meta.Stage), place, PassesBlank: false, Field: null, Observed: -1, Confidence: -1);
            case StageRead answer:
                var document = documentOf(answer.Stage);
                return new(
                    document,
                    documents.Place(document, answer.Pointer),
                    answer.PassesBlank,
                    Field: null,
                    documents.Place(document, answer.Observed),
                    documents.Place(document, answer.Confidence));
            case CellRead cell:
                var pointer = JsonPointer.ToProperty(cell.Position.ToString(CultureInfo.InvariantCulture));
                return new(0, documents.Place(0, pointer), PassesBlank: true, cell.Field, Observed: -1, Confidence: -1);
            default:
                throw new InvalidOperationException($"{read} is no known read.");
        }
    }

    /// <summary>Makes the cells of the row at hand, and its issues.</summary>
    public void Evaluate()
    {
        for (var column = 0; column < columns.Length; column++)
        {
            if (!plan[column].Stored.HasSources)
            {
                continue;
            }

            row.Cells[column] = Choose(column);
            if (!row.Cells[column].HasValue)
            {
                chosen[column] = 0;
                row.Cells[column] = defaults[column]?.In(row) ?? default;
            }

            if (row.Cells[column] is { HasValue: true } date && plan[column].Column.Type == ColumnType.PartialDate)
            {
                row.Cells[column + 1] = TypedCell.OfWhole(date.Whole + date.Length);
            }

            if (!row.Cells[column].HasValue && plan[column].IsMissedWithoutValue)
            {
                row.Add(new(column, 0, IssueReason.Missing, ""));
            }
        }

        foreach (var (column, rank) in ranks)
        {
            row.Cells[rank] = row.Cells[column].HasValue ? choices[column]!.Rank : default;
        }
    }

    /// <summary>
    /// What each source of a column has for the row, in order. An explanation asks for it after <see cref="Evaluate"/>: it casts again,
    /// also what no column needs.
    /// </summary>
    public IEnumerable<SourceCandidate> Candidates(int column)
    {
        foreach (var (index, source) in columns[column].Index())
        {
            var planned = plan[column].Sources[index];
            var outcome = Examine(column, source, out var read, out var value, out var cell);
            if (outcome == CandidateOutcome.NotChosen && (chosen[column] == source.First + read || chosen[column] == CellChoice.Every))
            {
                outcome = CandidateOutcome.Chosen;
            }
            else if (outcome == CandidateOutcome.WordForNothing && CellText.IsBlank(row.Bytes(row.ContentOf(value))))
            {
                outcome = CandidateOutcome.Empty;
            }

            yield return read < 0
                ? new(planned, outcome)
                : new(
                    planned,
                    outcome,
                    planned.Reads[read],
                    value,
                    cell,
                    TimeOf(source.Reads[read]),
                    ConfidenceOf(source, source.Reads[read]));
        }
    }

    /// <summary>Whether one of a column's sources gave the row's cell.</summary>
    public bool IsOfSource(int column) => chosen[column] != 0;

    /// <summary>Which place gave the row's cell, as <see cref="RowOrigin"/> writes it.</summary>
    public byte PlaceOf(int column) => chosen[column] switch
    {
        0 => row.Cells[column].HasValue ? RowOrigin.Default : RowOrigin.None,
        CellChoice.Every => RowOrigin.Every,
        >= RowOrigin.Uncounted => RowOrigin.Uncounted,
        var place => (byte)place,
    };

    private TypedCell Choose(int column)
    {
        var choice = choices[column];
        chosen[column] = 0;
        choice?.Begin();
        foreach (var source in columns[column])
        {
            var outcome = Examine(column, source, out var read, out var value, out var cell);
            switch (outcome)
            {
                case CandidateOutcome.NotChosen when choice is null:
                    chosen[column] = source.First + read;
                    return cell;
                case CandidateOutcome.NotChosen:
                    choice.Offer(cell, source.First + read, row, TimeOf(source.Reads[read]), ConfidenceOf(source, source.Reads[read]));
                    break;
                case CandidateOutcome.DoesNotCast or CandidateOutcome.DoesNotNormalise:
                    var text = CellText.Trimmed(row.Bytes(row.ContentOf(value)));
                    var reason = outcome == CandidateOutcome.DoesNotCast ? IssueReason.Cast : IssueReason.Normalise;
                    row.Add(new(column, source.Position, reason, CellText.Beginning(text, ShownCharacters)));
                    break;
            }
        }

        return choice is null ? default : choice.Chosen(row, out chosen[column]);
    }

    /// <summary>What a source has. A value of the column's type is not chosen yet.</summary>
    /// <param name="column">The column.</param>
    /// <param name="source">The source.</param>
    /// <param name="read">Which of its reads has a value; below 0 if none has.</param>
    /// <param name="value">The value.</param>
    /// <param name="cell">What it casts to.</param>
    private CandidateOutcome Examine(int column, SourceReads source, out int read, out JsonSlice value, out TypedCell cell)
    {
        cell = default;
        read = First(source.Reads, out value);
        if (read < 0)
        {
            return CandidateOutcome.Empty;
        }

        var declared = plan[column].Column;
        var outcome = source.Format is { } format
            ? format.Cast(declared.Type, value, row, out cell)
            : Cast.To(declared.Type, value, row, out cell);
        var isCast = outcome == CastOutcome.Value;
        if (isCast && declared.Normalise is { } form)
        {
            outcome = Normalise(form, ref cell);
        }

        return outcome switch
        {
            CastOutcome.Value => CandidateOutcome.NotChosen,
            CastOutcome.Nothing => CandidateOutcome.WordForNothing,
            _ => isCast ? CandidateOutcome.DoesNotNormalise : CandidateOutcome.DoesNotCast,
        };
    }

    private CastOutcome Normalise(TextForm form, ref TypedCell cell)
    {
        var bytes = CellText.Trimmed(row.Bytes(cell));
        if (CellText.IsAbsence(bytes))
        {
            return CastOutcome.Nothing;
        }

        var text = Encoding.UTF8.GetString(bytes);
        if (form.Of(text) is not { Length: > 0 } normal)
        {
            return CastOutcome.Bad;
        }

        if (normal != text || bytes.Length != cell.Length)
        {
            var (start, length) = row.Append(normal);
            cell = TypedCell.OfText(start, length);
        }

        return CastOutcome.Value;
    }

    // A stage's blank text counts: it is an answer. A blank cell does not, nor a blank text beside another place in the answer.
    private int First(Read[] reads, out JsonSlice value)
    {
        for (var i = 0; i < reads.Length; i++)
        {
            value = documents.At(reads[i].Document, reads[i].Place);
            if (value.IsFound && !(reads[i].PassesBlank && value.Type == JsonTokenType.String && IsNothing(value, reads[i].Field)))
            {
                return i;
            }
        }

        value = default;
        return -1;
    }

    private bool IsNothing(JsonSlice value, string? field)
    {
        var text = row.Bytes(row.ContentOf(value));
        return field is null ? CellText.IsBlank(text) : ItemRecord.StandsForNothing(text, field);
    }

    // What is no instant and no day says nothing: then the result's own time counts.
    private long TimeOf(Read read) =>
        Beside(read, read.Observed, ColumnType.Timestamp) is { HasValue: true } instant ? instant.Whole
        : Beside(read, read.Observed, ColumnType.Date) is { HasValue: true } day ? day.Whole * TimeSpan.TicksPerDay
        : documents.Time(read.Document);

    private decimal ConfidenceOf(SourceReads source, Read read) =>
        Beside(read, read.Confidence, ColumnType.Number) is { HasValue: true } number ? number.Number : source.Confidence;

    private TypedCell Beside(Read read, int place, ColumnType type)
    {
        TypedCell cell = default;
        if (place >= 0 && documents.At(read.Document, place) is { IsFound: true } value)
        {
            Cast.To(type, value, row, out cell);
        }

        return cell;
    }

    private sealed record SourceReads(short Position, int First, decimal Confidence, ValueFormat? Format, Read[] Reads);

    /// <summary>Where a value is read.</summary>
    internal readonly record struct Read(int Document, int Place, bool PassesBlank, string? Field, int Observed, int Confidence);
}
