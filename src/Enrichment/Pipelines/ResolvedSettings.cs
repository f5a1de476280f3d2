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
    private readonly Dictionary<(string Name, SettingsLayer Layer), string?> secrets;
    private readonly Dictionary<string, string> sources = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="settings">The settings, which name secrets.</param>
    /// <param name="context">The step and the client.</param>
    /// <param name="secrets">The secrets' values; null for a missing one.</param>
    public ResolvedSettings(
        JsonElement settings,
        BindingContext context,
        Dictionary<(string Name, SettingsLayer Layer), string?> secrets)
    {
        this.context = context;
        this.secrets = secrets;
        using (var writer = new Utf8JsonWriter(buffer))
        {
            Write(writer, settings, []);
        }

        Redactor = new(
            secrets.Where(secret => secret.Value is not null).Select(secret => KeyValuePair.Create(secret.Key.Name, secret.Value!)));
    }

    public ReadOnlySpan<byte> Json => buffer.WrittenSpan;

    public List<string> Problems { get; } = [];

    public Redactor Redactor { get; }

    /// <summary>
    /// A sentence that names the secrets of these settings: an operator that reads of a wrong value has to know its secret.
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
        if (secrets.GetValueOrDefault((name, context.LayerOf(reference, path))) is { } value)
        {
            return value;
        }

        Problems.Add(
            $"the setting '{place}' needs the secret '{name}', which this host does not have. Set the environment variable {SecretReference.Variable(name)}, or let the host's own resolver answer for it.");
        return reference;
    }
}
