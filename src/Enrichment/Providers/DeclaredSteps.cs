using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment.Providers;

/// <summary>
/// Steps that no .NET host runs, each a JSON document: what the engine has to know of a step, and nothing of how it is done.
/// </summary>
internal static class DeclaredSteps
{
    /// <summary>Reads one document, or every <c>*.json</c> of a folder (of those below it none), in the order of their names.</summary>
    /// <exception cref="EnrichmentException">
    /// There is none, it cannot be read, or it declares no step; the message names file and place.
    /// </exception>
    public static IReadOnlyList<StepManifest> Load(string path)
    {
        if (!Directory.Exists(path))
        {
            return [Read(DefinitionNode.Load(path))];
        }

        string[] files = [.. Directory.EnumerateFiles(path, "*.json").Order(StringComparer.Ordinal)];
        return files.Length > 0
            ? [.. files.Select(file => Read(DefinitionNode.Load(file)))]
            : throw new EnrichmentException(
                $"The folder '{path}' declares no step: expected files such as {Path.Combine(path, "python.domain.json")}.");
    }

    /// <summary>Reads one document.</summary>
    /// <param name="json">The document. Comments and trailing commas are allowed.</param>
    /// <param name="source">Its name in errors, such as a file's name.</param>
    /// <exception cref="EnrichmentException">It declares no step; the message names the place and the expected form.</exception>
    public static StepManifest Parse(string json, string source = "step") => Read(DefinitionNode.Parse(json, source));

    private static StepManifest Read(DefinitionNode root)
    {
        var properties = root.Object(
            "a step",
            "step",
            "version",
            "reads",
            "produces",
            "entity",
            "pure",
            "safeToRepeat",
            "maxTries",
            "deadlineSeconds",
            "options",
            "limits");
        var manifest = new StepManifest
        {
            Slug = Required(root, properties, "step").Text("the slug of the step"),
            Version = Required(root, properties, "version").Text("a semantic version such as \"1.0.0\""),
            Reads = [.. Fields(properties, "reads").Select(field => field.Text("a field such as \"company.website\""))],
            Produces = [.. Fields(properties, "produces").Select(Produced)],
            Entity = properties.TryGetValue("entity", out var entity) ? EntityOf(entity) : null,
            Effects = EffectsOf(root, properties),
            Deadline = properties.TryGetValue("deadlineSeconds", out var deadline)
                ? TimeSpan.FromSeconds(deadline.Number("a number of seconds from 1 to 31536000"))
                : new StepManifest { Slug = "", Version = "" }.Deadline,
            MaxTries = properties.TryGetValue("maxTries", out var tries) ? tries.Number("a number of tries from 1 to 100") : 4,
            Settings = SettingsOf(properties),
        };
        return ManifestRules.Problems(manifest).Concat(ManifestRules.ProblemsOfDeclared(manifest)).FirstOrDefault() is { } problem
            ? throw root.Error(problem)
            : manifest;
    }

    private static StepEntity EntityOf(DefinitionNode node)
    {
        var properties = node.Object(
            "an entity",
            "kind",
            "keys",
            "companyKeys",
            "freshDays",
            "freshNotFoundDays",
            "callsWithoutKey",
            "mayBeShared");
        var usual = new StepEntity(
            Required(node, properties, "kind").Text("company, person, email, or a word of your own, whose keys are compared as text"),
            [.. Required(node, properties, "keys").List("the fields of reads that may hold the key").Select(FieldOf)]);
        return usual with
        {
            CompanyKeys = properties.ContainsKey("companyKeys") ? [.. Fields(properties, "companyKeys").Select(FieldOf)] : usual.CompanyKeys,
            Fresh = properties.TryGetValue("freshDays", out var fresh) ? Days(fresh) : usual.Fresh,
            FreshNotFound = properties.TryGetValue("freshNotFoundDays", out fresh) ? Days(fresh) : usual.FreshNotFound,
            CallsWithoutKey = properties.TryGetValue("callsWithoutKey", out var flag) && flag.Flag(),
            MayBeShared = properties.TryGetValue("mayBeShared", out flag) && flag.Flag(),
        };
    }

    private static string FieldOf(DefinitionNode node) => node.Text("a field such as \"company.domain\"");

    private static TimeSpan Days(DefinitionNode node) =>
        node.Element.ValueKind == JsonValueKind.Number
        && node.Element.GetDouble() is var days
        && days >= 0
        && days <= EntityPolicy.LongestFreshness.TotalDays
            ? TimeSpan.FromDays(days)
            : throw node.Unexpected($"a number of days from 0 to {EntityPolicy.LongestFreshness.TotalDays}");

    private static Effects EffectsOf(DefinitionNode root, Dictionary<string, DefinitionNode> properties)
    {
        var pure = properties.TryGetValue("pure", out var flag) && flag.Flag();
        var safe = properties.TryGetValue("safeToRepeat", out flag) && flag.Flag();
        return (pure, safe) switch
        {
            (true, true) => throw root.Error("the step is 'pure' and 'safeToRepeat'. A pure step has no call to repeat: keep one of them."),
            (true, _) => Effects.Pure,
            (_, true) => Effects.SafeToRepeat,
            _ => Effects.Review,
        };
    }

    // To the engine limits are a setting among the others, so that clients and pipelines can change them.
    private static JsonElement? SettingsOf(Dictionary<string, DefinitionNode> properties)
    {
        JsonElement? options = properties.TryGetValue("options", out var stated) ? StepSettings.Read(stated) : null;
        return properties.TryGetValue("limits", out var limits)
            ? StepSettings.Merge(
                options,
                JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement> { [CallLimits.Setting] = StepSettings.Read(limits) }))
            : options;
    }

    private static List<DefinitionNode> Fields(Dictionary<string, DefinitionNode> properties, string name) =>
        properties.TryGetValue(name, out var list) ? list.List("a list of fields") : [];

    private static ProducedField Produced(DefinitionNode node)
    {
        try
        {
            return ProducedField.Parse(node.Text("a field such as \"company.size\", or \"company.size=/data/size\""));
        }
        catch (FormatException exception)
        {
            throw node.Error(exception.Message);
        }
    }

    private static DefinitionNode Required(DefinitionNode node, Dictionary<string, DefinitionNode> properties, string name) =>
        properties.TryGetValue(name, out var value) ? value : throw node.Error($"'{name}' is missing.");
}
