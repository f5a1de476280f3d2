using System.Collections.Concurrent;
using System.Collections.Immutable;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.RateLimiting;

/// <summary>
/// Accounts with vendors that are used up. Nothing is called for them, by any host, until an operator resumes them, or one call after a
/// pause tells that more was bought.
/// </summary>
/// <remarks>
/// The store keeps the pauses. This is what the host knows of them: it learns of others' with every look for work, and every sweep.
/// Thread-safe.
/// </remarks>
internal sealed class VendorCredits(IAccountStore store, IRateLimitStore limits, TimeProvider time)
{
    // Above it all that was remembered is gathered again.
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(int Batch, short Stage), StagePlan> held = new();

    // Read before and after each call, and nearly always empty: a concurrent dictionary would take all its locks for that.
    private ImmutableDictionary<string, AccountPause> accounts = ImmutableDictionary<string, AccountPause>.Empty;

    /// <summary>Whether nothing may be called for a stage, but for the one call that is to find out.</summary>
    public bool IsPaused(StagePlan plan) =>
        !accounts.IsEmpty && accounts.TryGetValue(plan.Account.Name, out var account) && !account.Probes && Left(account) > TimeSpan.Zero;

    /// <summary>How long nothing is called for a stage, as far as this host knows.</summary>
    public TimeSpan Rest(StagePlan plan) =>
        !accounts.IsEmpty && accounts.TryGetValue(plan.Account.Name, out var account) && Left(account) is var left && left > TimeSpan.Zero
            ? left
            : TimeSpan.Zero;

    /// <summary>Stages whose work was refused and that still rest, and for how long.</summary>
    public IEnumerable<((int Batch, short Stage) Stage, TimeSpan Pause)> Resting()
    {
        foreach (var (stage, plan) in held)
        {
            if (Rest(plan) is var rest && rest > TimeSpan.Zero)
            {
                yield return (stage, rest);
            }
            else
            {
                held.TryRemove(stage, out _);
            }
        }
    }

    /// <summary>Whether a call for a stage would have to find out first, as far as this host knows.</summary>
    public bool MayProbe(StagePlan plan) =>
        !accounts.IsEmpty && accounts.TryGetValue(plan.Account.Name, out var account) && account.News != News.Answered;

    /// <summary>
    /// How many of some calls may be made: all, none, or one that probes the account. A caller that does not make that one gives it back by
    /// <see cref="ReturnAsync"/>.
    /// </summary>
    /// <param name="plan">The stage.</param>
    /// <param name="calls">How many are wanted.</param>
    /// <param name="hold">
    /// For how long no other call probes, if this one does. Without a result, the next one may probe.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async ValueTask<(int Calls, bool Probes)> AllowAsync(
        StagePlan plan,
        int calls,
        TimeSpan hold,
        CancellationToken cancellationToken)
    {
        if (accounts.IsEmpty || !accounts.TryGetValue(plan.Account.Name, out var account) || account.News == News.Answered)
        {
            return (calls, false);
        }

        if (Left(account) <= TimeSpan.Zero)
        {
            if (await store.ProbeAccountAsync(plan.Account, hold, cancellationToken).ConfigureAwait(false))
            {
                // The time of now, not of the request: a read that began before sees the old account, and must not be used.
                Put(plan, new(time.GetTimestamp(), hold, Probes: true, News.None));
                return (1, true);
            }

            await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!accounts.ContainsKey(plan.Account.Name))
            {
                return (calls, false);
            }
        }

        await MeetAsync(plan, cancellationToken).ConfigureAwait(false);
        return (0, false);
    }

    /// <summary>A call of a stage begins.</summary>
    public void Begin(StagePlan plan)
    {
        if (!accounts.IsEmpty && accounts.TryGetValue(plan.Account.Name, out var account) && account is { Probes: true, Called: false })
        {
            ImmutableInterlocked.TryUpdate(ref accounts, plan.Account.Name, account with { Called = true }, account);
        }
    }

    /// <summary>
    /// Gives back the right to the one call that finds out, unless it was made: there was nothing to call for, or no time left.
    /// </summary>
    public async ValueTask ReturnAsync(StagePlan plan)
    {
        if (!accounts.TryGetValue(plan.Account.Name, out var account)
            || account is not { Probes: true, Called: false, News: News.None }
            || Left(account) <= TimeSpan.Zero)
        {
            return;
        }

        try
        {
            await store.ReturnProbeAsync(plan.Account, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (StoreRetry.IsOutOfReach(exception))
        {
            return; // It lapses.
        }

        ImmutableInterlocked.TryUpdate(
            ref accounts,
            plan.Account.Name,
            account with
            {
                Since = time.GetTimestamp(),
                For = TimeSpan.Zero,
                Probes = false,
            },
            account);
    }

    /// <summary>
    /// Notes the account of a stage's calls, so that readers see why its items wait. Without effect if nothing holds the stage back, or if
    /// it still makes entity requests.
    /// </summary>
    public async ValueTask MeetAsync(StagePlan plan, CancellationToken cancellationToken)
    {
        if (Rest(plan) == TimeSpan.Zero || plan.Stage.Entity is not null || held.ContainsKey((plan.Batch.Key, plan.Number)))
        {
            return;
        }

        await limits
            .BindLimitAsync(plan.Batch.Key, plan.Number, plan.Account, plan.CountsUntilAnswered, cancellationToken)
            .ConfigureAwait(false);
        if (held.Count >= MostRemembered)
        {
            held.Clear();
        }

        held[(plan.Batch.Key, plan.Number)] = plan;
    }

    /// <summary>What the vendor said to a call. <see cref="TellAsync"/> tells the store.</summary>
    /// <param name="plan">The stage.</param>
    /// <param name="outcome">What it said.</param>
    /// <param name="began">The timestamp when the call began.</param>
    public void Note(StagePlan plan, StepOutcome outcome, long began)
    {
        if (outcome.ErrorClass == ErrorClass.OutOfCredits)
        {
            NoteUsedUp(plan, began);
        }
        else if (!accounts.IsEmpty
            && outcome.Kind is StepOutcomeKind.Completed or StepOutcomeKind.NotFound
                or StepOutcomeKind.AwaitingCallback or StepOutcomeKind.AwaitingPoll
            && accounts.TryGetValue(plan.Account.Name, out var account)
            && account.Probes)
        {
            ImmutableInterlocked.TryUpdate(ref accounts, plan.Account.Name, account with { News = News.Answered }, account);
        }
    }

    /// <summary>A vendor's delivery. Its time is unknown, so it counts as the present state.</summary>
    public void NoteDelivered(StagePlan plan, List<StateChange> outcomes)
    {
        if (outcomes.Exists(outcome => outcome is { ErrorClass: ErrorClass.OutOfCredits, Outcome: StepOutcomeKind.RateLimited }))
        {
            NoteUsedUp(plan, time.GetTimestamp());
        }
    }

    /// <summary>
    /// Tells the store what it does not know yet of a stage's account, before outcomes of the stage are written: a host that finds an item
    /// due again then finds the pause too.
    /// </summary>
    /// <param name="plan">The stage.</param>
    /// <param name="tell">How the store is called.</param>
    public async ValueTask TellAsync(StagePlan plan, Func<Func<CancellationToken, Task<bool>>, ValueTask<bool>> tell)
    {
        if (accounts.IsEmpty || !accounts.TryGetValue(plan.Account.Name, out var account) || account.News == News.None)
        {
            return;
        }

        var holds = await tell(async token =>
        {
            if (account.News == News.Answered)
            {
                return await store.ResumeAccountAsync(plan.Account, probed: true, token).ConfigureAwait(false);
            }

                await limits
                    .BindLimitAsync(plan.Batch.Key, plan.Number, plan.Account, plan.CountsUntilAnswered, token)
                    .ConfigureAwait(false);
                return await store
                    .PauseAccountAsync(plan.Account, account.For, time.GetElapsedTime(account.Began), token)
                    .ConfigureAwait(false);
            })
            .ConfigureAwait(false);
        ImmutableInterlocked.Update(
            ref accounts,
            all =>
                !all.TryGetValue(plan.Account.Name, out var now) || now != account ? all
                // It was resumed meanwhile: what older calls hear of it is no news.
                : account.News == News.Answered || !holds ? all.Remove(plan.Account.Name)
                // A look that began before does not know the pause.
                : all.SetItem(plan.Account.Name, account with { Since = time.GetTimestamp(), For = Left(account), News = News.None }));
    }

    /// <summary>Reads from the store which accounts are used up.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        Learn(await store.ReadAccountsAsync(cancellationToken).ConfigureAwait(false), asked);
    }

    /// <summary>Takes over the store's state, except where this host has later news, or news that it has not written yet.</summary>
    /// <param name="usedUp">The accounts that are used up.</param>
    /// <param name="asked">The timestamp of the request to the store.</param>
    public void Learn(IReadOnlyList<UsedUpAccount> usedUp, long asked)
    {
        if (usedUp.Count == 0 && accounts.IsEmpty)
        {
            return;
        }

        var now = time.GetTimestamp();
        ImmutableInterlocked.Update(ref accounts, known =>
        {
            var all = known.Where(account => account.Value.News != News.None || account.Value.Since > asked).ToImmutableDictionary();
            foreach (var account in usedUp.Where(account => !all.ContainsKey(account.Name)))
            {
                var probes = account.Probes && known.TryGetValue(account.Name, out var own) && own.Probes;
                all = all.SetItem(account.Name, new(now, account.Rest, probes, News.None));
            }

            return all;
        });
    }

    // Calls that were out together say so together: that is told once.
    private void NoteUsedUp(StagePlan plan, long began)
    {
        if (!accounts.TryGetValue(plan.Account.Name, out var known)
            || known.Probes
            || known.News == News.Answered
            || Left(known) < OutcomeRules.UsedUpPause / 2
            || (known.News == News.UsedUp && known.Began < began))
        {
            Put(plan, new(time.GetTimestamp(), OutcomeRules.UsedUpPause, Probes: false, News.UsedUp) { Began = began });
        }
    }

    private void Put(StagePlan plan, AccountPause account) =>
        ImmutableInterlocked.AddOrUpdate(ref accounts, plan.Account.Name, account, (_, _) => account);

    private TimeSpan Left(AccountPause account) =>
        account.News == News.Answered ? TimeSpan.Zero : account.For - time.GetElapsedTime(account.Since);

    /// <summary>An account that is used up.</summary>
    /// <param name="Since">When this host heard of it.</param>
    /// <param name="For">How long nothing is called from then on.</param>
    /// <param name="Probes">Whether this host makes the call that is to find out.</param>
    /// <param name="News">What the store does not know yet.</param>
    /// <param name="Called">Whether that call has begun.</param>
    private sealed record AccountPause(long Since, TimeSpan For, bool Probes, News News, bool Called = false)
    {
        /// <summary>When the youngest call began that was told so.</summary>
        public long Began { get; init; }
    }

    private enum News
    {
        None,
        UsedUp,
        Answered,
    }
}
