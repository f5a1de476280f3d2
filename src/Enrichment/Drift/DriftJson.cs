using System.Text.Json.Serialization;

namespace Enrichment.Drift;

/// <summary>What is stored of a finding.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(DriftEvidence))]
internal sealed partial class DriftJson : JsonSerializerContext;
