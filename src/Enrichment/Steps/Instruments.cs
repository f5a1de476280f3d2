using Enrichment.Diagnostics;
using Enrichment.Plans;
using Microsoft.Extensions.Logging;

namespace Enrichment.Steps;

/// <summary>What the engine is watched with on a host.</summary>
/// <param name="Time">The host's clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Telemetry">Its meters and spans.</param>
internal sealed record Instruments(TimeProvider Time, ILogger Logger, Telemetry Telemetry)
{
    /// <summary>
    /// Tells the log, and the span of the claim if there is one, that items come to a phase. Every phase is told of here.
    /// </summary>
    public void Enter(string phase, StagePlan plan, int items)
    {
        Log.PhaseEntered(Logger, items, plan.Batch.Id, plan.Number, phase);
        Telemetry.PhaseEntered(phase, items);
    }
}
