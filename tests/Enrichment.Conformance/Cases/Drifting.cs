using Enrichment.Drift;

namespace Enrichment.Conformance.Cases;

/// <summary>Profiles of answers, and the inbox of what changed between them.</summary>
internal static class Drifting
{
    private const string Step = "vendor.step";

    public static async Task The_sampled_items_are_those_whose_hash_is_below_the_bound_and_their_answers_are_read(Scene scene)
    {
        var batch = await scene.BatchAsync(1_200);
        await scene.WorkAsync(batch, outcome: item => item.Item % 3 == 0 ? Commits.NotFound(item) : Commits.Completed(item));
        const long Below = 1L << 30;

        var sampled = await scene.Store.FindSampledAsync(batch.Key, Below, default);

        Expect.Sequence(
            Enumerable.Range(1, 1_200).Where(item => (uint)(item * 2_654_435_761L) < Below),
            sampled.Select(item => item.Item).Order());
        Expect.Equal(1_200, (await scene.Store.FindSampledAsync(batch.Key, 1L << 32, default)).Count);
        Expect.Sequence(
            sampled.Select(item => item.Item).Where(item => item % 3 != 0).Order(),
            (await scene.Store.ReadAnswersAsync(batch.Key, 1, sampled, default)).Select(answer => answer.Item).Order());
        Expect.Empty(await scene.Store.ReadAnswersAsync(batch.Key, 2, sampled, default));
    }

    public static async Task An_end_is_profiled_once_and_a_batch_that_was_opened_again_waits_for_its_next_end(Scene scene)
    {
        var batch = await EndedAsync(scene);
        await scene.Store.RetryAsync(batch.Key, 1, [1], sameKey: false, default);
        await scene.Store.NoteProfilesAsync(batch, [Profile(1, Drift())], default);
        Expect.Empty(await scene.Store.ReadDriftAsync(Scene.Client, default), "it was opened again");
        await scene.FinishAsync(batch);

        var ended = Expect.Single(await scene.Store.FindUnprofiledAsync(default));
        await Task.WhenAll(Enumerable.Range(1, 8).Select(host => Task.Run(() =>
            scene.Store.NoteProfilesAsync(ended, [Profile(host, Drift())], default))));

        Expect.Empty(await scene.Store.FindUnprofiledAsync(default));
        Expect.Equal((ended.Key, ended.Id), Expect.Single(await scene.Store.ReadDriftAsync(Scene.Client, default)).First);
        Expect.Equal(0, await scene.Store.CountComparedAsync(Scene.Client, default), "one batch has nothing beside it");
        var next = await EndedAsync(scene);
        Expect.Equal(ended.Key, Expect.Single(await scene.Store.ReadProfilesAsync(next.Key, Step, "1.0.0", default)).Batch);
        Expect.Empty(await scene.Store.ReadProfilesAsync(next.Key, Step, "2.0.0", default));
        Expect.Empty(await scene.Store.ReadProfilesAsync(ended.Key, Step, "1.0.0", default), "only earlier batches count");
        Expect.That(await scene.Store.MarkPrunedAsync(next, "{}", default));
        Expect.Empty(await scene.Store.FindUnprofiledAsync(default), "it was pruned");
    }

    public static async Task A_change_stays_one_finding_of_its_youngest_batch_until_it_is_accepted(Scene scene)
    {
        var (one, two, three) = (await EndedAsync(scene), await EndedAsync(scene), await EndedAsync(scene));
        await scene.Store.NoteProfilesAsync(two, [Profile(2, Drift("second"))], default);
        await scene.Store.NoteProfilesAsync(one, [Profile(1, Drift("first"))], default);
        var finding = Expect.Single(await scene.Store.ReadDriftAsync(Scene.Client, default));
        Expect.Equal((two.Key, "second"), (finding.Last.Key, finding.Drift.Sample));

        Expect.That(!await scene.Store.DecideDriftAsync("globex", finding.Number, DriftStatus.Accepted, default));
        Expect.That(await scene.Store.DecideDriftAsync(Scene.Client, finding.Number, DriftStatus.Accepted, default));
        await scene.Store.NoteProfilesAsync(three, [Profile(3, Drift("third"))], default);

        Expect.Equal(1, await scene.Store.CountComparedAsync(Scene.Client, default));
        Expect.Equal(0, await scene.Store.CountComparedAsync("globex", default));
        var found = await scene.Store.ReadDriftAsync(Scene.Client, default);
        Expect.Sequence([DriftStatus.Accepted, DriftStatus.Open], found.Select(each => each.Status));
        Expect.That(!await scene.Store.DecideDriftAsync(Scene.Client, finding.Number, DriftStatus.Open, default), "the other one is open");
        Expect.That(await scene.Store.DecideDriftAsync(Scene.Client, found[1].Number, DriftStatus.Accepted, default));
        Expect.That(await scene.Store.DecideDriftAsync(Scene.Client, finding.Number, DriftStatus.Open, default));
    }

    private static async Task<Batch> EndedAsync(Scene scene)
    {
        var batch = await scene.BatchAsync(2);
        await scene.FinishAsync(batch);
        return await scene.ReloadAsync(batch);
    }

    private static StepProfile Profile(int answers, DetectedDrift found) =>
        new(Step, "1.0.0", new(answers, false, new Dictionary<string, PathCount>()), [found], []);

    private static DetectedDrift Drift(string? sample = null) => new(
        DriftKind.NewPath,
        "/name",
        "",
        new() { SeenBefore = 0, Before = 10, SeenNow = 10, Now = 10, Kind = JsonKind.String },
        sample);
}
