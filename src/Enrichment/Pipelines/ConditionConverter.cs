using System.Text.Json;
using System.Text.Json.Serialization;

namespace Enrichment.Pipelines;

/// <summary>Reads and writes conditions in snapshots and requests.</summary>
internal sealed class ConditionConverter : JsonConverter<Condition>
{
    public override Condition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return ConditionReader.Read(new(document.RootElement, "condition", "$"));
    }

    public override void Write(Utf8JsonWriter writer, Condition value, JsonSerializerOptions options) => value.Write(writer);
}
