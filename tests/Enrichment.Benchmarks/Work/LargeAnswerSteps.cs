namespace Enrichment.Benchmarks.Work;

/// <summary>A step that computes a large answer.</summary>
[EnrichmentStep(Slug, "1.0.0", Reads = ["company.website"], Produces = ["company.size"], Pure = true)]
internal sealed class LargePureStep(LargeVendor vendor) : IEnrichmentStep
{
    public const string Slug = "large.pure";

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(vendor.Answer());
}

/// <summary>A vendor that gives a large answer.</summary>
[EnrichmentStep(Slug, "1.0.0", Reads = ["company.website"], Produces = ["company.size"], SafeToRepeat = true)]
internal sealed class LargeOutsideStep(LargeVendor vendor) : IEnrichmentStep
{
    public const string Slug = "large.outside";

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => vendor.AnswerAsync(cancellationToken);
}

/// <summary>How large the answers are, how long the vendor takes, and how many calls it has had at once.</summary>
internal sealed class LargeVendor(int bytes, TimeSpan takes)
{
    private readonly Lock counting = new();
    private int waiting;

    /// <summary>The most calls that were in flight at once.</summary>
    public int Most { get; private set; }

    /// <summary>An object with one long text, made anew each time.</summary>
    public StepOutcome Answer()
    {
        var answer = new byte[bytes];
        answer.AsSpan().Fill((byte)'x');
        "{\"company.size\":\""u8.CopyTo(answer);
        "\"}"u8.CopyTo(answer.AsSpan(bytes - 2));
        return StepOutcome.CompletedJson(answer);
    }

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

        return Answer();
    }
}
