using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace Enrichment.Pipelines;

/// <summary>Turns settings into an instance of a step's options type, validated, or says everything that is wrong with them.</summary>
internal static partial class OptionsBinder
{
    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private static readonly OptionsShape Shape = new(Json);

    /// <summary>Binds the settings of one stage.</summary>
    /// <param name="type">The step's options type; null if it takes none.</param>
    /// <param name="settings">The merged layers; null if none says anything.</param>
    /// <param name="context">The step and the client.</param>
    /// <param name="cancellationToken">Ends the wait for secrets.</param>
    /// <returns>The options, null if something is wrong; and what is wrong, without any secret's value.</returns>
    public static async ValueTask<(BoundOptions? Options, IReadOnlyList<string> Problems)> BindAsync(
        Type? type,
        JsonElement? settings,
        BindingContext context,
        CancellationToken cancellationToken)
    {
        // No secret is resolved for a layer that may not name it.
        if (Misshapen(type, settings, context) is { Count: > 0 } problems)
        {
            return (null, problems);
        }

        var secrets = type is null ? [] : await ResolveAsync(settings ?? Nothing, context, cancellationToken).ConfigureAwait(false);
        return Bind(type, settings, context, secrets);
    }

    /// <summary>As <see cref="BindAsync"/>, of settings that may name no secret.</summary>
    public static (BoundOptions? Options, IReadOnlyList<string> Problems) BindPlain(
        Type type,
        JsonElement settings,
        BindingContext context) =>
        Misshapen(type, settings, context) is { Count: > 0 } problems ? (null, problems) : Bind(type, settings, context, []);

    private static List<string> Misshapen(Type? type, JsonElement? settings, BindingContext context) =>
        type is not null
            ? [.. context.Overrides.SelectMany(layer => Shape.Problems(layer, type)), .. Shape.Problems(settings ?? Nothing, type)]
        : settings is { } given && given.EnumerateObject().Any()
            ? [$"it takes no settings, but has {string.Join(", ", given.EnumerateObject().Select(property => $"'{Excerpt.Of(property.Name)}'"))}. Remove them."]
        : [];

    /// <summary>The values of the secrets that settings name, each asked for once; null for one that is not there.</summary>
    private static async ValueTask<Dictionary<(string Name, SettingsLayer Layer), string?>> ResolveAsync(
        JsonElement settings,
        BindingContext context,
        CancellationToken cancellationToken)
    {
        var secrets = new Dictionary<(string Name, SettingsLayer Layer), string?>();
        foreach (var (name, path) in SecretReference.Places(settings).Where(place => SecretReference.IsName(place.Name)))
        {
            var layer = context.LayerOf(SecretReference.Prefix + name, path);
            if (!secrets.ContainsKey((name, layer)))
            {
                var request = new SecretRequest(name, context.Client, context.Step.Slug, layer);
                secrets.Add((name, layer), await context.Secrets(request, cancellationToken).ConfigureAwait(false));
            }
        }

        return secrets;
    }

    private static (BoundOptions? Options, IReadOnlyList<string> Problems) Bind(
        Type? type,
        JsonElement? settings,
        BindingContext context,
        Dictionary<(string Name, SettingsLayer Layer), string?> secrets)
    {
        if (type is null)
        {
            return (new(null, Redactor.None), []);
        }

        var resolved = new ResolvedSettings(settings ?? Nothing, context, secrets);
        var problems = resolved.Problems;
        return problems.Count == 0 && Read(type, resolved, context, problems) is { } options
            ? (new(options, resolved.Redactor), problems)
            : (null, problems);
    }

    /// <summary>
    /// An options type is foreign code: its constructor, setters, converters and validation may throw anything, and may quote what they
    /// were given.
    /// </summary>
    private static object? Read(Type type, ResolvedSettings settings, BindingContext binding, List<string> problems)
    {
        try
        {
            var options = JsonSerializer.Deserialize(settings.Json, type, Json)!;
            var faults = Faults(options, binding);
            if (faults.Count == 0)
            {
                return options;
            }

            problems.AddRange(
                faults.Select(fault =>
                    settings.Redactor.Redact(fault.ErrorMessage ?? $"{string.Join(", ", fault.MemberNames)} is not valid.")
                    + settings.Sources(fault.MemberNames)));
        }
        catch (JsonException exception)
        {
            problems.Add(settings.Redactor.Redact(Describe(exception, type)));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            problems.Add(settings.Redactor.Redact($"its options refuse the settings: {exception.Message}"));
        }

        return null;
    }

    /// <summary>What the attributes of the options and their own check say. Properties have the names of their settings.</summary>
    private static List<ValidationResult> Faults(object options, BindingContext binding)
    {
        var faults = new List<ValidationResult>();
        var validated = options.GetType().GetProperties().Where(property => property.IsDefined(typeof(ValidationAttribute), inherit: true));
        foreach (var property in validated)
        {
            var name = Shape.NameOf(property);
            var attributes = property.GetCustomAttributes<ValidationAttribute>(inherit: true);
            Validator.TryValidateValue(property.GetValue(options)!, Context(name), faults, attributes);
        }

        if (faults.Count == 0)
        {
            Validator.TryValidateObject(options, Context(null), faults);
        }

        return faults;

        ValidationContext Context(string? name)
        {
            var context = name is null ? new ValidationContext(options) : new(options) { MemberName = name, DisplayName = name };
            context.InitializeServiceProvider(wanted =>
                wanted == typeof(StepManifest) ? binding.Step : binding.Services?.GetService(wanted));
            return context;
        }
    }

    /// <summary>
    /// What an author of JSON can mend. The serializer's own messages speak of types; those of converters are their authors' words.
    /// </summary>
    private static string Describe(JsonException exception, Type type)
    {
        var end = exception.Message.IndexOf(" Path:", StringComparison.Ordinal);
        var message = end < 0 ? exception.Message : exception.Message[..end];
        string[] path = [.. Segments().Matches(exception.Path ?? "").Select(segment => segment.Groups["name"].Value)];
        var place = path.Length == 0 ? "its settings cannot be read" : $"the setting '{SettingPath.Of(path)}' cannot be read";
        var own =
            message.StartsWith("The JSON ", StringComparison.Ordinal)
            || message.StartsWith("JSON deserialization ", StringComparison.Ordinal)
            || message.StartsWith("The property or field ", StringComparison.Ordinal)
            || message.StartsWith("The constructor parameter ", StringComparison.Ordinal);
        return !own ? $"{place}: {message}"
            : Shape.At(type, path) is { } info ? $"{place}: expected {OptionsShape.Expected(info)}."
            : $"{place}: it does not have the form that the step expects.";
    }

    [GeneratedRegex(@"\.(?<name>[^.\[]+)|\['(?<name>[^']*)'\]|\[(?<name>\d+)\]", RegexOptions.NonBacktracking)]
    private static partial Regex Segments();
}
