using System.Collections.Frozen;
using Enrichment.Json;

namespace Enrichment.Pipelines;

/// <summary>Where each field of a batch's records comes from at one stage. Made once, shared by all items; immutable.</summary>
internal sealed class RecordShape
{
    private readonly FrozenDictionary<string, FieldPlaces> fields;
    private readonly FrozenDictionary<string, int> columns;
    private readonly string? reader;

    /// <param name="columns">The upload's headers by position.</param>
    /// <param name="headerMap">For each field the positions of its columns by rank.</param>
    /// <param name="produced">What earlier stages may have answered.</param>
    /// <param name="readable">The fields that may be read; null: all.</param>
    /// <param name="reader">The step that they are read by, for errors.</param>
    public RecordShape(
        IReadOnlyList<string> columns,
        IReadOnlyDictionary<string, IReadOnlyList<int>> headerMap,
        IEnumerable<(short Stage, ProducedField Produced)> produced,
        IEnumerable<string>? readable = null,
        string? reader = null)
    {
        this.reader = readable is null ? null : reader ?? "the step";
        Columns = columns.Count;
        this.columns = columns
            .Select((header, position) => (Header: header.Trim(), position))
            .DistinctBy(column => column.Header, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(column => column.Header, column => column.position, StringComparer.OrdinalIgnoreCase);

        var answers = produced.ToLookup(
            answer => answer.Produced.Field,
            answer => new AnswerSource(answer.Stage, JsonPointer.Of(answer.Produced)),
            StringComparer.Ordinal);
        fields = (readable ?? headerMap.Keys.Concat(answers.Select(answer => answer.Key)))
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(
                field => field,
                field => new FieldPlaces(
                    [.. answers[field].OrderByDescending(answer => answer.Stage)],
                    [.. headerMap.GetValueOrDefault(field) ?? []]),
                StringComparer.Ordinal);
    }

    /// <summary>How many columns the upload has.</summary>
    public int Columns { get; }

    /// <summary>Every field that a record of this shape may hold.</summary>
    public IEnumerable<string> Fields => fields.Keys;

    /// <summary>Where a field comes from; nowhere if nothing provides it.</summary>
    /// <exception cref="StepFaultException">The field may not be read.</exception>
    public FieldPlaces Source(string field) => fields.TryGetValue(field, out var source) ? source
        : reader is null ? FieldPlaces.None
        : throw new StepFaultException(
            $"Step '{reader}' reads the field '{field}', which it does not declare. Add it: [EnrichmentStep(…, Reads = [\"{field}\"])].");

    /// <summary>The position of the first column with this header, ignoring case and surrounding blanks; null if there is none.</summary>
    public int? Position(string header) => columns.TryGetValue(header.Trim(), out var position) ? position : null;
}

/// <summary>Where a field comes from: the answers of earlier stages, the latest first, then the upload's columns by rank.</summary>
internal sealed record FieldPlaces(AnswerSource[] Answers, int[] Positions)
{
    public static readonly FieldPlaces None = new([], []);
}

/// <summary>The place of a field in the results of a stage.</summary>
internal readonly record struct AnswerSource(short Stage, JsonPointer Pointer);
