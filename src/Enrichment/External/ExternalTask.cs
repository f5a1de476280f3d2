using System.Text.Json;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>The answer to a worker that asks for work.</summary>
/// <param name="Work">Null: there is nothing for it now.</param>
/// <param name="RetryAfter">If there is nothing because of what vendors allow: when to ask again, at the latest, from now on.</param>
internal readonly record struct WorkOffer(ExternalTask? Work, TimeSpan? RetryAfter);

/// <summary>
/// Items that were handed to an external worker, all of one stage of one batch. Their attempts are on record: each may be called for once.
/// </summary>
/// <param name="Lease">The name of the lease, for everything that the worker says of these items.</param>
/// <param name="Batch">Their batch.</param>
/// <param name="Stage">The stage, from 1.</param>
/// <param name="Step">The step's slug.</param>
/// <param name="Version">The version with which the batch was launched.</param>
/// <param name="Settings">The step's settings in this batch, secrets by name only; null if there are none.</param>
/// <param name="Items">The items.</param>
internal sealed record ExternalTask(
    string Lease,
    Guid Batch,
    short Stage,
    string Step,
    string Version,
    JsonElement? Settings,
    IReadOnlyList<ExternalTaskItem> Items);

/// <summary>One of them.</summary>
/// <param name="Item">The item's number: its row in the upload.</param>
/// <param name="Attempt">The number of the attempt, to be said again with its outcome.</param>
/// <param name="IdempotencyKey">What a vendor is to be told, so that it recognises a repeated call.</param>
/// <param name="Record">The fields that the step reads, as far as they have a value.</param>
internal sealed record ExternalTaskItem(int Item, int Attempt, string IdempotencyKey, IReadOnlyDictionary<string, JsonElement> Record)
{
    /// <summary>When its call may leave at the earliest, in seconds from the arrival of this. Null: its vendor states no limits.</summary>
    public double? CallAfterSeconds { get; init; }

    /// <summary>When its call may leave at the latest. Afterwards it may not: the item is released.</summary>
    public double? CallBySeconds { get; init; }

    internal static ExternalTaskItem Of(StagePlan plan, ClaimedItem item)
    {
        var record = plan.Record(item);
        return new(
            item.Item,
            item.Attempt + 1,
            plan.IdempotencyKey(item),
            plan.Stage.Manifest.Reads.Select(field => (field, value: record.Value(field)))
                .Where(read => read.value is not null)
                .ToDictionary(read => read.field, read => read.value!.Value));
    }
}

/// <summary>What became of an item in a worker's hands.</summary>
/// <param name="Item">The item.</param>
/// <param name="Attempt">The attempt's number, as it was handed out.</param>
/// <param name="Outcome">The outcome: none that is answered later.</param>
internal readonly record struct ExternalTaskOutcome(int Item, int Attempt, StepOutcome Outcome);
