namespace Enrichment.Drift;

/// <summary>An answer that is profiled.</summary>
/// <param name="Item">The item whose state refers to it.</param>
/// <param name="Source">The entity request whose answer it is a copy of; null if it is the item's own.</param>
/// <param name="Data">Its JSON.</param>
internal sealed record SampledAnswer(int Item, long? Source, byte[] Data);

/// <summary>What is noted of a step's answers in a batch, or of a table that was made of them.</summary>
/// <param name="Step">The step, or the projection.</param>
/// <param name="Version">The step's version.</param>
/// <param name="Profile">The answers' profile; null for a table.</param>
/// <param name="Found">What changed.</param>
/// <param name="Withdrawn">Open findings of this batch alone that it no longer shows.</param>
internal sealed record StepProfile(
    string Step,
    string Version,
    AnswerProfile? Profile,
    IReadOnlyList<DetectedDrift> Found,
    IReadOnlyList<int> Withdrawn);

/// <summary>A finding as it is stored.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Step">The step.</param>
/// <param name="Version">Its version.</param>
/// <param name="Drift">What was found last.</param>
/// <param name="Status">What was decided about it.</param>
/// <param name="First">The first batch that shows it: inner key and id.</param>
/// <param name="Last">The last one.</param>
internal sealed record StoredDrift(
    int Number,
    string Step,
    string Version,
    DetectedDrift Drift,
    DriftStatus Status,
    (int Key, Guid Id) First,
    (int Key, Guid Id) Last);
