using Enrichment.Execution;
using Enrichment.Storage;

namespace Enrichment.Entities;

/// <summary>Gives the ends of asks to the items that wait for them, as soon as this host has written one; the sweep shares what a lost host has left.</summary>
internal static class Sharing
{
    /// <summary>Shares asks that have just ended, if the outcomes are those of asks.</summary>
    /// <param name="calls">Calls to the store.</param>
    /// <param name="store">The store.</param>
    /// <param name="plan">The stage of the outcomes.</param>
    /// <param name="range">Their range.</param>
    /// <param name="outcomes">The outcomes.</param>
    /// <param name="written">Which of them changed a state.</param>
    /// <returns>How many waiting items changed.</returns>
    public static async Task<int> ShareAsync(
        this StoreCalls calls, IEnrichmentStore store, StagePlan plan, RangeKey range, IEnumerable<ItemCommit> outcomes, IReadOnlyCollection<int> written)
    {
        if (!plan.Batch.Asks)
        {
            return 0;
        }

        List<int> ended = [.. outcomes.Where(outcome => outcome.Status.IsTerminal() && written.Contains(outcome.Item)).Select(outcome => outcome.Item)];
        return ended.Count == 0 ? 0 : await calls.RunAsync(token => store.ShareAsync(range, ended, token), CancellationToken.None).ConfigureAwait(false);
    }
}
