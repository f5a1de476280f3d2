using System.Text.Json.Serialization;
using Enrichment.Json;

namespace Enrichment;

/// <summary>A stored result.</summary>
/// <param name="Item">Whose.</param>
/// <param name="Stage">Of which stage.</param>
/// <param name="Attempt">By which attempt.</param>
/// <param name="Kind">Completed or NotFound.</param>
/// <param name="Data">Canonical UTF-8 JSON.</param>
/// <param name="CreatedAt">When it was stored.</param>
public sealed record StoredResult(
    int Item,
    short Stage,
    int Attempt,
    [property: JsonConverter(typeof(WordConverter))] StepOutcomeKind Kind,
    [property: JsonConverter(typeof(RawJsonBytesConverter))] ReadOnlyMemory<byte> Data,
    DateTimeOffset CreatedAt);
