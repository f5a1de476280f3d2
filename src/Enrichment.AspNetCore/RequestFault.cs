using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Enrichment.AspNetCore;

/// <summary>Why a body is no request, in the words of its author: the serialiser names types of .NET.</summary>
internal static partial class RequestFault
{
    /// <param name="exception">What reading the body has thrown.</param>
    /// <param name="call">What it was read as.</param>
    /// <param name="options">What it was read by.</param>
    public static string Words(JsonException exception, Type call, JsonSerializerOptions options)
    {
        // The serialiser wraps what the reader of JSON itself throws.
        if (exception.InnerException is JsonException)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The body is not JSON: line {exception.LineNumber + 1}, column {exception.BytePositionInLine + 1}.");
        }

        var path = exception.Path ?? "$";
        var type = call;
        foreach (var step in Steps().EnumerateMatches(path))
        {
            var info = options.GetTypeInfo(type);
            var name = path.AsSpan(step.Index, step.Length).TrimStart('.');
            if (info.Kind == JsonTypeInfoKind.Enumerable)
            {
                type = info.ElementType!;
            }
            else if (Property(info, name) is { } property)
            {
                type = property.PropertyType;
            }
            else
            {
                return $"{path}: no such property; there are {List(info.Properties)}.";
            }
        }

        return $"{path}: expected {Kind(type, options)}.";
    }

    private static JsonPropertyInfo? Property(JsonTypeInfo info, ReadOnlySpan<char> name)
    {
        foreach (var property in info.Properties)
        {
            if (name.Equals(property.Name, StringComparison.OrdinalIgnoreCase))
            {
                return property;
            }
        }

        return null;
    }

    private static string Kind(Type declared, JsonSerializerOptions options)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        return type == typeof(string) ? "a text"
            : type == typeof(int) ? "a whole number"
            : type == typeof(double) || type == typeof(decimal) ? "a number"
            : type == typeof(bool) ? "true or false"
            : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))}"
            : options.GetTypeInfo(type) is { Kind: JsonTypeInfoKind.Enumerable } list
                ? $"a list, each element {Kind(list.ElementType!, options)}"
            : $"an object with {List(options.GetTypeInfo(type).Properties.Where(property => property.IsRequired))}";
    }

    private static string List(IEnumerable<JsonPropertyInfo> properties) => string.Join(", ", properties.Select(property => property.Name));

    // $.items[0].attempt, or $['a name'] where a name is no word.
    [GeneratedRegex(@"\.[^.\[]+|\[\d+\]|\['.*?'\]")]
    private static partial Regex Steps();
}
