namespace Enrichment.Interop.Tests;

/// <summary>
/// Has effects outside, so that its attempts are on record before each call; a few milliseconds long, so that calls overlap.
/// </summary>
[EnrichmentStep("interop.vendor", "1.0.0", Reads = ["person.email"], Produces = ["person.score"], SafeToRepeat = true)]
public sealed class VendorStep(Vendor vendor) : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        vendor.Called();
        await Task.Delay(TimeSpan.FromMilliseconds(1 + (context.Item % 5)), context.TimeProvider, cancellationToken);
        return StepOutcome.Completed([new("person.score", context.Record.Text("person.email")?.Length)]);
    }
}
