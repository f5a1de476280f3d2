using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Whether a field has a value.</summary>
internal sealed class FieldExists(string name, bool exists) : FieldCondition(name)
{
    /// <summary>Whether the field is to have a value.</summary>
    public bool IsPresent => exists;

    public override bool Holds(EnrichmentRecord record) => record.Value(Name).HasValue == exists;

    private protected override void WriteOperator(Utf8JsonWriter writer) => writer.WriteBoolean("exists", exists);
}
