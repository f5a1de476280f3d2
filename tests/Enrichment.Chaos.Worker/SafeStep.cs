namespace Enrichment.Chaos.Worker;

/// <summary>
/// Stands for a paid vendor that recognises repeated calls: notes each one outside the store, then takes 1 to 5 milliseconds to answer.
/// </summary>
[EnrichmentStep("chaos.safe", "1.0.0", Reads = ["company.label"], Produces = ["company.size"], SafeToRepeat = true)]
public sealed class SafeStep(Ledger ledger) : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        ledger.Write(context);
        await Task.Delay(TimeSpan.FromMilliseconds(1 + (context.Item % 5)), context.TimeProvider, cancellationToken);
        return StepOutcome.Completed([new("company.size", context.Record.Text("company.label")?.Length)]);
    }
}
