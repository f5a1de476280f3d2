using System.Runtime.CompilerServices;
using Enrichment.Plans;
using Enrichment.Steps;

namespace Enrichment.Callbacks;

/// <summary>
/// How the deliveries of each stage prove themselves, asked of its step at most once a second: to bind the settings for each delivery took
/// longer than to check its signature.
/// </summary>
internal sealed class StageSchemes(StepActivator steps, TimeProvider time)
{
    // For so long a secret that the host has changed is not seen.
    private static readonly TimeSpan ServesFor = TimeSpan.FromSeconds(1);

    // Goes with the plans that are forgotten.
    private readonly ConditionalWeakTable<StagePlan, Known> known = [];

    /// <summary>The scheme; null if this host has no such step, or it receives nothing.</summary>
    /// <exception cref="EnrichmentException">The step's settings cannot be bound here and now.</exception>
    public CallbackAuthentication? Find(StagePlan plan)
    {
        if (known.TryGetValue(plan, out var found) && time.GetElapsedTime(found.At) < ServesFor)
        {
            return found.Scheme;
        }

        if (!steps.Has(plan.Stage))
        {
            return null;
        }

        var step = steps.Ready(plan);
        using var use = step.Begin();
        if (use.Step is not ICallbackReceiver receiver)
        {
            return null;
        }

        var fresh = new Known(receiver.Authentication(step.Options), time.GetTimestamp());
        known.AddOrUpdate(plan, fresh);
        return fresh.Scheme;
    }

    private sealed record Known(CallbackAuthentication Scheme, long At);
}
