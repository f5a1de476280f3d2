using System.Buffers;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>
/// Settings with the secrets' values in the place of their names. Lives as long as one binding, and knows what must never be said.
/// </summary>
internal sealed class ResolvedSettings
{
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly BindingContext context;
    private readonly Dictionary<(string Name, SettingsLayer Layer), string> values = [];
    private readonly Dictionary<string, string> sources = new(StringComparer.OrdinalIgnoreCase);

    public ResolvedSettings(JsonElement settings, BindingContext context)
    {
        this.context = context;
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, settings, []);
        }

        Redactor = new(values.Select(value => KeyValuePair.Create(value.Key.Name, value.Value)));
    }

    public ReadOnlySpan<byte> Json => buffer.WrittenSpan;

    public List<string> Problems { get; } = [];

    public Redactor Redactor { get; }

    /// <summary>
    /// Which secrets these settings came from, said in a sentence: an operator who is told that a value is wrong has to know which secret
    /// it is.
    /// </summary>
    /// <param name="paths">As validation names its members: by their properties, with points between them.</param>
    public string Sources(IEnumerable<string> paths) =>
        string.Concat(paths.Where(sources.ContainsKey).Select(path => $" The value comes from {SecretReference.Prefix}{sources[path]}."));

    private void Write(Utf8JsonWriter writer, JsonElement value, IReadOnlyList<string> path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, [.. path, property.Name]);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var (index, element) in value.EnumerateArray().Index())
                {
                    Write(writer, element, [.. path, SettingPath.Segment(index)]);
                }

                writer.WriteEndArray();
                break;
            case JsonValueKind.String when SecretReference.IsReference(value.GetString()!):
                writer.WriteStringValue(Resolve(value.GetString()!, path));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    private string Resolve(string reference, IReadOnlyList<string> path)
    {
        var place = SettingPath.Of(path);
        if (!SecretReference.TryParse(reference, out var name))
        {
            Problems.Add(
                $"the setting '{place}' names a secret in a form that is not understood. Expected secret:NAME, the name made of letters, digits, '_', '-' and '.'.");
            return reference;
        }

        sources.TryAdd(place, name);
        var layer = LayerOf(reference, path);
        if (!values.TryGetValue((name, layer), out var value))
        {
            value = context.Secrets(new(name, context.Client, context.Step.Slug, layer));
            if (value is null)
            {
                Problems.Add(
                    $"the setting '{place}' needs the secret '{name}', which this host does not have. Set the environment variable {SecretReference.Variable(name)}, or let the host's own resolver answer for it.");
                return reference;
            }

            values.Add((name, layer), value);
        }

        return value;
    }

    /// <summary>The strongest layer that says something here said this.</summary>
    private SettingsLayer LayerOf(string reference, IReadOnlyList<string> path) => context.Overrides
        .Where(layer => SettingPath.Find(layer.Settings, path) is { ValueKind: JsonValueKind.String } said && said.ValueEquals(reference))
        .Select(layer => layer.Layer)
        .LastOrDefault(SettingsLayer.Host);
}
