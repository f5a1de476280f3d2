using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Json;

namespace Enrichment.Outcomes;

/// <summary>Makes a step's result of fields that an operator gives: each is put at its place in the step's manifest.</summary>
internal static class SuppliedResult
{
    private const int LongestList = 100;

    /// <exception cref="EnrichmentException">They are no fields of this step, or may not be stored.</exception>
    public static ReadOnlyMemory<byte> Of(StepManifest step, JsonElement fields, JsonGate gate)
    {
        if (fields.ValueKind != JsonValueKind.Object || !fields.EnumerateObject().Any())
        {
            throw new EnrichmentException(
                "A result is a JSON object of fields, such as {\"company.size\": 42}. To let an item pass without one, skip it.");
        }

        Through(gate, JsonSerializer.SerializeToUtf8Bytes(fields)); // Before its names are looked at: none stands twice.
        JsonNode result = new JsonObject();
        foreach (var field in fields.EnumerateObject())
        {
            var produced = step.Produces.FirstOrDefault(produced => produced.Field == field.Name) ?? throw new EnrichmentException(
                $"Step '{step.Slug}' does not produce '{Excerpt.Of(field.Name)}'.{Nearest.Hint(field.Name, step.Produces.Select(known => known.Field))} It produces {(step.Produces.Count == 0 ? "nothing" : string.Join(", ", step.Produces.Select(known => known.Field)))}.");
            Put(result, JsonPointer.Of(produced).Segments, JsonNode.Parse(field.Value.GetRawText()));
        }

        return Through(gate, JsonSerializer.SerializeToUtf8Bytes(result));
    }

    private static byte[] Through(JsonGate gate, byte[] json) =>
        gate.TryAccept(json, out var canonical, out var refusal)
            ? canonical
            : throw new EnrichmentException($"The result cannot be stored. {refusal.Reason}");

    private static void Put(JsonNode place, IReadOnlyList<string> path, JsonNode? value)
    {
        for (var i = 0; i < path.Count; i++)
        {
            var last = i == path.Count - 1;
            var below = last ? value : At(place, path[i]) ?? (IsIndex(path[i + 1]) ? new JsonArray() : new JsonObject());
            if (last || below!.Parent is null)
            {
                Set(place, path[i], below, string.Join('/', path));
            }

            place = below!;
        }
    }

    private static bool IsIndex(string segment) => segment.All(char.IsAsciiDigit);

    private static JsonNode? At(JsonNode place, string segment) => place switch
    {
        JsonObject value => value[segment],
        JsonArray list when int.TryParse(segment, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
        _ => null,
    };

    private static void Set(JsonNode place, string segment, JsonNode? value, string path)
    {
        if (place is JsonObject parent)
        {
            parent[segment] = value;
        }
        else if (place is JsonArray list && int.TryParse(segment, CultureInfo.InvariantCulture, out var index) && index < LongestList)
        {
            while (list.Count <= index)
            {
                list.Add(null);
            }

            list[index] = value;
        }
        else
        {
            throw new EnrichmentException(
                $"The step's field at '/{path}' cannot be supplied: the fields given contradict each other there, or the list would be longer than {LongestList}.");
        }
    }
}
