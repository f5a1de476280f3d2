using Enrichment.Callbacks;
using Enrichment.Entities;
using Enrichment.Plans;

namespace Enrichment.Execution;

/// <summary>Makes the claimed work of a worker's run.</summary>
internal sealed record ClaimedWorkFactory(
    IEnrichmentStore Store, StoreRetry Calls, StepActivator Steps, EntityRequests EntityRequests, CallbackTokens Callbacks, OutcomeWriter Writer, CallPermits Permits, StepHost Host)
{
    /// <summary>Makes claimed work.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="held">The lease.</param>
    /// <param name="allowance">What may be called, which the claimed work gives back; null if it is found out when it is known what has to be.</param>
    /// <param name="onlyWaits">Set when nothing but answers is missing.</param>
    public ClaimedWork Create(StagePlan plan, HeldLease held, CallAllowance? allowance, TaskCompletionSource onlyWaits) => new(this, plan, held, allowance, onlyWaits);
}
