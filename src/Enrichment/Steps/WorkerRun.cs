using Enrichment.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Enrichment.Steps;

/// <summary>One run of a worker: what all of its parts share.</summary>
/// <param name="Owner">The name under which it holds leases; unique to the process and to the run.</param>
/// <param name="Options">How it works.</param>
/// <param name="Instruments">What it is watched with.</param>
internal sealed record WorkerRun(string Owner, WorkerOptions Options, Instruments Instruments)
{
    public TimeProvider Time => Instruments.Time;

    public ILogger Logger => Instruments.Logger;

    public Telemetry Telemetry => Instruments.Telemetry;
}
