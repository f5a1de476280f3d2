using System.Collections.Concurrent;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A vendor that answers nobody until so many have come; then it answers all.</summary>
public sealed class GatheringVendor(int expected)
{
    private static readonly ConcurrentDictionary<string, GatheringVendor> Vendors = new();

    private readonly TaskCompletionSource gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int waiting;

    /// <summary>How many have come.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    /// <summary>Ends when all have come.</summary>
    public Task Gathered => gathered.Task;

    /// <summary>Whether it answers as soon as all have come; else when it is told to.</summary>
    public bool AnswersThen { get; init; } = true;

    /// <summary>Whether its calls block their threads.</summary>
    public bool Blocks { get; init; }

    /// <summary>The options of a step that calls it.</summary>
    public object Options()
    {
        var name = Guid.NewGuid().ToString("n");
        Vendors[name] = this;
        return new { script = name };
    }

    public void Answer() => open.TrySetResult();

    internal static async ValueTask<StepOutcome> CallAsync(StepContext context)
    {
        if (context.Is("quick"))
        {
            return StepOutcome.Completed("company.answer", "quick");
        }

        var vendor = Vendors[context.Options<ScriptOptions>().Script];
        if (Interlocked.Increment(ref vendor.waiting) == vendor.Expected)
        {
            vendor.gathered.SetResult();
            if (vendor.AnswersThen)
            {
                vendor.Answer();
            }
        }

        if (vendor.Blocks)
        {
            vendor.open.Task.GetAwaiter().GetResult();
        }

        await vendor.open.Task;
        return StepOutcome.Completed("company.answer", "slow");
    }

    private int Expected => expected;
}

/// <summary>Calls a <see cref="GatheringVendor"/>, once for each item.</summary>
[EnrichmentStep(
    "test.gathering",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    SafeToRepeat = true,
    TimeoutSeconds = 600,
    Options = typeof(ScriptOptions))]
public sealed class GatheringStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        GatheringVendor.CallAsync(context);
}

/// <summary>Calls it once for each company.</summary>
[EnrichmentStep(
    "test.gathering-company",
    "1.0.0",
    Reads = ["company.name", "company.website"],
    Produces = ["company.answer"],
    SafeToRepeat = true,
    TimeoutSeconds = 600,
    Options = typeof(ScriptOptions))]
[Entity("company", "company.website")]
public sealed class GatheringCompanyStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        GatheringVendor.CallAsync(context);
}

/// <summary>Reads from it: a step without effects outside.</summary>
[EnrichmentStep(
    "test.gathering-pure",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.answer"],
    Pure = true,
    TimeoutSeconds = 600,
    Options = typeof(ScriptOptions))]
public sealed class GatheringPureStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        GatheringVendor.CallAsync(context);
}
