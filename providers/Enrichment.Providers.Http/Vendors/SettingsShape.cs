using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Enrichment.Providers.Http.Vendors;

/// <summary>
/// Settings in a document against the type that they will be bound to. They may be incomplete: stronger layers say the rest.
/// </summary>
internal static class SettingsShape
{
    // As the engine binds them.
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Settings with an unknown name or of the wrong kind.</summary>
    public static IEnumerable<(string Pointer, string Problem)> Problems(JsonElement value, Type type, string pointer)
    {
        var info = Json.GetTypeInfo(type);
        return (value.ValueKind, info.Kind) switch
        {
            (JsonValueKind.Null, _) => [], // Takes the setting away.
            (JsonValueKind.Object, JsonTypeInfoKind.Object) => ObjectProblems(value, info, pointer),
            (JsonValueKind.Object, JsonTypeInfoKind.Dictionary) => value
                .EnumerateObject()
                .SelectMany(property => Problems(property.Value, info.ElementType!, Texts.Below(pointer, property.Name))),
            (JsonValueKind.Array, JsonTypeInfoKind.Enumerable) => value
                .EnumerateArray()
                .SelectMany((item, index) => Problems(item, info.ElementType!, $"{pointer}/{index}")),
            _ => Fits(value, info) ? [] : [(pointer, $"expected {Expected(info)}, found {Texts.Found(value)}.")],
        };
    }

    /// <summary>The settings, if there were no problems.</summary>
    public static T Bind<T>(JsonElement value) => value.Deserialize<T>(Json)!;

    /// <summary>
    /// What contradicts itself or the step's declaration, if the settings are whole. Credentials may come from stronger layers.
    /// </summary>
    public static IEnumerable<(string Pointer, string Problem)> Whole(JsonElement? settings, VendorKind kind, StepManifest step)
    {
        try
        {
            return settings?.Deserialize(kind.Options, Json) is { } options
                ? kind.Problems(options, step).Select(problem => (PointerOf(problem), problem))
                : [];
        }
        catch (JsonException)
        {
            return []; // Something required is left to a stronger layer; preflight looks at all of them together.
        }
    }

    private static IEnumerable<(string Pointer, string Problem)> ObjectProblems(JsonElement value, JsonTypeInfo info, string pointer)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var property in value.EnumerateObject())
        {
            var place = Texts.Below(pointer, property.Name);
            var target = info.Properties.FirstOrDefault(known =>
                string.Equals(known.Name, property.Name, StringComparison.OrdinalIgnoreCase));
            IEnumerable<(string Pointer, string Problem)> found =
                !seen.Add(property.Name) ? [(place, "occurs twice in the same object, case not regarded. Remove one of them.")]
                : target is null
                    ?
                    [
                        (
                            place,
                            $"there is no such setting. Known: {string.Join(", ", info.Properties.Select(known => Camel(known.Name)))}."),
                    ]
                : SecretOf(target)?.FindPlain(property.Value).ToList() is { Count: > 0 } plain
                    ? plain.Select(below => (below.Aggregate(place, Texts.Below), PlainSecret(SecretOf(target)!.Place)))
                : Problems(property.Value, target.PropertyType, place);
            foreach (var problem in found)
            {
                yield return problem;
            }
        }
    }

    private static bool Fits(JsonElement value, JsonTypeInfo info)
    {
        try
        {
            value.Deserialize(info);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Expected(JsonTypeInfo info) => (Nullable.GetUnderlyingType(info.Type) ?? info.Type) switch
    {
        var type when type == typeof(string) => "a text",
        var type when type == typeof(int) => "a whole number",
        var type when type == typeof(double) => "a number",
        var type when type == typeof(bool) => "true or false",
        { IsEnum: true } type => $"one of {string.Join(", ", Enum.GetNames(type))}",
        _ when info.Kind == JsonTypeInfoKind.Enumerable => "a list",
        _ => "an object",
    };

    private static string PlainSecret(SecretPlace place) => place == SecretPlace.Address
        ? "holds a secret as a part of the address. Remove it there, and name it in a setting for authentication: \"credential\": \"secret:NAME\"."
        : "is a secret, and no document may hold its value. Write \"secret:NAME\" and give the host the value under that name.";

    private static SecretAttribute? SecretOf(JsonPropertyInfo property) =>
        property.AttributeProvider is MemberInfo member ? member.GetCustomAttribute<SecretAttribute>(inherit: true) : null;

    /// <summary>Problems of settings begin with the setting's name, such as <c>request.url</c>.</summary>
    private static string PointerOf(string problem) =>
        string.Concat(problem[..problem.IndexOf(' ', StringComparison.Ordinal)].Split('.').Select(name => "/" + Camel(name)));

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}
