using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Enrichment.Pipelines;

/// <summary>Settings held against the type that they are bound to, at every depth, before any secret's value is put in.</summary>
/// <param name="contracts">As the settings are bound.</param>
internal sealed class OptionsShape(JsonSerializerOptions contracts)
{
    /// <summary>Settings that the type does not have or lacks, and secrets in plain text.</summary>
    public IEnumerable<string> Problems(JsonElement settings, Type type) =>
        Walk(new(settings, contracts.GetTypeInfo(type), null, []))
            .SelectMany(node =>
                Names(node)
                    .Concat(
                        node.Member is { } member && SecretOf(member) is { } secret
                            ? secret.FindPlain(node.Value).Select(below => Plain([.. node.Path, .. below], secret.Place))
                            : []));

    /// <summary>The settings of a client or a launch that only the host may set.</summary>
    public IEnumerable<string> Problems(SettingsOverride layer, Type type)
    {
        if (layer.Trusted)
        {
            return [];
        }

        var nodes = Walk(new(layer.Settings, contracts.GetTypeInfo(type), null, [])).ToList();
        var by = layer.Layer == SettingsLayer.Client ? "the client's definition" : "the launch";
        var kept = nodes
            .Where(node => IsFixed(node.Member) || (node.Value.ValueKind == JsonValueKind.Null && HoldsFixed(node.Info, [])))
            .Select(node =>
                $"{by} sets '{SettingPath.Of(node.Path)}', which decides where a call goes or what it reads. Only the host may set it. Leave it out, or let the host call TrustSettings(SettingsLayer.{layer.Layer}, …).");
        if (layer.Layer == SettingsLayer.Client)
        {
            return kept;
        }

        var secrets = nodes
            .Where(node => node.Member is { } member && SecretOf(member) is { Place: SecretPlace.Value })
            .Select(node => node.Path)
            .ToList();
        return kept.Concat(
            SecretReference
                .Places(layer.Settings)
                .Where(place => !secrets.Exists(secret => place.Path.Take(secret.Count).SequenceEqual(secret)))
                .Select(place =>
                    $"{by} puts the secret '{Excerpt.Of(place.Name)}' into '{SettingPath.Of(place.Path)}', from where an answer could return it. Name secrets only in settings that are secrets."));
    }

    /// <summary>The expected form of a value, in words for an author of JSON.</summary>
    public static string Expected(JsonTypeInfo info) =>
        (Nullable.GetUnderlyingType(info.Type) ?? info.Type) switch
        {
            { IsEnum: true } type => $"one of {string.Join(", ", Enum.GetNames(type))}",
            var type when type == typeof(bool) => "true or false",
            var type when type == typeof(TimeSpan) => "a duration such as \"00:01:30\"",
            var type when type == typeof(Uri) => "an address",
            var type when type == typeof(DateTimeOffset) || type == typeof(DateTime) || type == typeof(DateOnly) =>
                "a date in the form of ISO 8601",
            var type when type == typeof(float) || type == typeof(double) || type == typeof(decimal) => "a number",
            { IsPrimitive: true } type when type != typeof(char) => "a whole number in its range",
            _ => info.Kind switch
            {
                JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
                JsonTypeInfoKind.Enumerable => "a list",
                _ => "a text",
            },
        };

    /// <summary>The setting that a property is bound to, as definitions write it.</summary>
    public string NameOf(PropertyInfo property) =>
        Setting(
            contracts
                .GetTypeInfo(property.ReflectedType!)
                .Properties.FirstOrDefault(member => member.AttributeProvider is MemberInfo known && known.Name == property.Name)
                ?.Name
                ?? property.Name);

    /// <summary>The type of the value at a place; null if the type has no such place.</summary>
    public JsonTypeInfo? At(Type type, IEnumerable<string> path)
    {
        var info = contracts.GetTypeInfo(type);
        foreach (var segment in path)
        {
            if ((info.Kind == JsonTypeInfoKind.Object ? Find(info, segment)?.PropertyType : info.ElementType) is not { } below)
            {
                return null;
            }

            info = contracts.GetTypeInfo(below);
        }

        return info;
    }

    private IEnumerable<Node> Walk(Node node) =>
        (node.Value.ValueKind, node.Info.Kind) switch
        {
            (JsonValueKind.Object, JsonTypeInfoKind.Object) => node
                .Value.EnumerateObject()
                .SelectMany(property =>
                    Find(node.Info, property.Name) is { } member
                        ? Walk(new(property.Value, contracts.GetTypeInfo(member.PropertyType), member, [.. node.Path, property.Name]))
                        : []),
            (JsonValueKind.Object, JsonTypeInfoKind.Dictionary) => node
                .Value.EnumerateObject()
                .SelectMany(property => Walk(new(property.Value, Element(node.Info), null, [.. node.Path, property.Name]))),
            (JsonValueKind.Array, JsonTypeInfoKind.Enumerable) => node
                .Value.EnumerateArray()
                .SelectMany((item, index) => Walk(new(item, Element(node.Info), null, [.. node.Path, SettingPath.Segment(index)]))),
            _ => Enumerable.Empty<Node>(),
        }
            is var below
            ? below.Prepend(node)
            : [];

    private IEnumerable<string> Names(Node node)
    {
        if (node.Value.ValueKind != JsonValueKind.Object || node.Info.Kind != JsonTypeInfoKind.Object)
        {
            yield break;
        }

        var members = Members(node.Info).ToList();
        var inside = node.Path.Count == 0 ? "it" : $"'{SettingPath.Of(node.Path)}'";
        var takesAny = members.Exists(member => member.IsExtensionData);
        var names = node.Value.EnumerateObject().Select(property => property.Name);
        foreach (var name in names.Where(name => !takesAny && Find(node.Info, name) is null && !IsDiscriminator(node.Info, name)))
        {
            var known = members.ConvertAll(member => Setting(member.Name));
            yield return $"{inside} has no setting '{Excerpt.Of(name)}'.{Nearest.Hint(name, known)} Known: {string.Join(", ", known)}.";
        }

        var required = node.Info.Properties.Where(member => member.IsRequired);
        foreach (var missing in required.Where(member => !node.Value.EnumerateObject().Any(property => Same(property.Name, member.Name))))
        {
            yield return $"the setting '{SettingPath.Of([.. node.Path, Setting(missing.Name)])}' is missing.";
        }
    }

    private static string Plain(IReadOnlyList<string> path, SecretPlace place) => place == SecretPlace.Address
        ? $"the setting '{SettingPath.Of(path)}' holds a secret as a part of an address, which is stored in plain text. Remove it there, and name it in a setting for authentication: \"secret:NAME\"."
        : $"the setting '{SettingPath.Of(path)}' is a secret, and no definition may hold its value. Write \"secret:NAME\" there and give the host the value under that name.";

    /// <summary>Whether taking such a value away would take a fixed setting away.</summary>
    private bool HoldsFixed(JsonTypeInfo info, IReadOnlyList<Type> seen) =>
        info.Kind == JsonTypeInfoKind.Object
        && !seen.Contains(info.Type)
        && Members(info).Any(member => IsFixed(member) || HoldsFixed(contracts.GetTypeInfo(member.PropertyType), [.. seen, info.Type]));

    /// <summary>The properties of a type, and of its derived types in JSON.</summary>
    private IEnumerable<JsonPropertyInfo> Members(JsonTypeInfo info) =>
        info
            .Properties.Concat(
                info.PolymorphismOptions?.DerivedTypes.Where(derived => derived.DerivedType != info.Type)
                    .SelectMany(derived => contracts.GetTypeInfo(derived.DerivedType).Properties)
                    ?? [])
            .DistinctBy(member => member.Name);

    private JsonPropertyInfo? Find(JsonTypeInfo info, string name) =>
        Members(info).FirstOrDefault(member => Same(member.Name, name) && !member.IsExtensionData);

    private JsonTypeInfo Element(JsonTypeInfo info) => contracts.GetTypeInfo(info.ElementType!);

    private static bool IsDiscriminator(JsonTypeInfo info, string name) =>
        info.PolymorphismOptions is { } options && options.TypeDiscriminatorPropertyName == name;

    private static string Setting(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static SecretAttribute? SecretOf(JsonPropertyInfo member) =>
        member.AttributeProvider is MemberInfo property ? property.GetCustomAttribute<SecretAttribute>(inherit: true) : null;

    private static bool IsFixed(JsonPropertyInfo? member) =>
        member?.AttributeProvider is MemberInfo property && property.IsDefined(typeof(FixedAttribute), inherit: true);

    /// <summary>A value, the type that it is bound to, and its place.</summary>
    private sealed record Node(JsonElement Value, JsonTypeInfo Info, JsonPropertyInfo? Member, IReadOnlyList<string> Path);
}
