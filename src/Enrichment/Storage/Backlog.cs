namespace Enrichment.Storage;

/// <summary>What waits in the whole store, from counters: it costs the same for ten items and for ten million.</summary>
/// <param name="Waiting">How many items wait for each reason, by reason. Their sum is exact.</param>
/// <param name="Oldest">
/// How long a range has had due items without a break, at most: its oldest due item is no older. Zero if nothing is due.
/// </param>
/// <param name="Untaken">
/// How long work has been due, and allowed by its limits, at a stage of a batch of which no host has taken anything since; zero if there is
/// none.
/// </param>
/// <param name="OpenBreakers">Limits at which calls pause because the vendor failed too often.</param>
internal sealed record Backlog(IReadOnlyList<WaitingItems> Waiting, TimeSpan Oldest, TimeSpan Untaken, int OpenBreakers)
{
    /// <summary>The backlog that rows of <c>read_backlog</c> tell.</summary>
    public static Backlog Of(IReadOnlyList<(string? Reason, long Items, TimeSpan Oldest, TimeSpan Untaken, int OpenBreakers)> rows) => new(
        [.. rows.Where(row => row.Reason is not null).Select(row => new WaitingItems(row.Reason!, row.Items))],
        rows.Max(row => row.Oldest),
        rows.Max(row => row.Untaken),
        rows.Max(row => row.OpenBreakers));
}
