namespace Enrichment.Chaos.Worker;

/// <summary>Takes its process down for companies of two names: by kill -9, and by a failure that .NET does not survive.</summary>
[EnrichmentStep("chaos.killer", "1.0.0", Reads = ["company.name"], Produces = ["company.label"], Pure = true)]
public sealed class KillerStep : IEnrichmentStep
{
    public const string Kill = "kill";
    public const string FailFast = "fail fast";

    /// <summary>Takes long, so that it is under way whenever its neighbour strikes.</summary>
    public const string Slow = "slow";

    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var name = context.Record.Text("company.name");
        switch (name)
        {
            case Kill:
                Signals.Send(Environment.ProcessId, Signals.Kill);
                break;
            case FailFast:
                Environment.FailFast("This item kills its host.");
                break;
            case Slow:
                await Task.Delay(TimeSpan.FromSeconds(1), context.TimeProvider, cancellationToken);
                break;
            default:
                await Task.Delay(TimeSpan.FromMilliseconds(1 + (context.Item % 5)), context.TimeProvider, cancellationToken);
                break;
        }

        return StepOutcome.Completed("company.label", name);
    }
}
