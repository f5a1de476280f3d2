namespace Enrichment.Benchmarks.Work;

/// <summary>A vendor that takes its time, called once for each item.</summary>
[EnrichmentStep("bench.slow", "1.0.0", Reads = ["company.website"], Produces = ["company.size"], SafeToRepeat = true)]
internal sealed class SlowVendorStep(SlowVendor vendor) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        vendor.AnswerAsync(cancellationToken);
}

/// <summary>The same vendor, called once for each company.</summary>
[EnrichmentStep("bench.slow.company", "1.0.0", Reads = ["company.website"], Produces = ["company.size"], SafeToRepeat = true)]
[Entity("company", "company.website")]
internal sealed class SlowCompanyStep(SlowVendor vendor) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        vendor.AnswerAsync(cancellationToken);
}

/// <summary>How long the vendor takes, what it answers, and how many calls it has had at once.</summary>
internal sealed class SlowVendor(TimeSpan takes, Func<StepOutcome> answer)
{
    private readonly Lock counting = new();
    private int waiting;

    /// <summary>The most calls that were in flight at once.</summary>
    public int Most { get; private set; }

    public async ValueTask<StepOutcome> AnswerAsync(CancellationToken cancellationToken)
    {
        lock (counting)
        {
            Most = Math.Max(Most, ++waiting);
        }

        await Task.Delay(takes, TimeProvider.System, cancellationToken);
        lock (counting)
        {
            waiting--;
        }

        return answer();
    }
}
