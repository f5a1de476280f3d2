using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.External;

/// <summary>Takes unfetched tasks back, for an operator who ends their items.</summary>
internal static class TaskWithdrawal
{
    // Should this host be lost meanwhile, another one withdraws them after this time.
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    /// <summary>Withdraws tasks of items of one range: those that were not fetched are pending again. Returns how many.</summary>
    public static async Task<int> WithdrawAsync(
        IExternalTaskStore tasks,
        IOutcomeStore outcomes,
        RangeKey range,
        IReadOnlyCollection<int> items,
        CancellationToken cancellationToken)
    {
        if (await tasks.HideTasksAsync(range, items, cancellationToken).ConfigureAwait(false) is var hidden && hidden == 0)
        {
            return 0;
        }

        var due = await tasks.TakeDueTasksAsync(range, int.MaxValue, Hold, Hold, cancellationToken).ConfigureAwait(false);
        List<StateChange> withdrawn =
        [
            .. due.Where(task => !task.Fetched)
                .Select(task => OutcomeRules.Withdrawn(
                    new(task.Item, task.Generation, task.Attempt, task.Tries, task.KeyGeneration),
                    "An operator ended the item before a worker fetched the task.")),
        ];
        var settled = await outcomes
            .SettleAsync(new SettleRequest(range, withdrawn, []) { IsExternal = true }, CancellationToken.None)
            .ConfigureAwait(false);
        return settled.Count;
    }
}
