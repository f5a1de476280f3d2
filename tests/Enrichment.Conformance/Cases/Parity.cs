using System.Globalization;
using System.Text;

namespace Enrichment.Conformance.Cases;

internal static class Parity
{
    // Every store is held to one transcript, and so each to every other.
    public static async Task One_scenario_reads_alike_on_every_store_down_to_the_last_word(Scene scene)
    {
        var batch = await PlayAsync(scene);

        var actual = await TranscribeAsync(scene, batch);

        Expect.Sequence(Approved(), actual.Split('\n'));
    }

    private static async Task<Batch> PlayAsync(Scene scene)
    {
        var batch = await scene.BatchAsync(8, stages: 2);
        await scene.Store.SetPausedAsync(batch.Key, true, default);
        scene.Clock.Advance(Times.Moment);
        await scene.Store.SetPausedAsync(batch.Key, false, default);
        var claim = await scene.ClaimAsync(batch);
        await scene.Store.BeginAttemptsAsync(claim.Lease, "host", [.. claim.Items.Take(4).Select(Commits.Begin)], default);
        scene.Clock.Advance(Times.Moment);
        await scene.CommitAsync(
            claim.Lease,
            [
                Commits.Completed(claim.Items[0], advances: true) with { Cost = 0.25m },
                Commits.Retry(claim.Items[1], TimeSpan.FromMilliseconds(1_500)),
                Commits.Failed(claim.Items[2], error: "d'oh \"😀\""),
            ],
            begun: true);
        await scene.CommitAsync(
            claim.Lease,
            [
                Commits.Skipped(claim.Items[4], advances: true),
                Commits.ConditionFalse(claim.Items[5], advances: true),
                Commits.NotFound(claim.Items[6], advances: true),
                Commits.RateLimited(claim.Items[7]),
            ]);
        scene.Clock.Advance(Times.PastTheLease);
        var lost = Expect.Single(await scene.Store.TakeLostAsync("sweeper", Times.Lease, all: false, default));
        await scene.CommitAsync(
            lost,
            (await scene.Store.ReadLostAsync(lost, default))
                .Where(i => i.OpenAttempt is not null)
                .Select(i => Commits.Unknown(i, Enrichment.Status.Failed)),
            begun: true,
            owner: "sweeper");
        await scene.Store.SplitAsync(lost, [], default);
        await scene.WorkAsync(batch, 2, outcome: i => i.Item == 1 ? Commits.Failed(i) : Commits.Completed(i));
        await scene.Store.RetryAsync(batch.Key, 1, [3], sameKey: false, default);
        scene.Clock.Advance(Times.Moment);
        await scene.WorkAsync(batch, 1, advances: true);
        var second = await scene.ClaimAsync(batch, 2, limit: 1);
        await scene.Store.ReleaseAsync(second.Lease, evenIfDue: true, default);
        return batch;
    }

    private static async Task<string> TranscribeAsync(Scene scene, Batch batch)
    {
        var text = new StringBuilder();
        void Line(FormattableString line) =>
            text.AppendJoin(' ', line.ToString(CultureInfo.InvariantCulture).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Append('\n');

        var now = await scene.ReloadAsync(batch);
        Line($"batch {now.Status} items {now.Items} started {now.StartedAt:O} completed {now.CompletedAt:O}");
        foreach (var e in await scene.Store.ReadEventsAsync(batch.Key, default))
        {
            Line($"event {e.Kind} {e.At:O} {e.Detail}");
        }

        foreach (var c in await scene.Store.ReadProgressAsync(batch.Key, default))
        {
            Line($"progress {c}");
        }

        var backlog = await scene.Store.ReadBacklogAsync(default);
        Line($"backlog oldest {backlog.Oldest} untaken {backlog.Untaken} breakers {backlog.OpenBreakers}");
        foreach (var w in backlog.Waiting)
        {
            Line($"waiting {w.Items} {w.Reason}");
        }

        foreach (var s in await scene.StatesAsync(batch))
        {
            Line(
                $"state {s.Item}.{s.Stage} {s.Status} generation {s.Generation} attempt {s.Attempt} tries {s.Tries} {s.Reason} {s.ActsAt:O} {s.ErrorClass} {s.Error} {s.UpdatedAt:O}");
        }

        foreach (var r in await scene.ResultsAsync(batch))
        {
            Line($"result {r.Item}.{r.Stage} attempt {r.Attempt} {r.Kind} {r.CreatedAt:O} {Encoding.UTF8.GetString(r.Data.Span)}");
        }

        foreach (var i in await Scene.ToListAsync(scene.Store.ReadItemsAsync(batch, default)))
        {
            Line(
                $"item {i.Item} {i.Stage} {i.Status} {i.Error} {Encoding.UTF8.GetString(i.Raw.Span)} {string.Join(' ', i.Results.Select(r => $"{r.Stage}:{Encoding.UTF8.GetString(r.Result.Span)}"))}");
        }

        for (var item = 1; item <= batch.Items; item++)
        {
            foreach (var e in await scene.TimelineAsync(batch, item))
            {
                Line($"timeline {item} {e.At:O} {e.Stage} generation {e.Generation} attempt {e.Attempt} {e.What} {e.Detail}");
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    private static string[] Approved()
    {
        using var stream = typeof(Parity).Assembly.GetManifestResourceStream("Enrichment.Conformance.Cases.Parity.txt")
            ?? throw new InvalidOperationException("The approved transcript is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }
}
