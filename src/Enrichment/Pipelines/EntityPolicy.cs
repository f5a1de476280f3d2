using System.Text.Json;

namespace Enrichment.Pipelines;

/// <summary>Which items share answers for an entity.</summary>
internal enum EntityScope
{
    /// <summary>The items of one client, in all batches.</summary>
    Client,

    /// <summary>The items of one batch alone.</summary>
    Batch,

    /// <summary>All clients that agree to it, for a step whose input is no client's own data.</summary>
    Shared,
}

/// <summary>
/// How a stage requests the entities of its step: the step's declaration, overridden by the property <c>$entity</c> of its layered
/// settings. Part of the snapshot.
/// </summary>
internal sealed record EntityPolicy
{
    /// <summary>Where the settings of a step speak of its entity; no property of an options type can have this name by chance.</summary>
    public const string Property = "$entity";

    /// <summary>As far back as request batches are looked through.</summary>
    public static readonly TimeSpan LongestFreshness = TimeSpan.FromDays(366);

    private const string Form =
        "an object such as {\"fresh\": \"30.00:00:00\", \"freshNotFound\": \"7.00:00:00\", \"scope\": \"client\", \"withoutKey\": \"skip\"}";

    public required TimeSpan Fresh { get; init; }

    public required TimeSpan FreshNotFound { get; init; }

    public EntityScope Scope { get; init; }

    /// <summary>Whether an item without a key gets a call of its own; else it is skipped.</summary>
    public bool CallsWithoutKey { get; init; }

    /// <summary>Whether answers of before the batch's launch do not serve.</summary>
    public bool Refresh { get; init; }

    /// <summary>The policy of a stage; null if its step has no entity.</summary>
    /// <param name="step">What the step declares.</param>
    /// <param name="layers">Its merged settings.</param>
    /// <param name="client">The client's own settings: only they may share its answers with other clients.</param>
    /// <param name="refresh">Whether the launch needs answers that are younger than itself.</param>
    /// <param name="settings">The settings without those of the entity; null if nothing is left.</param>
    /// <param name="problems">What is wrong.</param>
    public static EntityPolicy? Of(
        StepManifest step,
        JsonElement? layers,
        JsonElement? client,
        bool refresh,
        out JsonElement? settings,
        out IReadOnlyList<string> problems)
    {
        problems = [];
        settings = layers;
        var said = Said(layers);
        if (said is not null)
        {
            var left = layers!
                .Value.EnumerateObject()
                .Where(property => !IsPolicy(property))
                .ToDictionary(property => property.Name, property => property.Value);
            settings = left.Count == 0 ? null : JsonSerializer.SerializeToElement(left);
        }

        if (step.Entity is not { } entity)
        {
            problems = said is null ? [] : [$"its settings have '{Property}', but the step declares no entity. Remove it."];
            return null;
        }

        var policy = new EntityPolicy
        {
            Fresh = entity.Fresh,
            FreshNotFound = entity.FreshNotFound,
            CallsWithoutKey = entity.CallsWithoutKey,
            Refresh = refresh,
        };
        try
        {
            policy = said is { } words ? policy.With(new(words, "settings", $"$.{Property}")) : policy;
        }
        catch (EnrichmentException exception)
        {
            problems = [exception.Message];
            return policy;
        }

        if (policy.Scope == EntityScope.Shared)
        {
            problems = [.. SharingProblems(entity, client)];
        }

        return policy;
    }

    // Layers are merged without regard to case.
    private static bool IsPolicy(JsonProperty property) => string.Equals(property.Name, Property, StringComparison.OrdinalIgnoreCase);

    private static JsonElement? Said(JsonElement? settings) =>
        settings is { } merged
        && merged.EnumerateObject().FirstOrDefault(IsPolicy) is { Value: { ValueKind: not JsonValueKind.Undefined } policy }
            ? policy
            : null;

    private static IEnumerable<string> SharingProblems(StepEntity entity, JsonElement? client)
    {
        if (!entity.MayBeShared)
        {
            yield return "its answers cannot be shared with other clients: the step does not declare that its input holds no client's data (MayBeShared).";
        }

        var isShared = Said(client) is { } said
            && said.ValueKind == JsonValueKind.Object
            && said.TryGetProperty("scope", out var scope)
            && scope.ValueEquals("shared");
        if (!isShared)
        {
            yield return $"its answers may be shared with other clients only if this client's own definition says so: \"steps\": {{\"…\": {{\"{Property}\": {{\"scope\": \"shared\"}}}}}}.";
        }
    }

    private EntityPolicy With(DefinitionNode node)
    {
        if (node.Element.ValueKind != JsonValueKind.Object)
        {
            throw node.Unexpected(Form);
        }

        var policy = this;
        foreach (var (name, value) in node.Object("an entity's settings", "fresh", "freshNotFound", "scope", "withoutKey"))
        {
            policy = name switch
            {
                "fresh" => policy with { Fresh = Window(value) },
                "freshNotFound" => policy with { FreshNotFound = Window(value) },
                "scope" => policy with { Scope = ScopeOf(value) },
                _ => policy with { CallsWithoutKey = CallsOf(value) },
            };
        }

        return policy;
    }

    private static TimeSpan Window(DefinitionNode node) =>
        node.Duration("how long an answer is fresh") is var window && window >= TimeSpan.Zero && window <= LongestFreshness
            ? window
            : throw node.Unexpected($"0 to {LongestFreshness}");

    private static EntityScope ScopeOf(DefinitionNode node) => node.Text("batch, client or shared") switch
    {
        "batch" => EntityScope.Batch,
        "client" => EntityScope.Client,
        "shared" => EntityScope.Shared,
        _ => throw node.Unexpected("batch, client or shared"),
    };

    private static bool CallsOf(DefinitionNode node) => node.Text("skip or call") switch
    {
        "skip" => false,
        "call" => true,
        _ => throw node.Unexpected("skip or call"),
    };
}
