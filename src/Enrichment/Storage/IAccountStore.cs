namespace Enrichment.Storage;

/// <summary>Vendors' accounts that are used up.</summary>
internal interface IAccountStore
{
    /// <summary>
    /// Notes that a vendor says of an account that it is used up: nothing is called for a time, from the store's now. Then one call tells
    /// whether more was bought.
    /// </summary>
    /// <param name="account">Which.</param>
    /// <param name="pause">For how long.</param>
    /// <param name="age">How long ago the call began that was told so.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False, and nothing is changed, if the account was resumed after that call had begun.</returns>
    Task<bool> PauseAccountAsync(LimitKey account, TimeSpan pause, TimeSpan age, CancellationToken cancellationToken);

    /// <summary>Takes the right to the one call that probes whether more was bought for an account.</summary>
    /// <param name="account">Which.</param>
    /// <param name="hold">
    /// For how long no other host calls, unless <see cref="ResumeAccountAsync"/>, <see cref="PauseAccountAsync"/> or
    /// <see cref="ReturnProbeAsync"/> is called before.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False if its pause is not over, another has taken the right, or the account is not used up.</returns>
    Task<bool> ProbeAccountAsync(LimitKey account, TimeSpan hold, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back what <see cref="ProbeAccountAsync"/> took, because the call was not made: another may be made at once. Without effect if
    /// no such call is out.
    /// </summary>
    Task ReturnProbeAsync(LimitKey account, CancellationToken cancellationToken);

    /// <summary>Ends the pause of an account. Items that waited for it are due at once.</summary>
    /// <param name="account">Which.</param>
    /// <param name="probed">
    /// True if a call was answered: then without effect unless the account waits for a probing call. False: an operator knows that more
    /// was bought.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>False if there was no pause to end.</returns>
    Task<bool> ResumeAccountAsync(LimitKey account, bool probed, CancellationToken cancellationToken);

    /// <summary>The accounts that are used up, by name.</summary>
    Task<IReadOnlyList<UsedUpAccount>> ReadAccountsAsync(CancellationToken cancellationToken);
}
