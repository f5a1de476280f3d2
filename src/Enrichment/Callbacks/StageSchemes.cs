using System.Runtime.CompilerServices;
using Enrichment.Plans;
using Enrichment.Steps;

namespace Enrichment.Callbacks;

/// <summary>
/// The authentication of each stage's deliveries, which its step gives at most once a second: binding the settings for each delivery took
/// longer than checking its signature.
/// </summary>
internal sealed class StageSchemes(StepActivator steps, TimeProvider time)
{
    // For so long a secret that the host has changed is not seen.
    private static readonly TimeSpan ServesFor = TimeSpan.FromSeconds(1);

    // Deliveries that come meanwhile wait for it too, and vendors wait no longer than that.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // Goes with the plans that are forgotten.
    private readonly ConditionalWeakTable<StagePlan, Known> known = [];

    /// <summary>The scheme; null if this host has no such step, or it receives nothing.</summary>
    /// <exception cref="EnrichmentException">The step's settings cannot be bound here and now.</exception>
    public async ValueTask<CallbackAuthentication?> FindAsync(StagePlan plan, CancellationToken cancellationToken)
    {
        if (!known.TryGetValue(plan, out var found) || IsOver(found))
        {
            // Deliveries that come at once share the question: a vault would else be asked by each of them.
            lock (known)
            {
                if (!known.TryGetValue(plan, out found) || IsOver(found))
                {
                    found = new(new(() => SchemeOfAsync(plan)), time.GetTimestamp());
                    known.AddOrUpdate(plan, found);
                }
            }
        }

        return await found.Scheme.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private bool IsOver(Known found) =>
        found.Scheme is { IsValueCreated: true, Value: { IsCompleted: true } scheme }
        && (!scheme.IsCompletedSuccessfully || time.GetElapsedTime(found.At) >= ServesFor);

    private async Task<CallbackAuthentication?> SchemeOfAsync(StagePlan plan)
    {
        if (!steps.Has(plan.Stage))
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        var step = await steps.ReadyAsync(plan, patience.Token).ConfigureAwait(false);
        await using var use = step.Begin();
        return (use.Step as ICallbackReceiver)?.Authentication(step.Options);
    }

    private sealed record Known(Lazy<Task<CallbackAuthentication?>> Scheme, long At);
}
