using System.Collections.Concurrent;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>Counts the calls of each item, and lets a test act before the first of them answers.</summary>
public sealed class Vendor
{
    private readonly ConcurrentDictionary<(Guid Batch, int Item), int> calls = new();
    private Lazy<Task> before = new(Task.CompletedTask);

    /// <summary>How often each item was called for.</summary>
    public IReadOnlyCollection<int> Calls => [.. calls.Values];

    /// <summary>Forgets the calls, and runs something before the next one answers.</summary>
    public void Expect(Func<Task> first)
    {
        calls.Clear();
        before = new(() => Task.Run(first));
    }

    public async ValueTask<StepOutcome> AnswerAsync(StepContext context)
    {
        calls.AddOrUpdate((context.BatchId, context.Item), 1, (_, before) => before + 1);
        await before.Value;
        return StepOutcome.Completed("company.answer", $"{context.Item}").WithCost(0.01m);
    }
}

/// <summary>A vendor that is paid for every call.</summary>
[EnrichmentStep("fault.paid", "1.0.0", Reads = ["company.name"], Produces = ["company.answer"])]
public sealed class PaidStep(Vendor vendor) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => vendor.AnswerAsync(context);
}

/// <summary>A vendor that heeds the idempotency key.</summary>
[EnrichmentStep("fault.safe", "1.0.0", Reads = ["company.name"], Produces = ["company.answer"], SafeToRepeat = true)]
public sealed class SafeStep(Vendor vendor) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => vendor.AnswerAsync(context);
}

/// <summary>No vendor at all.</summary>
[EnrichmentStep("fault.pure", "1.0.0", Reads = ["company.name"], Produces = ["company.answer"], Pure = true)]
public sealed class PureStep(Vendor vendor) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => vendor.AnswerAsync(context);
}
