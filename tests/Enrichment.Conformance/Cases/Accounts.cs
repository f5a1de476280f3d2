using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

/// <summary>Accounts with vendors that are used up.</summary>
internal static class Accounts
{
    private static readonly TimeSpan Pause = OutcomeRules.UsedUpPause;
    private static readonly LimitKey Account = LimitKey.Of("acme", "vendor");

    public static async Task An_account_that_is_used_up_is_told_to_whoever_looks_for_work_until_it_is_resumed(Scene scene)
    {
        var since = scene.Clock.GetUtcNow();
        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);
        scene.Clock.Advance(Times.Moment);
        var told = new UsedUpAccount(Account.Name, since, since + Pause, Pause - Times.Moment, Probes: false);
        Expect.Equal(told, Expect.Single((await scene.Store.FindDueAsync([], default)).UsedUp));
        Expect.Equal(told, Expect.Single(await scene.Store.ReadAccountsAsync(default)));

        Expect.That(await scene.Store.ResumeAccountAsync(Account, probed: false, default));

        Expect.Empty((await scene.Store.FindDueAsync([], default)).UsedUp);
        Expect.That(!await scene.Store.ResumeAccountAsync(Account, probed: false, default));
        Expect.That(!await scene.Store.ProbeAccountAsync(Account, Times.Lease, default));
    }

    public static async Task After_its_pause_one_host_may_find_out_and_an_answer_ends_it(Scene scene)
    {
        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);
        Expect.That(!await scene.Store.ProbeAccountAsync(Account, Times.Lease, default), "before the pause is over");
        Expect.That(!await scene.Store.ResumeAccountAsync(Account, probed: true, default), "an answer to an older call");
        scene.Clock.Advance(Pause);

        var won = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.Store.ProbeAccountAsync(Account, Times.Lease, default))));
        Expect.Equal(1, won.Count(one => one));
        Expect.That(Expect.Single(await scene.Store.ReadAccountsAsync(default)) is { Probes: true, Rest: var rest } && rest == Times.Lease);

        Expect.That(await scene.Store.ResumeAccountAsync(Account, probed: true, default));
        Expect.Empty(await scene.Store.ReadAccountsAsync(default));
    }

    public static async Task A_probe_that_is_given_back_may_be_made_by_another_at_once(Scene scene)
    {
        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);
        await scene.Store.ReturnProbeAsync(Account, default);
        Expect.That(!await scene.Store.ProbeAccountAsync(Account, Times.Lease, default), "before the pause is over");
        scene.Clock.Advance(Pause);
        Expect.That(await scene.Store.ProbeAccountAsync(Account, Times.Lease, default));
        Expect.That(!await scene.Store.ProbeAccountAsync(Account, Times.Lease, default), "while the probe is out");

        await scene.Store.ReturnProbeAsync(Account, default);

        Expect.That(await scene.Store.ProbeAccountAsync(Account, Times.Lease, default));
        Expect.That(await scene.Store.ResumeAccountAsync(Account, probed: true, default));
        await scene.Store.ReturnProbeAsync(Account, default);
        Expect.Empty(await scene.Store.ReadAccountsAsync(default));
    }

    public static async Task Only_a_call_that_began_after_an_account_was_resumed_may_pause_it_again(Scene scene)
    {
        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);
        await scene.Store.ResumeAccountAsync(Account, probed: false, default);
        scene.Clock.Advance(Times.Moment);

        Expect.That(!await scene.Store.PauseAccountAsync(Account, Pause, Times.Moment * 2, default), "a call of before");
        Expect.Empty(await scene.Store.ReadAccountsAsync(default));
        Expect.That(await scene.Store.PauseAccountAsync(Account, Pause, Times.Moment / 2, default));
        Expect.Single(await scene.Store.ReadAccountsAsync(default));
        scene.Clock.Advance(Pause);
        await scene.Store.ProbeAccountAsync(Account, Times.Lease, default);
        await scene.Store.ResumeAccountAsync(Account, probed: true, default);

        Expect.That(
            !await scene.Store.PauseAccountAsync(Account, Pause, Times.Moment, default),
            "a call that began before the answer that told");
    }

    public static async Task Calls_that_were_put_off_are_due_when_the_account_is_resumed_and_others_keep_their_date(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        var claim = await scene.ClaimAsync(batch);
        var items = claim.Items;
        await scene.CommitAsync(
            claim.Lease,
            [
                OutcomeRules.NotAllowed(items[0], Pause, usedUp: true),
                OutcomeRules.NotAllowed(items[1], Pause, usedUp: false),
                Commits.Retry(items[2], Pause),
                OutcomeRules.NotAllowed(items[3], Pause, usedUp: true),
            ]);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);
        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);
        scene.Clock.Advance(Times.Moment);
        Expect.Null(await scene.TryClaimAsync(batch));

        Expect.That(await scene.Store.ResumeAccountAsync(Account, probed: false, default));

        Expect.Sequence([1, 4], (await scene.ClaimAsync(batch)).Items.Select(item => item.Item));
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_probe_that_finds_nothing_bought_begins_the_pause_anew_and_a_lost_one_is_followed(Scene scene)
    {
        var since = scene.Clock.GetUtcNow();
        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);
        scene.Clock.Advance(Pause);
        Expect.That(await scene.Store.ProbeAccountAsync(Account, Times.Lease, default));
        scene.Clock.Advance(Times.Lease);
        Expect.That(await scene.Store.ProbeAccountAsync(Account, Times.Lease, default));

        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);

        Expect.Equal(
            new(Account.Name, since, scene.Clock.GetUtcNow() + Pause, Pause, Probes: false),
            Expect.Single(await scene.Store.ReadAccountsAsync(default)));
    }

    public static async Task Rows_whose_account_is_used_up_say_so_whatever_their_limit_says(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await scene.Store.BindLimitAsync(batch.Key, 1, Account, untilAnswered: false, default);
        await scene.Store.PauseLimitAsync(Account, Times.Poll, failing: true, default);
        Expect.Equal("breaker", (await scene.StateAsync(batch, 1)).Reason);

        await scene.Store.PauseAccountAsync(Account, Pause, TimeSpan.Zero, default);

        var until = scene.Clock.GetUtcNow() + Pause;
        Expect.Equal(("vendor_credits", until), await scene.StateAsync(batch, 1) is var state ? (state.Reason, state.ActsAt) : default);
        Expect.Equal(
            new StageLimit(1, Account.Name, "vendor_credits", until),
            Expect.Single(await scene.Store.ReadLimitsAsync(batch.Key, default)));
        await scene.Store.ResumeAccountAsync(Account, probed: false, default);
        Expect.Equal("breaker", (await scene.StateAsync(batch, 1)).Reason);
    }
}
