using System.Globalization;
using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>A place in settings: the names and positions that lead there.</summary>
internal static class SettingPath
{
    /// <summary>The place as messages write it: <c>request.headers.X-Key</c>, <c>keys.0</c>.</summary>
    public static string Of(IEnumerable<string> path) => string.Join('.', path.Select(Excerpt.Of));

    public static string Segment(int index) => index.ToString(CultureInfo.InvariantCulture);

    /// <summary>The value there, with names compared in any case, as settings are merged and bound; null if there is none.</summary>
    public static JsonElement? Find(JsonElement settings, IEnumerable<string> path)
    {
        foreach (var segment in path)
        {
            if (Below(settings, segment) is not { } below)
            {
                return null;
            }

            settings = below;
        }

        return settings;
    }

    private static JsonElement? Below(JsonElement value, string segment) =>
        value.ValueKind switch
        {
            JsonValueKind.Array => int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < value.GetArrayLength()
                ? value[index]
                : null,
            JsonValueKind.Object => value
                .EnumerateObject()
                .Where(property => string.Equals(property.Name, segment, StringComparison.OrdinalIgnoreCase))
                .Select(property => (JsonElement?)property.Value)
                .LastOrDefault(),
            _ => null,
        };
}
