using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Renewing
{
    public static async Task A_renewed_lease_holds_from_the_moment_of_renewal(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        for (var i = 0; i < 5; i++)
        {
            scene.Clock.Advance(Times.Lease - Times.Moment);
            Expect.Sequence([claim.Lease], scene.Store.Renew("host", [claim.Lease], Times.Lease));
        }

        Expect.Empty(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        Expect.Equal(3, (await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)))).Count);
    }

    public static async Task A_lease_whose_date_passed_while_nobody_took_it_is_prolonged_and_no_loss(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        scene.Clock.Advance(Times.PastTheLease);

        Expect.Sequence([claim.Lease], scene.Store.Renew("host", [claim.Lease], Times.Lease));

        Expect.Empty(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        Expect.Equal(3, (await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i)))).Count);
    }

    public static async Task Another_hosts_lease_is_not_renewed(Scene scene)
    {
        var claim = await scene.ClaimAsync(await scene.BatchAsync(3), owner: "one");

        Expect.Empty(scene.Store.Renew("two", [claim.Lease], Times.Lease));
    }

    public static async Task A_lease_that_was_taken_over_or_given_back_is_not_renewed(Scene scene)
    {
        var batch = await scene.BatchAsync(4);
        var (taken, released) = (await scene.ClaimAsync(batch, limit: 2), await scene.ClaimAsync(batch, limit: 2));
        await scene.Store.ReleaseAsync(released.Lease, evenIfDue: true, default);
        scene.Clock.Advance(Times.PastTheLease);
        await scene.Store.TakeLostAsync("host", Times.Lease, all: false, default);

        Expect.Empty(scene.Store.Renew("host", [taken.Lease, released.Lease], Times.Lease));
    }

    public static async Task Of_many_leases_those_that_hold_are_renewed(Scene scene)
    {
        var batch = await scene.BatchAsync(2_500);
        var claims = new List<Claim>();
        while (await scene.TryClaimAsync(batch, limit: 250) is { } claim)
        {
            claims.Add(claim);
        }

        await scene.Store.ReleaseAsync(claims[3].Lease, evenIfDue: true, default);
        var stale = claims[5].Lease with { Token = claims[5].Lease.Token - 1 };

        var held = scene.Store.Renew("host", [.. claims.Select(c => c.Lease == claims[5].Lease ? stale : c.Lease)], Times.Lease);

        Expect.Sequence(
            claims
                .Where((_, i) => i is not 3 and not 5)
                .Select(c => (c.Lease.Range, c.Lease.Lo))
                .Order(Comparer<(RangeKey Range, int Lo)>.Create((a, b) => a.Lo.CompareTo(b.Lo))),
            held.Select(l => (l.Range, l.Lo)).Order(Comparer<(RangeKey Range, int Lo)>.Create((a, b) => a.Lo.CompareTo(b.Lo))));
    }

    public static Task Nothing_to_renew_is_nothing_renewed(Scene scene)
    {
        Expect.Empty(scene.Store.Renew("host", [], Times.Lease));
        return Task.CompletedTask;
    }
}
