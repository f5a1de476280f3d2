using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>A phase before the call: it ends some of the claimed items, and hands the others on.</summary>
internal abstract class Phase
{
    /// <summary>The phase, as the log and the spans call it.</summary>
    public abstract string Name { get; }

    /// <summary>Runs the phase.</summary>
    /// <param name="work">The claimed work.</param>
    /// <param name="items">The items that reached this phase; at least one.</param>
    /// <param name="stop">Fires when no more work may begin.</param>
    /// <returns>The items for the next phase.</returns>
    public abstract ValueTask<IReadOnlyList<ClaimedItem>> RunAsync(
        ClaimedWork work,
        IReadOnlyList<ClaimedItem> items,
        CancellationToken stop);
}
