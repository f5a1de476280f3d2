using System.Text.Json;

namespace Enrichment.Providers.Normalization.Tests;

/// <summary>A record of a few fields, as strict about undeclared reads as the engine's.</summary>
internal sealed class FieldRecord(StepManifest manifest, IReadOnlyDictionary<string, string> fields) : EnrichmentRecord
{
    public override JsonElement? Value(string field)
    {
        if (!manifest.Reads.Contains(field))
        {
            throw new InvalidOperationException($"{manifest.Slug} did not declare that it reads '{field}'.");
        }

        return fields.TryGetValue(field, out var value) ? JsonSerializer.SerializeToElement(value) : null;
    }

    public override string? Column(string header) => null;
}
