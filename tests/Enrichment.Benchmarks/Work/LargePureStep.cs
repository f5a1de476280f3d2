namespace Enrichment.Benchmarks.Work;

/// <summary>A step that computes a large answer.</summary>
[EnrichmentStep("bench.large", "1.0.0", Reads = ["company.website"], Produces = ["company.size"], Pure = true)]
internal sealed class LargePureStep(LargeAnswer answer) : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) => new(answer.Make());
}

/// <summary>An object with one long text, made anew each time.</summary>
/// <param name="Bytes">How large it is.</param>
internal sealed record LargeAnswer(int Bytes)
{
    public StepOutcome Make()
    {
        var answer = new byte[Bytes];
        answer.AsSpan().Fill((byte)'x');
        "{\"company.size\":\""u8.CopyTo(answer);
        "\"}"u8.CopyTo(answer.AsSpan(Bytes - 2));
        return StepOutcome.CompletedJson(answer);
    }
}
