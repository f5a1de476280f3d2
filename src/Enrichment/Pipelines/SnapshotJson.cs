using System.Text.Json.Serialization;

namespace Enrichment.Pipelines;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(PipelineSnapshot))]
internal sealed partial class SnapshotJson : JsonSerializerContext;
