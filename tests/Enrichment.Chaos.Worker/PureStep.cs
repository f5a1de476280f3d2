namespace Enrichment.Chaos.Worker;

/// <summary>Computes for 1 to 5 milliseconds.</summary>
[EnrichmentStep("chaos.pure", "1.0.0", Reads = ["company.name"], Produces = ["company.label"], Pure = true)]
public sealed class PureStep : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1 + (context.Item % 5)), context.TimeProvider, cancellationToken);
        return StepOutcome.Completed("company.label", $"{context.Record.Text("company.name")} #{context.Item}");
    }
}
