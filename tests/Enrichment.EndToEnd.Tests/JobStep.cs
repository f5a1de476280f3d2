using System.Collections.Concurrent;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A step whose answers are fetched: what its call and its polls say is its test's to decide, by the options' script.</summary>
[EnrichmentStep(
    "test.job",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    PollSeconds = 0.01,
    DeadlineSeconds = 600,
    MaxTries = 3,
    Options = typeof(ScriptOptions))]
public class JobStep : IPollingStep
{
    private static readonly ConcurrentDictionary<
        string,
        (Func<StepContext, StepOutcome> Call, Func<AttemptContext, CancellationToken, Task<StepOutcome>> Poll)
    > Scripts = new();

    public static object Script(Func<StepContext, StepOutcome> call, Func<AttemptContext, CancellationToken, Task<StepOutcome>> poll)
    {
        var name = Guid.NewGuid().ToString("n");
        Scripts[name] = (call, poll);
        return new { script = name };
    }

    public static object Script(Func<StepContext, StepOutcome> call, Func<AttemptContext, StepOutcome> poll) =>
        Script(call, (context, _) => Task.FromResult(poll(context)));

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(Scripts[context.Options<ScriptOptions>().Script].Call(context));

    public async ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken) =>
        await Scripts[context.Options<ScriptOptions>().Script].Poll(context, cancellationToken);
}

/// <summary>The same with a deadline that passes while a test watches.</summary>
[EnrichmentStep(
    "test.short-job",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    PollSeconds = 0.01,
    DeadlineSeconds = 0.3,
    Options = typeof(ScriptOptions))]
public sealed class ShortJobStep : JobStep;

/// <summary>
/// The same with a time for each call and poll that a test can wait for, and that a slow machine does not need for one that ends.
/// </summary>
[EnrichmentStep(
    "test.brief-job",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    PollSeconds = 0.01,
    DeadlineSeconds = 600,
    TimeoutSeconds = 2,
    Options = typeof(ScriptOptions))]
public sealed class BriefJobStep : JobStep;

/// <summary>A step that takes three items with one call.</summary>
[EnrichmentStep(
    "test.bulk",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    BulkSize = 3,
    MaxTries = 2,
    SafeToRepeat = true,
    Options = typeof(ScriptOptions))]
public sealed class BulkStep : IBulkStep
{
    private static readonly ConcurrentDictionary<
        string,
        Func<IReadOnlyList<StepContext>, IReadOnlyDictionary<string, StepOutcome>?>
    > Scripts = new();

    public static object Script(Func<IReadOnlyList<StepContext>, IReadOnlyDictionary<string, StepOutcome>?> call)
    {
        var name = Guid.NewGuid().ToString("n");
        Scripts[name] = call;
        return new { script = name };
    }

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("a bulk step is called with several items");

    public ValueTask<IReadOnlyDictionary<string, StepOutcome>> ExecuteAsync(
        IReadOnlyList<StepContext> contexts,
        CancellationToken cancellationToken) => new(Scripts[contexts[0].Options<ScriptOptions>().Script](contexts)!);
}
