namespace Enrichment.Storage;

/// <summary>Rate limits: what vendors allow all hosts together.</summary>
internal interface IRateLimitStore
{
    /// <summary>Notes the limit of a stage, so that readers see why its items wait. Idempotent.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stage">The stage, from 1.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="untilAnswered">
    /// Whether a call of the stage that was sent takes a place of the limit's <see cref="PermitBlockRequest.Concurrency"/> until it is
    /// answered.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken);

    /// <summary>
    /// Gives a host the next calls of a limit, unless it is paused, given away for the requested time, or has all its calls in flight.
    /// Blocks of one limit never overlap in time.
    /// </summary>
    /// <remarks>
    /// While the vendor counts as failing, one block of one call is given, and its result decides, see
    /// <see cref="ReturnPermitsAsync"/>.
    /// </remarks>
    Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken);

    /// <summary>Gives back a block. Without effect the second time.</summary>
    Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken);

    /// <summary>
    /// Prolongs the time for which the calls of blocks count as in flight. Synchronous, as <see cref="ILeaseStore.Renew"/>.
    /// </summary>
    void RenewBlocks(string owner, IReadOnlyList<HeldBlock> blocks, TimeSpan duration);

    /// <summary>Lets no block of a limit be given for a time; a longer pause stays.</summary>
    /// <param name="limit">Which.</param>
    /// <param name="pause">From the store's now.</param>
    /// <param name="failing">
    /// True if the vendor failed too often; then a block of one call comes after the pause. Without effect if that is known already. False:
    /// it answered, and asked to slow down.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that a vendor asks external workers to slow down: no block of the limit is given for a time; a longer pause stays. Such a
    /// vendor does not count as failing.
    /// </summary>
    /// <remarks>
    /// Requests during such a pause count once with it, because the calls were in flight together. Without effect on a limit that never
    /// gave a block.
    /// </remarks>
    /// <param name="limit">Which.</param>
    /// <param name="asked">For how long, from the store's now; null if the vendor did not say.</param>
    /// <param name="first">
    /// The pause in that case, the first time. It doubles with each further pause until the vendor answers.
    /// </param>
    /// <param name="longest">The doubling ends here.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task SlowDownAsync(LimitKey limit, TimeSpan? asked, TimeSpan first, TimeSpan longest, CancellationToken cancellationToken);

    /// <summary>
    /// Counts vendors' failures for external workers, which keep nothing between two calls: failures one after the other, until an answer.
    /// </summary>
    /// <param name="limit">Which.</param>
    /// <param name="failures">How many more.</param>
    /// <param name="answered">
    /// Whether the vendor answered any call meanwhile; that ends the doubling of <see cref="SlowDownAsync"/> too.
    /// </param>
    /// <param name="breakAfter">How many there may be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>True once when there are so many: calls to the vendor pause, and the count begins again.</returns>
    Task<bool> CountFailuresAsync(LimitKey limit, int failures, bool answered, int breakAfter, CancellationToken cancellationToken);

    /// <summary>The current limits of a batch's stages, ascending by stage; only of stages that a host has worked on.</summary>
    Task<IReadOnlyList<StageLimit>> ReadLimitsAsync(int batch, CancellationToken cancellationToken);
}
