using System.Text.Json;
using Enrichment;

namespace Consumer;

public sealed class OneField(string field, string value) : EnrichmentRecord
{
    public override JsonElement? Value(string name) =>
        name == field ? JsonSerializer.SerializeToElement(value) : null;

    public override string? Column(string header) => null;
}
