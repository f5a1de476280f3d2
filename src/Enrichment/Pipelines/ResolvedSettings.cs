using System.Buffers;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Settings with the secrets' values in the place of their names. Lives as long as one binding, and knows what must never be said.</summary>
internal sealed class ResolvedSettings
{
    private readonly ArrayBufferWriter<byte> buffer = new();
    private readonly SecretResolver resolver;
    private readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> sources = new(StringComparer.OrdinalIgnoreCase);

    public ResolvedSettings(JsonElement settings, SecretResolver resolver)
    {
        this.resolver = resolver;
        using var writer = new Utf8JsonWriter(buffer);
        Write(writer, settings, "");
    }

    public ReadOnlySpan<byte> Json => buffer.WrittenSpan;

    public List<string> Problems { get; } = [];

    /// <summary>A text of foreign code with every secret taken out.</summary>
    public string Redact(string text)
    {
        foreach (var (name, value) in secrets.Where(secret => secret.Value.Length > 0).OrderByDescending(secret => secret.Value.Length))
        {
            text = text.Replace(value, SecretReference.Prefix + name, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Which secrets these settings came from, said in a sentence: whoever is told that a value is wrong has to know whose.</summary>
    /// <param name="paths">As validation names its members: by their properties, with points between them.</param>
    public string Sources(IEnumerable<string> paths) => string.Concat(paths.Where(sources.ContainsKey).Select(path => $" The value comes from {SecretReference.Prefix}{sources[path]}."));

    private void Write(Utf8JsonWriter writer, JsonElement value, string path)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in value.EnumerateObject())
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var element in value.EnumerateArray())
                {
                    Write(writer, element, path + "[]");
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

    private string Resolve(string reference, string path)
    {
        if (!SecretReference.TryParse(reference, out var name))
        {
            Problems.Add($"the setting '{path}' names a secret in a form that is not understood. Expected secret:NAME, the name made of letters, digits, '_', '-' and '.'.");
            return reference;
        }

        sources.TryAdd(path, name);
        if (!secrets.TryGetValue(name, out var value))
        {
            value = resolver(name);
            if (value is null)
            {
                Problems.Add($"the setting '{path}' needs the secret '{name}', which this host does not have. Set the environment variable {SecretReference.Variable(name)}, or let the host's own resolver answer for it.");
                return reference;
            }

            secrets.Add(name, value);
        }

        return value;
    }
}
