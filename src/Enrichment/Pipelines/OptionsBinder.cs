using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Enrichment.Pipelines;

/// <summary>Turns settings into an instance of a step's options type, validated, or says everything that is wrong with them.</summary>
internal static class OptionsBinder
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new object());

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Binds the settings of one stage.</summary>
    /// <param name="type">The step's options type; null if it takes none.</param>
    /// <param name="settings">The merged layers; null if none says anything.</param>
    /// <param name="resolver">Where secrets come from. What it throws is passed on.</param>
    /// <param name="manifest">What the step declares; an options type that validates itself may ask its context for it.</param>
    /// <param name="problems">What is wrong, without any secret's value.</param>
    /// <returns>The options; null if the step takes none or something is wrong.</returns>
    public static object? Bind(Type? type, JsonElement? settings, SecretResolver resolver, StepManifest manifest, out IReadOnlyList<string> problems)
    {
        if (type is null)
        {
            problems = settings is { } given && given.EnumerateObject().Any()
                ? [$"it takes no settings, but has {string.Join(", ", given.EnumerateObject().Select(property => $"'{Excerpt.Of(property.Name)}'"))}. Remove them."]
                : [];
            return null;
        }

        var found = new List<string>();
        problems = found;
        found.AddRange(NameProblems(type, settings ?? Nothing));
        var resolved = new ResolvedSettings(settings ?? Nothing, resolver);
        found.AddRange(resolved.Problems);
        return found.Count == 0 ? Read(type, resolved, manifest, found) : null;
    }

    private static IEnumerable<string> NameProblems(Type type, JsonElement settings)
    {
        var known = Json.GetTypeInfo(type).Properties;
        foreach (var property in settings.EnumerateObject())
        {
            var target = known.FirstOrDefault(k => string.Equals(k.Name, property.Name, StringComparison.OrdinalIgnoreCase));
            if (target is null)
            {
                var names = known.Select(k => k.Name).ToList();
                yield return $"it has no setting '{Excerpt.Of(property.Name)}'.{Nearest.Hint(property.Name, names)} Known: {string.Join(", ", names)}.";
            }
            else if (IsSecret(target) && !(property.Value.ValueKind == JsonValueKind.String && SecretReference.IsReference(property.Value.GetString()!)))
            {
                yield return $"the setting '{property.Name}' is a secret and must not stand in a definition. Write \"secret:NAME\" there and give the host the value under that name.";
            }
        }
    }

    private static bool IsSecret(JsonPropertyInfo property) => property.AttributeProvider?.IsDefined(typeof(SecretAttribute), inherit: true) == true;

    /// <summary>An options type is foreign code: its constructor, setters, converters and validation may throw anything, and may quote what they were given.</summary>
    private static object? Read(Type type, ResolvedSettings settings, StepManifest manifest, List<string> problems)
    {
        try
        {
            var options = JsonSerializer.Deserialize(settings.Json, type, Json)!;
            var results = new List<ValidationResult>();
            var context = new ValidationContext(options);
            context.InitializeServiceProvider(type => type == typeof(StepManifest) ? manifest : null);
            if (Validator.TryValidateObject(options, context, results, validateAllProperties: true))
            {
                return options;
            }

            problems.AddRange(results.Select(result => settings.Redact(result.ErrorMessage ?? $"{string.Join(", ", result.MemberNames)} is not valid.") + settings.Sources(result.MemberNames)));
        }
        catch (JsonException exception)
        {
            problems.Add(settings.Redact(Describe(exception)));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            problems.Add(settings.Redact($"its options {type} refuse the settings: {exception.Message}"));
        }

        return null;
    }

    private static string Describe(JsonException exception)
    {
        var end = exception.Message.IndexOf(" Path:", StringComparison.Ordinal);
        var message = end < 0 ? exception.Message : exception.Message[..end];
        return exception.Path is null or "$" ? message : $"the setting '{exception.Path.TrimStart('$', '.')}' cannot be read: {message}";
    }
}
