using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Enrichment;

/// <summary>
/// What the engine knows of a step without running it; stored with each batch, so that it holds for hosts that do not have the step.
/// </summary>
public sealed record StepManifest
{
    /// <summary>How pipelines name the step.</summary>
    public required string Slug { get; init; }
    /// <summary>The step's semantic version.</summary>
    public required string Version { get; init; }
    /// <summary>The fields that the step reads.</summary>
    public IReadOnlyList<string> Reads { get; init; } = [];
    /// <summary>The fields that the step's result may hold.</summary>
    public IReadOnlyList<ProducedField> Produces { get; init; } = [];
    /// <summary>What the step does outside the process.</summary>
    public Effects Effects { get; init; }
    /// <summary>How long one attempt may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>How many tries one generation has, the first included.</summary>
    public int MaxTries { get; init; } = 4;
    /// <summary>Whether the step implements <see cref="ICallbackReceiver"/>: a delivery may answer it later.</summary>
    public bool ReceivesCallbacks { get; init; }
    /// <summary>For a step that implements <see cref="IPollingStep"/>: the time between two polls. Null: it does not poll.</summary>
    public TimeSpan? PollInterval { get; init; }
    /// <summary>Whether external workers do the step: no host runs it, and each answer is a worker's report.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool External { get; init; }
    /// <summary>For a step that may be answered later: how long after the call its answer may come.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(1);
    /// <summary>For a step that implements <see cref="IBulkStep"/>: how many items one call takes at most. Null: it takes one.</summary>
    public int? BulkSize { get; init; }
    /// <summary>What the step's answers are about, so that items share them. Null: each item's answer is its own.</summary>
    public StepEntity? Entity { get; init; }
    /// <summary>
    /// The weakest layer of the step's settings, a JSON object that names secrets as <c>secret:NAME</c>. Null: only the defaults of its
    /// options type.
    /// </summary>
    public JsonElement? Settings { get; init; }
    /// <summary>Whether the step may be answered later.</summary>
    [JsonIgnore]
    public bool MayBeAnsweredLater => ReceivesCallbacks || External || PollInterval is not null;

    /// <summary>Reads the manifest of a step from its <see cref="EnrichmentStepAttribute"/>.</summary>
    /// <exception cref="ArgumentException">The type has no such attribute, or the attribute contradicts itself.</exception>
    public static StepManifest Of(Type step)
    {
        var declared =
            step.GetCustomAttribute<EnrichmentStepAttribute>()
            ?? throw new ArgumentException(
                $"{step} is not declared as a step. Add [EnrichmentStep(\"my.step\", \"1.0.0\")] to the class.",
                nameof(step));
        if (declared.Pure && declared.SafeToRepeat)
        {
            throw new ArgumentException(
                $"{step} is declared Pure and SafeToRepeat. A pure step has no call to repeat: keep one of them.",
                nameof(step));
        }

        if (declared.Pure
            && (step.IsAssignableTo(typeof(ICallbackReceiver))
                || step.IsAssignableTo(typeof(IPollingStep))
                || step.IsAssignableTo(typeof(IBulkStep))))
        {
            throw new ArgumentException(
                $"{step} is declared Pure, but is answered later or in bulk. A pure step makes no call: remove Pure, or the interface.",
                nameof(step));
        }

        return new()
        {
            Slug = declared.Slug,
            Version = declared.Version,
            Reads = declared.Reads,
            Produces = [.. declared.Produces.Select(ProducedField.Parse)],
            Effects = declared.Pure ? Effects.Pure : declared.SafeToRepeat ? Effects.SafeToRepeat : Effects.Review,
            Timeout = TimeSpan.FromSeconds(declared.TimeoutSeconds),
            MaxTries = declared.MaxTries,
            ReceivesCallbacks = step.IsAssignableTo(typeof(ICallbackReceiver)),
            PollInterval = step.IsAssignableTo(typeof(IPollingStep)) ? TimeSpan.FromSeconds(declared.PollSeconds) : null,
            Deadline = TimeSpan.FromSeconds(declared.DeadlineSeconds),
            BulkSize = step.IsAssignableTo(typeof(IBulkStep)) ? declared.BulkSize : null,
            Settings = declared.Limits is { } limits ? JsonElement.Parse($$"""{"limits":{{limits}}}""") : null,
            Entity = step.GetCustomAttribute<EntityAttribute>() is { } entity ? StepEntity.Of(entity) : null,
        };
    }
}
