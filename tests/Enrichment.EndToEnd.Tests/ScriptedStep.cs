using System.Collections.Concurrent;
using System.Text.Json;

namespace Enrichment.EndToEnd.Tests;

/// <summary>
/// Does what its test says, by the row's <c>Company Name</c>. One behaviour a test: keyed by the options'
/// <see cref="ScriptOptions.Script"/>.
/// </summary>
[EnrichmentStep(
    "test.scripted",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    SafeToRepeat = true,
    Options = typeof(ScriptOptions))]
public sealed class ScriptedStep : IEnrichmentStep
{
    private static readonly ConcurrentDictionary<string, Func<StepContext, StepOutcome>> Scripts = new();

    public static object Script(Func<StepContext, StepOutcome> behaviour)
    {
        var name = Guid.NewGuid().ToString("n");
        Scripts[name] = behaviour;
        return new { script = name };
    }

    public static JsonElement ScriptJson(Func<StepContext, StepOutcome> behaviour) => JsonSerializer.SerializeToElement(Script(behaviour));

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(Scripts[context.Options<ScriptOptions>().Script](context));
}

public sealed class ScriptOptions
{
    public required string Script { get; init; }

    public string? Note { get; init; }

    [Secret]
    public string? ApiKey { get; init; }
}

public static class Outcomes
{
    public static StepOutcome Named(this StepContext context) =>
        StepOutcome.Completed("company.answer", context.Record.Text("company.name")!.ToUpperInvariant());

    public static bool Is(this StepContext context, params string[] names) => names.Contains(context.Record.Text("company.name"));
}
