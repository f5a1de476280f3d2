using System.Collections.Concurrent;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A vendor of companies who answers at once: what it says is its test's to decide, by the options' script.</summary>
[EnrichmentStep(
    "test.company",
    "1.0.0",
    Reads = ["company.website"],
    Produces = ["company.size"],
    SafeToRepeat = true,
    MaxTries = 2,
    Options = typeof(ScriptOptions))]
[Entity("company", "company.website", MayBeShared = true)]
public sealed class CompanyStep : IEnrichmentStep
{
    private static readonly ConcurrentDictionary<string, Func<StepContext, StepOutcome>> Scripts = new();

    public static object Script(string name, Func<StepContext, StepOutcome> behaviour)
    {
        Scripts[name] = behaviour;
        return new { script = name };
    }

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => Play(context);

    internal static ValueTask<StepOutcome> Play(StepContext context) => new(Scripts[context.Options<ScriptOptions>().Script](context));
}

/// <summary>A vendor of companies that is told the name as well.</summary>
[EnrichmentStep(
    "test.company-told",
    "1.0.0",
    Reads = ["company.website", "company.name"],
    Produces = ["company.size"],
    SafeToRepeat = true,
    MaxTries = 2,
    Options = typeof(ScriptOptions))]
[Entity("company", "company.website", MayBeShared = true)]
public sealed class CompanyToldStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => CompanyStep.Play(context);
}

/// <summary>The same of a vendor with whom nothing may be repeated blindly.</summary>
[EnrichmentStep("test.company-order", "1.0.0", Reads = ["company.website"], Produces = ["company.size"], Options = typeof(ScriptOptions))]
[Entity("company", "company.website")]
public sealed class CompanyOrderStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => CompanyStep.Play(context);
}

/// <summary>The same of a vendor whose answers are fetched later.</summary>
[EnrichmentStep(
    "test.company-job",
    "1.0.0",
    Reads = ["company.website"],
    Produces = ["company.size"],
    PollSeconds = 0.01,
    DeadlineSeconds = 600,
    Options = typeof(ScriptOptions))]
[Entity("company", "company.website", CallsWithoutKey = true)]
public sealed class CompanyJobStep : IPollingStep
{
    public static readonly ConcurrentDictionary<string, ConcurrentBag<string>> Calls = new();

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        Calls.GetOrAdd(context.Options<ScriptOptions>().Script, _ => []).Add(context.IdempotencyKey);
        return new(StepOutcome.AwaitingPoll(context.Record.Text("company.website") ?? "nothing"));
    }

    public ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken) =>
        new(StepOutcome.Completed("company.size", $"size of {context.Reference}"));
}
