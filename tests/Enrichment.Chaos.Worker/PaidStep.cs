namespace Enrichment.Chaos.Worker;

/// <summary>
/// Stands for a paid vendor that does not recognise repeated calls: notes each one outside the store, takes 1 to 5 milliseconds, and
/// refuses one attempt in five.
/// </summary>
[EnrichmentStep("chaos.paid", "1.0.0", Reads = ["company.name"], Produces = ["company.label"])]
public sealed class PaidStep(Ledger ledger) : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ledger.Write(context);
        await Task.Delay(TimeSpan.FromMilliseconds(1 + (context.Item % 5)), context.TimeProvider, cancellationToken);
        return (context.Item + context.Attempt) % 5 == 0
            ? StepOutcome.Failed("The vendor refuses.")
            : StepOutcome.Completed("company.label", $"{context.Record.Text("company.name")} #{context.Item}");
    }
}
