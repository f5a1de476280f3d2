using System.Text.Json;

namespace Enrichment.Testing;

/// <summary>
/// A record made by a test. Remembers each field that the step had no right to read, even if the step swallows the exception.
/// </summary>
internal sealed class HarnessRecord(StepManifest manifest) : EnrichmentRecord
{
    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> columns = new(StringComparer.OrdinalIgnoreCase);

    public HashSet<string> Undeclared { get; } = new(StringComparer.Ordinal);

    public void Put(string field, JsonElement value) =>
        fields[field] = manifest.Reads.Contains(field, StringComparer.Ordinal)
            ? value
            : throw new ArgumentException(
                $"Step '{manifest.Slug}' does not declare that it reads '{field}'; it reads {(manifest.Reads.Count == 0 ? "nothing" : string.Join(", ", manifest.Reads))}.",
                nameof(field));

    public void PutColumn(string header, string? cell) => columns[header.Trim()] = cell;

    public override JsonElement? Value(string field)
    {
        if (!manifest.Reads.Contains(field, StringComparer.Ordinal))
        {
            Undeclared.Add(field);
            throw new InvalidOperationException(
                $"Step '{manifest.Slug}' reads the field '{field}', which it does not declare. Add it: [EnrichmentStep(…, Reads = [\"{field}\"])].");
        }

        return fields.TryGetValue(field, out var value) && value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null)
            ? value
            : null;
    }

    public override string? Column(string header) => columns.GetValueOrDefault(header.Trim());
}
