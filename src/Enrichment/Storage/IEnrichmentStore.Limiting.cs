namespace Enrichment.Storage;

/// <content>What vendors allow all hosts together.</content>
public partial interface IEnrichmentStore
{
    /// <summary>Notes under which limit a stage sends, so that what waits there can say so. Idempotent.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="stage">The stage, from 1.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="untilAnswered">Whether a call of the stage that was sent takes a place of the limit's <see cref="PermitBlockRequest.Concurrency"/> until it is answered.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken);

    /// <summary>Gives a host the next calls of a limit, unless it is paused, given away for the time asked for, or has all its calls in flight. Blocks of one limit never overlap in time.</summary>
    /// <remarks>While the vendor counts as failing, one block of one call is given: what becomes of it decides, see <see cref="ReturnPermitsAsync"/>.</remarks>
    Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken);

    /// <summary>Gives back what a block holds. Without effect the second time.</summary>
    Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken);

    /// <summary>Prolongs the time for which the calls of blocks count as in flight. Synchronous, as <see cref="Renew"/>.</summary>
    void RenewBlocks(string owner, IReadOnlyList<HeldBlock> blocks, TimeSpan duration);

    /// <summary>Lets no block of a limit be given for a time; a longer pause stays.</summary>
    /// <param name="limit">Which.</param>
    /// <param name="pause">From the store's now.</param>
    /// <param name="failing">True if the vendor failed too often; then a block of one call comes after the pause. Without effect if that is known already. False: it answered, and asked to slow down.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken);

    /// <summary>Counts what external workers hear of a vendor, as they keep nothing between two calls: failures one after the other, which an answer ends.</summary>
    /// <param name="limit">Which.</param>
    /// <param name="failures">How many more.</param>
    /// <param name="answered">Whether the vendor answered any call meanwhile.</param>
    /// <param name="breakAfter">How many there may be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>True once if there are so many: the vendor is to be left alone, and what follows is counted anew.</returns>
    Task<bool> CountFailuresAsync(LimitKey limit, int failures, bool answered, int breakAfter, CancellationToken cancellationToken);

    /// <summary>Notes that a vendor says of an account that it is used up: nothing is called for a time, from the store's now. Then one call tells whether more was bought.</summary>
    /// <param name="account">Which.</param>
    /// <param name="pause">For how long.</param>
    /// <param name="age">How long ago the call began that was told so.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False, and nothing is changed, if the account was resumed after that call had begun.</returns>
    Task<bool> PauseAccountAsync(LimitKey account, TimeSpan pause, TimeSpan age, CancellationToken cancellationToken);

    /// <summary>Takes the right to the one call that tells whether more was bought for an account.</summary>
    /// <param name="account">Which.</param>
    /// <param name="hold">For how long nobody else calls, unless <see cref="ResumeAccountAsync"/>, <see cref="PauseAccountAsync"/> or <see cref="ReturnProbeAsync"/> is called before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False if its pause is not over, another has taken the right, or the account is not used up.</returns>
    Task<bool> ProbeAccountAsync(LimitKey account, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>Gives back what <see cref="ProbeAccountAsync"/> took, because the call was not made: another may be made at once. Without effect if no such call is out.</summary>
    Task ReturnProbeAsync(LimitKey account, CancellationToken cancellationToken);

    /// <summary>Ends the pause of an account. What was put off because it was used up is due at once.</summary>
    /// <param name="account">Which.</param>
    /// <param name="probed">True if a call was answered: then without effect unless the account waits for the answer to one. False: an operator knows that more was bought.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False if there was no pause to end.</returns>
    Task<bool> ResumeAccountAsync(LimitKey account, bool probed, CancellationToken cancellationToken);

    /// <summary>The accounts that are used up, by name.</summary>
    Task<IReadOnlyList<UsedUpAccount>> ReadAccountsAsync(CancellationToken cancellationToken);

    /// <summary>The limits of a batch's stages as they stand, ascending by stage; only of stages that a host has met.</summary>
    Task<IReadOnlyList<StageLimit>> ReadLimitsAsync(int batch, CancellationToken cancellationToken);
}
