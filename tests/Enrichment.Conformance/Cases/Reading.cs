using System.Text;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class Reading
{
    public static async Task A_timeline_shows_everything_that_happened_in_order(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        await AttemptAsync(scene, batch, 1, i => Commits.Retry(i));
        scene.Clock.Advance(Times.Backoff);
        await AttemptAsync(scene, batch, 1, i => Commits.Completed(i, advances: true));
        await AttemptAsync(scene, batch, 2, i => Commits.Failed(i));
        await scene.Store.CompleteBatchesAsync(default);
        scene.Clock.Advance(Times.Moment);
        await scene.Store.RetryAsync(batch.Key, 2, [1], sameKey: false, default);
        scene.Clock.Advance(Times.Moment);
        await AttemptAsync(scene, batch, 2, i => Commits.NotFound(i));

        var timeline = await scene.TimelineAsync(batch, 1);

        Expect.Sequence(timeline.OrderBy(e => e.At), timeline);
        Expect.Sequence(
            [(1, 1), (1, 2), (2, 1), (2, 2)],
            timeline.Where(e => e.What == "attempt started").Select(e => ((int)e.Stage, e.Attempt!.Value)));
        Expect.Sequence(
            [(1, 1, "503 from the vendor"), (1, 2, null), (2, 1, "400 from the vendor"), (2, 2, null)],
            timeline
                .Where(e => e.What.StartsWith("attempt ", StringComparison.Ordinal) && e.What != "attempt started")
                .Select(e => ((int)e.Stage, e.Attempt!.Value, e.Detail)));
        Expect.That(timeline.Any(e => e is { Stage: 2, Generation: 1, What: "failed", Detail: "400 from the vendor" }));
        Expect.That(timeline.Any(e => e is { Stage: 2, Generation: 1 } && e.What.StartsWith("replaced", StringComparison.Ordinal)));
        Expect.That(timeline.Any(e => e is { Stage: 1, Generation: 1, What: "completed" }));
        Expect.That(timeline.Any(e => e is { Stage: 2, Generation: 2, What: "completed" }));
    }

    public static async Task A_timeline_is_of_one_item_alone(Scene scene)
    {
        var (batch, other) = (await scene.BatchAsync(3), await scene.BatchAsync(3));
        await scene.WorkAsync(other);

        Expect.Equal("pending", Expect.Single(await scene.TimelineAsync(batch, 2)).What);
    }

    public static async Task Uploads_and_clients_are_listed_the_youngest_upload_first(Scene scene)
    {
        var first = await scene.UploadAsync(1);
        var second = await scene.UploadAsync(2, content: "others");
        await scene.Store.BeginUploadAsync(new(Scene.Client, "any", "1", "never sealed"), default);
        await scene.Store.BeginUploadAsync(new("another", "any", "1", null), default);

        var listed = await scene.Store.ReadUploadsAsync(Scene.Client, new(), int.MaxValue, default).ToListAsync();

        Expect.Sequence([second.Id, first.Id], listed.Select(upload => upload.Id));
        Expect.Sequence([(2, 0), (1, 0)], listed.Select(upload => (upload.Accepted, upload.Rejected)));
        Expect.Empty(await scene.Store.ReadUploadsAsync("another", new(), int.MaxValue, default).ToListAsync());
        Expect.Sequence(
            [Scene.Client, "another"],
            (await scene.Store.ReadClientsAsync(default)).Where(slug => slug is Scene.Client or "another"));
    }

    public static async Task States_are_read_in_the_order_of_items_and_stages_without_a_cap(Scene scene)
    {
        var batch = await scene.BatchAsync(5_500, stages: 2);
        await scene.WorkAsync(batch, outcome: i => Commits.Completed(i, advances: i.Item % 2 == 0));

        var states = await scene.StatesAsync(batch);

        Expect.Equal(8_250, states.Count);
        Expect.Sequence(states.OrderBy(s => s.Item).ThenBy(s => s.Stage), states);
        Expect.Equal(2_750, (await scene.StatesAsync(batch, Status.Pending)).Count);
        Expect.Equal(5_500, (await scene.StatesAsync(batch, Status.Completed)).Count);
        Expect.Empty(await scene.StatesAsync(batch, Status.Failed));
    }

    public static async Task Results_are_read_in_the_order_of_items_and_stages_without_a_cap(Scene scene)
    {
        var batch = await scene.BatchAsync(5_500, stages: 2);
        await scene.WorkAsync(batch, 1, advances: true);
        await scene.WorkAsync(batch, 2, outcome: i => i.Item % 2 == 0 ? Commits.NotFound(i) : Commits.Skipped(i));

        var results = await scene.ResultsAsync(batch);

        Expect.Sequence(
            Enumerable.Range(1, 5_500).SelectMany(n => n % 2 == 0 ? new[] { (n, 1), (n, 2) } : [(n, 1)]),
            results.Select(r => (r.Item, (int)r.Stage)));
        Expect.Equal(2_750, results.Count(r => r.Kind == StepOutcomeKind.NotFound));
    }

    public static async Task Items_come_in_file_order_with_their_rows_results_and_end(Scene scene)
    {
        var batch = await scene.BatchAsync(5_500, stages: 2);
        await scene.WorkAsync(batch, 1, outcome: i => i.Item % 10 == 0 ? Commits.Failed(i) : Commits.Completed(i, advances: true));

        var items = await Scene.ToListAsync(scene.Store.ReadItemsAsync(batch, default));

        Expect.Sequence(Enumerable.Range(1, 5_500), items.Select(i => i.Item));
        Expect.That(items.All(i => Encoding.UTF8.GetString(i.Raw.Span) == Encoding.UTF8.GetString(Scene.Row(i.Item).Raw.Span)));
        Expect.That(items.All(i => i.Item % 10 == 0
            ? i is { Stage: 1, Status: Status.Failed, Error: "400 from the vendor", Results.Count: 0 }
            : i is { Stage: 2, Status: Status.Pending, Error: null, Results.Count: 1 } && i.Results[0].Stage == 1));
    }

    public static async Task Items_of_a_batch_of_chosen_rows_are_those(Scene scene)
    {
        var upload = await scene.UploadAsync(3_000);
        var batch = await scene.LaunchAsync(upload, rows: [3, 999, 1_001, 2_999]);
        await scene.WorkAsync(batch);

        Expect.Sequence([3, 999, 1_001, 2_999], (await Scene.ToListAsync(scene.Store.ReadItemsAsync(batch, default))).Select(i => i.Item));
        Expect.Sequence([3, 999, 1_001, 2_999], (await scene.ResultsAsync(batch)).Select(i => i.Item));
    }

    public static async Task Results_that_an_earlier_generation_gave_are_not_read_as_the_items(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.FinishAsync(batch);
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);

        Expect.Sequence([2], (await scene.ResultsAsync(batch)).Select(r => r.Item));
        Expect.Equal(0, (await Scene.ToListAsync(scene.Store.ReadItemsAsync(batch, default)))[0].Results.Count);
    }

    public static async Task A_clients_batches_are_read_the_youngest_first_without_a_cap(Scene scene)
    {
        var upload = await scene.UploadAsync(1);
        var launched = new List<int>();
        for (var i = 0; i < 250; i++)
        {
            launched.Add((await scene.LaunchAsync(upload)).Key);
        }

        Expect.Sequence(
            Enumerable.Reverse(launched),
            (await Scene.ToListAsync(scene.Store.ReadBatchesAsync(Scene.Client, new(), default))).Select(b => b.Key));
    }

    public static async Task Progress_has_a_line_for_each_stage_reached(Scene scene)
    {
        var batch = await scene.BatchAsync(4, stages: 3);
        await scene.WorkAsync(batch, 1, advances: true);
        await scene.WorkAsync(batch, 2, outcome: i => i.Item == 1 ? Commits.Completed(i, advances: true) : Commits.Failed(i));

        Expect.Sequence(
            [(1, 0, 4, 0), (2, 0, 1, 3), (3, 1, 0, 0)],
            (await scene.Store.ReadProgressAsync(batch.Key, default)).Select(c => ((int)c.Stage, c.Pending, c.Completed, c.Failed)));
    }

    private static async Task AttemptAsync(Scene scene, Batch batch, short stage, Func<ClaimedItem, StateChange> outcome)
    {
        var claim = await scene.ClaimAsync(batch, stage);
        await scene.Store.BeginAttemptsAsync(claim.Lease, "host", [.. claim.Items.Select(Commits.Begin)], default);
        scene.Clock.Advance(Times.Moment);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(outcome), begun: true);
        await scene.Store.ReleaseAsync(claim.Lease, evenIfDue: false, default);
    }
}
