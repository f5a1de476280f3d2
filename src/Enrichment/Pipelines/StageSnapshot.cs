using System.Text.Json;
using System.Text.Json.Serialization;

namespace Enrichment.Pipelines;

/// <summary>One stage as it was at launch: everything that a host needs to run it or to leave it to another.</summary>
internal sealed record StageSnapshot
{
    /// <summary>What the resolved step declares, its slug and exact version included.</summary>
    public required StepManifest Manifest { get; init; }

    public Condition? When { get; init; }

    public bool Optional { get; init; }

    /// <summary>The merged settings, secrets by name only; null if no layer says anything.</summary>
    public JsonElement? Settings { get; init; }

    /// <summary>Which of the settings clients and launches said, the strongest last; null if none did.</summary>
    public IReadOnlyList<SettingsOverride>? Overrides { get; init; }

    /// <summary>What the vendor allows; null: the engine holds nothing back.</summary>
    public CallLimits? Limits { get; init; }

    public required RetryPolicy Retry { get; init; }

    public required TimeSpan Timeout { get; init; }

    /// <summary>How its entity is requested; null if its step has none.</summary>
    public EntityPolicy? Entity { get; init; }

    /// <summary>
    /// Whether no item of this stage makes a call of its own: each waits for its entity. Any host can do that, also one that does not have
    /// the step.
    /// </summary>
    [JsonIgnore]
    public bool OnlyRequests => Entity is { CallsWithoutKey: false };

    /// <summary>The fields that this stage wants to know: for its condition and for its step.</summary>
    public IEnumerable<string> Fields() => When is null ? Manifest.Reads : Manifest.Reads.Concat(When.Fields);
}
