using Enrichment.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Enrichment.Steps;

/// <summary>One run of a worker: what all of its parts share.</summary>
/// <param name="Owner">The name under which it holds leases; unique to the process and to the run.</param>
/// <param name="Current">How it works now: what may change while it runs is read where it is used.</param>
/// <param name="Instruments">What it is watched with.</param>
internal sealed record WorkerRun(string Owner, Func<WorkerOptions> Current, Instruments Instruments)
{
    public WorkerOptions Options => Current();

    public TimeProvider Time => Instruments.Time;

    public ILogger Logger => Instruments.Logger;

    public Telemetry Telemetry => Instruments.Telemetry;
}
