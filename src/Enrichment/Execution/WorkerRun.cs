using Enrichment.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Enrichment.Execution;

/// <summary>One run of a worker: what all of its parts share.</summary>
/// <param name="Owner">The name under which it holds leases; unique to the process and to the run.</param>
/// <param name="Options">How it works.</param>
/// <param name="Time">The host's clock.</param>
/// <param name="Logger">The log.</param>
/// <param name="Telemetry">What it is measured with.</param>
internal sealed record WorkerRun(string Owner, WorkerOptions Options, TimeProvider Time, ILogger Logger, Telemetry Telemetry);
