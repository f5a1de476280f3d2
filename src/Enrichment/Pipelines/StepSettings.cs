using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>The settings of a step as JSON objects, and how a stronger layer lies over a weaker one.</summary>
/// <remarks>
/// The order is: what the step's options type says of itself, what its manifest says, workstream, pipeline, client, batch.
/// </remarks>
internal static class StepSettings
{
    /// <summary>Snapshots are read back with a bounded depth.</summary>
    private const int MaxDepth = 32;

    /// <summary>
    /// Lays objects over each other, the strongest last, as JSON merge patches (RFC 7396): objects are merged property by property, all
    /// else is replaced, null takes a setting away.
    /// </summary>
    /// <remarks>
    /// Names are compared without case, as they are bound; the result is sorted by name, so that equal settings have equal texts. Null if
    /// no layer says anything.
    /// </remarks>
    public static JsonElement? Merge(params IEnumerable<JsonElement?> layers)
    {
        JsonElement? merged = null;
        foreach (var layer in layers)
        {
            if (layer is { } stronger)
            {
                merged = Sorted(Over(merged, stronger));
            }
        }

        return merged;
    }

    /// <exception cref="EnrichmentException">The value is not an object when serialized.</exception>
    public static JsonElement ToObject(object options)
    {
        JsonElement element;
        try
        {
            element = JsonSerializer.SerializeToElement(options);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw new EnrichmentException(
                $"The options of type {options.GetType()} cannot be written as JSON: {exception.Message}",
                exception);
        }

        return Read(new(element, "options", "$"));
    }

    /// <summary>Settings from a file; a name occurs once at each level, in any case.</summary>
    public static JsonElement Read(DefinitionNode node)
    {
        _ = node.Map("an object of settings");
        Check(node, 1);
        return node.Element.Clone();
    }

    private static void Check(DefinitionNode node, int depth)
    {
        if (depth > MaxDepth)
        {
            throw node.Error($"settings are nested more than {MaxDepth} deep.");
        }

        switch (node.Element.ValueKind)
        {
            case JsonValueKind.Object:
                CheckProperties(node.Map("an object"), depth);
                break;
            case JsonValueKind.Array:
                node.List("a list").ForEach(element => Check(element, depth + 1));
                break;
            case JsonValueKind.String:
                _ = node.Text("text");
                break;
        }
    }

    private static void CheckProperties(Dictionary<string, DefinitionNode> properties, int depth)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in properties)
        {
            if (!names.Add(name))
            {
                throw value.Error("occurs twice in the same object, case not regarded. Remove one of them.");
            }

            Check(value, depth + 1);
        }
    }

    private static SortedDictionary<string, object?> Over(JsonElement? weaker, JsonElement stronger)
    {
        var merged = new SortedDictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        if (weaker is { ValueKind: JsonValueKind.Object } below)
        {
            foreach (var property in below.EnumerateObject())
            {
                merged[property.Name] = property.Value;
            }
        }

        foreach (var property in stronger.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                merged.Remove(property.Name);
                continue;
            }

            merged[property.Name] = property.Value.ValueKind == JsonValueKind.Object
                ? Over(merged.GetValueOrDefault(property.Name) as JsonElement?, property.Value)
                : property.Value;
        }

        return merged;
    }

    private static JsonElement Sorted(SortedDictionary<string, object?> merged) => JsonSerializer.SerializeToElement(merged);
}
