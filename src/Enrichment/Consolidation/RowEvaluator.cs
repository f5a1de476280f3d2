using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Json;
using Enrichment.Plans;

namespace Enrichment.Consolidation;

/// <summary>
/// Makes a row of what an item has: its uploaded row and the results that its states refer to. All that is local to a row is done here,
/// once for both stores; SQL moves sets.
/// </summary>
/// <remarks>
/// A candidate counts only if it casts: a bad one is an issue, a word for nothing is passed over, and the next source serves.
/// </remarks>
internal sealed class RowEvaluator
{
    private const int LongestKey = 1000;
    private const int ShownCharacters = 200;
    private const char KeySeparator = '\x1f';

    private readonly JsonPointerSet[] documents;
    private readonly JsonSlice[][] found;
    private readonly SourceReads[][] columns;
    private readonly CellChoice?[] choices;
    private readonly ColumnDefault?[] defaults;
    private readonly long[] times;
    private readonly short[] chosen;
    private readonly int[] key;
    private readonly ComputedCells computed;

    public RowEvaluator(ProjectionPlan plan)
    {
        Plan = plan;
        Row = new(plan.Columns.Count);
        List<short> stages = [0, .. plan.Stages];
        List<List<JsonPointer>> pointers = [.. stages.Select(_ => new List<JsonPointer>())];
        columns = [.. plan.Columns.Select(column => column.Sources.Select(source => new SourceReads(
            (short)source.Position, source.Confidence, source.Format, [.. source.Reads.Select(Compile)])).ToArray())];
        var declared = plan.Columns.Select(planned => planned.Column).ToList();
        choices = [.. declared.Select(column => column.Choose == ChoiceRule.First ? null : new CellChoice(column.Type, column.Choose))];
        defaults = [.. declared.Select(column => column.Default is { } json ? ColumnDefault.Of(column.Type, json) : null)];
        times = new long[stages.Count];
        chosen = new short[columns.Length];
        documents = [.. pointers.Select(places => new JsonPointerSet(places))];
        found = [.. documents.Select(document => new JsonSlice[document.Slots])];
        key = [.. plan.Projection.Key.Select(part => IndexOf(plan, part))];
        computed = new(plan);

        Read Compile(PlannedRead read) => read switch
        {
            StageRead answer => new(
                stages.IndexOf(answer.Stage),
                Place(answer.Stage, answer.Pointer),
                answer.PassesBlank,
                Field: null,
                Place(answer.Stage, answer.Observed),
                Place(answer.Stage, answer.Confidence)),
            CellRead cell => new(
                0,
                Place(0, JsonPointer.ToProperty(cell.Position.ToString(CultureInfo.InvariantCulture))),
                PassesBlank: true,
                cell.Field,
                Observed: -1,
                Confidence: -1),
            _ => throw new InvalidOperationException($"{read} is no known read."),
        };

        int Place(short stage, JsonPointer? pointer)
        {
            if (pointer is null)
            {
                return -1;
            }

            var places = pointers[stages.IndexOf(stage)];
            if (!places.Contains(pointer))
            {
                places.Add(pointer);
            }

            return places.IndexOf(pointer);
        }
    }

    /// <summary>The definition, resolved against the item's batch.</summary>
    public ProjectionPlan Plan { get; }

    /// <summary>The row at hand.</summary>
    public EvaluatedRow Row { get; }

    /// <summary>Whether the row belongs into the table: a table by key has no row of an item without a key.</summary>
    public bool HasRow => key.Length == 0 || Row.Key is not null;

    /// <summary>The bucket of the row: the item's, or in a table by key the key's.</summary>
    public short RowBucket => Row.Key is { } text ? BucketOf(text) : Row.Bucket;

    /// <summary>Begins the next item.</summary>
    public void Begin(short bucket, int item)
    {
        Row.Begin(bucket, item);
        Array.Fill(times, long.MinValue);
        foreach (var places in found)
        {
            Array.Clear(places);
        }
    }

    /// <summary>Finds what the columns read in a document whose bytes the row has just got.</summary>
    /// <param name="document">0 is the uploaded row; then the results of the plan's stages in their order.</param>
    /// <param name="start">Where it begins in the row's bytes.</param>
    /// <param name="length">How long it is.</param>
    public void Find(int document, int start, int length) =>
        Row.Find(documents[document], start, length, found[document]);

    /// <summary>Notes when a result was stored, if the plan needs it. An uploaded row is older than any.</summary>
    public void Date(int document, DateTime time) => times[document] = time.Ticks;

    /// <summary>Makes the cells and the issues of the documents that were found.</summary>
    public void Evaluate()
    {
        for (var column = 0; column < columns.Length; column++)
        {
            if (!Plan.Columns[column].Stored.HasSources)
            {
                continue;
            }

            Row.Cells[column] = Choose(column) is { HasValue: true } chosen ? chosen : defaults[column]?.In(Row) ?? default;
            if (Row.Cells[column] is { HasValue: true } date && Plan.Columns[column].Column.Type == ColumnType.PartialDate)
            {
                Row.Cells[column + 1] = TypedCell.OfWhole(date.Whole + date.Length);
            }

            if (!Row.Cells[column].HasValue && Plan.Columns[column].Column.IsRequired)
            {
                Row.Add(new(column, 0, "missing", ""));
            }
        }

        computed.Evaluate(Row);

        if (key.Length > 0)
        {
            Identify();
        }
    }

    private static int IndexOf(ProjectionPlan plan, string column) =>
        Enumerable.Range(0, plan.Columns.Count).First(index => plan.Columns[index].Stored.Name == column);

    private static short BucketOf(string key) =>
        (short)(SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % Bucket.Count);

    /// <summary>
    /// What each source of a column has for the row, in order. An explanation asks for it after <see cref="Evaluate"/>: it casts again,
    /// also what no column needs.
    /// </summary>
    public IEnumerable<SourceCandidate> Candidates(int column)
    {
        foreach (var (index, source) in columns[column].Index())
        {
            var planned = Plan.Columns[column].Sources[index];
            var outcome = Examine(column, source, out var read, out var value, out var cell);
            if (outcome == CandidateOutcome.NotChosen && (chosen[column] == source.Position || chosen[column] == CellChoice.Every))
            {
                outcome = CandidateOutcome.Chosen;
            }
            else if (outcome == CandidateOutcome.WordForNothing && CellText.IsBlank(Row.Bytes(Row.ContentOf(value))))
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

    /// <summary>The answer to an expression that depends on the reader's day.</summary>
    public object? ValueAsOf(ProjectionColumn column, DateOnly asOf) => computed.ValueAsOf(Row, column, asOf);

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
                    chosen[column] = source.Position;
                    return cell;
                case CandidateOutcome.NotChosen:
                    choice.Offer(cell, source.Position, Row, TimeOf(source.Reads[read]), ConfidenceOf(source, source.Reads[read]));
                    break;
                case CandidateOutcome.DoesNotCast or CandidateOutcome.DoesNotNormalise:
                    var text = CellText.Trimmed(Row.Bytes(Row.ContentOf(value)));
                    var reason = outcome == CandidateOutcome.DoesNotCast ? "cast" : "normalise";
                    Row.Add(new(column, source.Position, reason, CellText.Beginning(text, ShownCharacters)));
                    break;
            }
        }

        return choice is null ? default : choice.Chosen(Row, out chosen[column]);
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

        var declared = Plan.Columns[column].Column;
        var outcome = source.Format is { } format
            ? format.Cast(declared.Type, value, Row, out cell)
            : Cast.To(declared.Type, value, Row, out cell);
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
        var bytes = CellText.Trimmed(Row.Bytes(cell));
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
            var (start, length) = Row.Append(normal);
            cell = TypedCell.OfText(start, length);
        }

        return CastOutcome.Value;
    }

    // A stage's blank text counts: it is an answer. A blank cell does not, nor a blank text beside another place in the answer.
    private int First(Read[] reads, out JsonSlice value)
    {
        for (var i = 0; i < reads.Length; i++)
        {
            value = found[reads[i].Document][reads[i].Place];
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
        var text = Row.Bytes(Row.ContentOf(value));
        return field is null ? CellText.IsBlank(text) : ItemRecord.StandsForNothing(text, field);
    }

    // What is no instant and no day says nothing: then the result's own time counts.
    private long TimeOf(Read read) =>
        Beside(read, read.Observed, ColumnType.Timestamp) is { HasValue: true } instant ? instant.Whole
        : Beside(read, read.Observed, ColumnType.Date) is { HasValue: true } day ? day.Whole * TimeSpan.TicksPerDay
        : times[read.Document];

    private decimal ConfidenceOf(SourceReads source, Read read) =>
        Beside(read, read.Confidence, ColumnType.Number) is { HasValue: true } number ? number.Number : source.Confidence;

    private TypedCell Beside(Read read, int place, ColumnType type)
    {
        TypedCell cell = default;
        if (place >= 0 && found[read.Document][place] is { IsFound: true } value)
        {
            Cast.To(type, value, Row, out cell);
        }

        return cell;
    }

    // Of all parts without a value each is an issue, unless a bad value is one already.
    private void Identify()
    {
        var texts = new string[key.Length];
        var complete = true;
        for (var part = 0; part < key.Length; part++)
        {
            var column = key[part];
            if (Row.Cells[column] is not { HasValue: true } cell)
            {
                complete = false;
                if (!Row.Issues.Any(issue => issue.Column == column))
                {
                    Row.Add(new(column, 0, "no_key", ""));
                }

                continue;
            }

            texts[part] = Text(column, cell);
        }

        var text = complete ? string.Join(KeySeparator, texts) : null;
        if (text is not null && Encoding.UTF8.GetByteCount(text) > LongestKey)
        {
            Row.Add(new(key[0], 0, "long_key", CellText.Beginning(Encoding.UTF8.GetBytes(texts[0]), ShownCharacters)));
            text = null;
        }

        Row.Key = text;
    }

    private string Text(int column, TypedCell cell) => Plan.Columns[column].Column.Type switch
    {
        ColumnType.Text => Encoding.UTF8.GetString(Row.Bytes(cell)),
        ColumnType.Date => DateOnly.FromDayNumber((int)cell.Whole).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        _ => cell.Whole.ToString(CultureInfo.InvariantCulture),
    };

    private sealed record SourceReads(short Position, decimal Confidence, ValueFormat? Format, Read[] Reads);

    private readonly record struct Read(int Document, int Place, bool PassesBlank, string? Field, int Observed, int Confidence);
}
