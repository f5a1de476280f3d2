using Enrichment.Plans;

namespace Enrichment.Conformance.Cases;

/// <summary>Items that a host without their step leaves to others.</summary>
internal static class Unable
{
    public static async Task An_item_that_waits_for_a_host_with_its_step_says_so_and_is_no_work_of_others(Scene scene)
    {
        var batch = await scene.BatchAsync(3);
        var claim = await scene.ClaimAsync(batch);
        Expect.Empty(await scene.Store.FindUnableAsync(default));

        await scene.CommitAsync(claim.Lease, claim.Items.Take(2).Select(OutcomeRules.NotHere));
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: true, default);

        Expect.That(
            await scene.StateAsync(batch, 1) is { Status: Status.Pending, Reason: "capable_host", Tries: 0, ActsAt: { } acts }
                && acts > scene.Clock.GetUtcNow());
        Expect.Sequence([batch.Key], await scene.Store.FindUnableAsync(default));
        Expect.That(await scene.Store.HasOpenWorkAsync([], [(batch.Key, 1)], default), "an item is still due");
        var rest = await scene.ClaimAsync(batch);
        await scene.CommitAsync(rest.Lease, rest.Items.Select(item => Commits.Completed(item)));
        await scene.Store.ReleaseAsync(rest.Lease, evenIfDue: true, default);
        Expect.That(!await scene.Store.HasOpenWorkAsync([], [(batch.Key, 1)], default));
        Expect.That(await scene.HasOpenWorkAsync(), "for a host that has the step");

        scene.Clock.Advance(Times.Poll);
        var again = await scene.ClaimAsync(batch);
        Expect.Sequence([1, 2], again.Items.Select(item => item.Item));
        await scene.CommitAsync(again.Lease, again.Items.Select(item => Commits.Completed(item)));
        Expect.Empty(await scene.Store.FindUnableAsync(default));
        await scene.ExpectHealthyAsync();
    }
}
