using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// Makes the step ready with its settings and secrets. If this host cannot make it, every item fails with the reason.
/// </summary>
internal sealed class ActivateStep(StepActivator steps, WriteOutcomes write) : Phase
{
    public override string Name => "activate step";

    public override async ValueTask<IReadOnlyList<ClaimedItem>> RunAsync(
        ClaimedWork work,
        IReadOnlyList<ClaimedItem> items,
        CancellationToken stop)
    {
        try
        {
            work.Step = await steps.ReadyAsync(work.Plan, stop).ConfigureAwait(false);
            return items;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return []; // Nothing was begun: the items are given back with their lease.
        }
        catch (EnrichmentException exception)
        {
            var outcome = StepOutcome.Failed(exception.Message, ErrorClass.Configuration);
            await write.WriteAsync(work, [.. items.Select(item => work.Plan.OutcomeRules.NotCalled(item, outcome))]).ConfigureAwait(false);
            return [];
        }
    }
}
