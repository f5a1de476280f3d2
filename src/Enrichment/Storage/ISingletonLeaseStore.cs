namespace Enrichment.Storage;

/// <summary>Leases of tasks that one host does for all.</summary>
internal interface ISingletonLeaseStore
{
    /// <summary>
    /// Takes the lease of a singleton task that is due and that no other host holds, or prolongs it. One operation at a time wins, by the
    /// store's clock.
    /// </summary>
    /// <param name="name">The task's name.</param>
    /// <param name="owner">The host that takes it.</param>
    /// <param name="duration">How long the owner keeps it without a renewal.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<bool> TakeSingletonLeaseAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Gives the lease back: the task is due again after a pause. Without effect if another has taken it over.</summary>
    Task EndSingletonLeaseAsync(string name, string owner, TimeSpan pause, CancellationToken cancellationToken);
}
