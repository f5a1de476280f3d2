using System.Text.Json;

namespace Enrichment.Execution;

/// <summary>Items that were handed to a worker in another language, all of one stage of one batch. Their attempts are on record: each may be called for once.</summary>
/// <param name="Lease">The name of the lease, for everything that the worker says of these items.</param>
/// <param name="Batch">Their batch.</param>
/// <param name="Stage">The stage, from 1.</param>
/// <param name="Step">The step's slug.</param>
/// <param name="Version">The version with which the batch was launched.</param>
/// <param name="Settings">The step's settings in this batch, secrets by name only; null if there are none.</param>
/// <param name="Items">The items.</param>
public sealed record HandedWork(string Lease, Guid Batch, short Stage, string Step, string Version, JsonElement? Settings, IReadOnlyList<HandedItem> Items);

/// <summary>One of them.</summary>
/// <param name="Item">The item's number: its row in the upload.</param>
/// <param name="Attempt">The number of the attempt, to be said again with its outcome.</param>
/// <param name="IdempotencyKey">What a vendor is to be told, so that it recognises a repeated call.</param>
/// <param name="Record">The fields that the step reads, as far as they have a value.</param>
public sealed record HandedItem(int Item, int Attempt, string IdempotencyKey, IReadOnlyDictionary<string, JsonElement> Record);

/// <summary>What became of an item in a worker's hands.</summary>
/// <param name="Item">The item.</param>
/// <param name="Attempt">The attempt's number, as it was handed out.</param>
/// <param name="Outcome">The outcome: none that is answered later.</param>
public readonly record struct HandedOutcome(int Item, int Attempt, StepOutcome Outcome);
