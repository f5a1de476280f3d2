using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>A pipeline as it was at launch, stored in its batch, so that later edits never change what runs. Stages count from 1.</summary>
internal sealed record PipelineSnapshot
{
    public required string Pipeline { get; init; }

    public required string PipelineVersion { get; init; }

    public required string Workstream { get; init; }

    public required string WorkstreamVersion { get; init; }

    public required IReadOnlyList<StageSnapshot> Stages { get; init; }

    /// <exception cref="EnrichmentException">The text was not written by <see cref="ToJson"/>.</exception>
    public static PipelineSnapshot FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, SnapshotJson.Default.PipelineSnapshot) ?? throw new JsonException("It is null.");
        }
        catch (JsonException exception)
        {
            throw new EnrichmentException(
                $"The batch's snapshot cannot be read by this version of the engine: {exception.Message}",
                exception);
        }
    }

    /// <summary>The same snapshot gives the same text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SnapshotJson.Default.PipelineSnapshot);

    public StageSnapshot Stage(short stage) => Stages[stage - 1];

    /// <summary>What the records look like that a stage's step reads: the fields that it declared, and no others.</summary>
    public RecordShape StepShape(short stage, Upload upload) =>
        new(upload.Columns, upload.HeaderMap, Produced(stage), Stage(stage).Manifest.Reads, Stage(stage).Manifest.Slug);

    /// <summary>What the records look like on which a stage's condition is decided.</summary>
    public RecordShape ConditionShape(short stage, Upload upload) => new(upload.Columns, upload.HeaderMap, Produced(stage));

    /// <summary>What the records look like after the last stage.</summary>
    public RecordShape FinalShape(Upload upload) => new(upload.Columns, upload.HeaderMap, Produced(checked((short)(Stages.Count + 1))));

    /// <summary>
    /// Fields that a stage without a condition decides: its pure step reads the raw value and produces the field. If such a step gives no
    /// value, the raw value does not count either, and no table shows it.
    /// </summary>
    public IReadOnlySet<string> Judged() => Stages
        .Where(stage => stage is { When: null, Manifest.Effects: Effects.Pure })
        .SelectMany(stage => stage.Manifest.Produces.Select(produced => produced.Field).Intersect(stage.Manifest.Reads))
        .ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// What the produced columns of an output show: as <see cref="FinalShape"/>, without raw values of fields that a stage judges.
    /// </summary>
    public RecordShape OutputShape(Upload upload)
    {
        var judged = Judged();
        return new(
            upload.Columns,
            upload.HeaderMap.Where(field => !judged.Contains(field.Key)).ToDictionary(),
            Produced(checked((short)(Stages.Count + 1))));
    }

    /// <summary>
    /// The earlier stages whose results a stage needs, ascending: those that may hold a field that its step reads or its condition names.
    /// </summary>
    public IReadOnlyList<short> Sources(short stage)
    {
        var requested = Stage(stage).Fields().ToHashSet(StringComparer.Ordinal);
        return
        [
            .. Produced(stage).Where(answer => requested.Contains(answer.Produced.Field)).Select(answer => answer.Stage).Distinct().Order(),
        ];
    }

    private IEnumerable<(short Stage, ProducedField Produced)> Produced(short before) =>
        Stages.Take(before - 1).SelectMany((stage, index) => stage.Manifest.Produces.Select(produced => ((short)(index + 1), produced)));
}
