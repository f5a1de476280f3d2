using System.Globalization;
using System.Text.Json;
using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Consolidation;

/// <summary>Where an item stands, as the columns of an export that say so.</summary>
internal readonly record struct ItemStanding(int Item, Status Status, string? Error)
{
    public string?[] Cells => [Item.ToString(CultureInfo.InvariantCulture), JsonNamingPolicy.SnakeCaseLower.ConvertName(Status.ToString()), Error];

    /// <summary>One for each item, ascending.</summary>
    /// <param name="states">Ascending by item and stage: an item stands where its last state is.</param>
    public static async IAsyncEnumerable<ItemStanding> OfAsync(IAsyncEnumerable<ItemState> states)
    {
        ItemState? last = null;
        await foreach (var state in states.ConfigureAwait(false))
        {
            if (last is not null && last.Item != state.Item)
            {
                yield return new(last.Item, last.Status, last.Error);
            }

            last = state;
        }

        if (last is not null)
        {
            yield return new(last.Item, last.Status, last.Error);
        }
    }
}
