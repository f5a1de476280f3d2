using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Whether a field has a value.</summary>
internal sealed class FieldExists(string name, bool exists) : Condition
{
    internal override IEnumerable<string> AllFields => [name];

    public override bool Holds(EnrichmentRecord record) => record.Value(name).HasValue == exists;

    internal override void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("field", name);
        writer.WriteBoolean("exists", exists);
        writer.WriteEndObject();
    }
}
