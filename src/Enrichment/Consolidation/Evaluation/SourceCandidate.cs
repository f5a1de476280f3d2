using Enrichment.Json;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>What a source of a column has for the row at hand.</summary>
/// <param name="Source">The source.</param>
/// <param name="Outcome">What became of its value.</param>
/// <param name="Read">The place that has the value; null if none has.</param>
/// <param name="Value">The value among the row's bytes.</param>
/// <param name="Cell">What it casts to.</param>
/// <param name="Time">When it was observed, in ticks, or when its result was stored.</param>
/// <param name="Confidence">How much it is trusted.</param>
internal readonly record struct SourceCandidate(
    PlannedSource Source,
    CandidateOutcome Outcome,
    PlannedRead? Read = null,
    JsonSlice Value = default,
    TypedCell Cell = default,
    long Time = long.MinValue,
    decimal Confidence = 0);
