using System.Globalization;
using System.Text.Json;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Evaluation;

/// <summary>The status of an item's pipeline, as columns of an export.</summary>
internal readonly record struct ItemStanding(int Item, Status Status, string? Error)
{
    public string?[] Cells =>
        [Item.ToString(CultureInfo.InvariantCulture), JsonNamingPolicy.SnakeCaseLower.ConvertName(Status.ToString()), Error];

    /// <summary>
    /// Completed once the last stage let the item pass, whether it answered, had nothing to do, or is optional and failed; pending until
    /// the next stage begins; else what its latest state says.
    /// </summary>
    public static ItemStanding Of(int item, short stage, Status status, string? error, IReadOnlyList<StageSnapshot> stages)
    {
        var passed = status is Status.Completed or Status.Skipped || (status == Status.Failed && stages[stage - 1].Optional);
        return !passed ? new(item, status, error) : new(item, stage == stages.Count ? Status.Completed : Status.Pending, null);
    }

    /// <summary>One for each item, ascending.</summary>
    /// <param name="states">Ascending by item and stage: an item is at the stage of its last state.</param>
    /// <param name="stages">Those of the batch.</param>
    public static async IAsyncEnumerable<ItemStanding> OfAsync(IAsyncEnumerable<ItemState> states, IReadOnlyList<StageSnapshot> stages)
    {
        ItemState? last = null;
        await foreach (var state in states.ConfigureAwait(false))
        {
            if (last is not null && last.Item != state.Item)
            {
                yield return Of(last.Item, last.Stage, last.Status, last.Error, stages);
            }

            last = state;
        }

        if (last is not null)
        {
            yield return Of(last.Item, last.Stage, last.Status, last.Error, stages);
        }
    }
}
