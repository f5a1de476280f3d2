namespace Enrichment.Conformance.Cases;

internal static class Sequencing
{
    public static async Task A_state_completed_by_another_hand_is_advanced_once(Scene scene)
    {
        var batch = await scene.BatchAsync(3, stages: 2);
        await CompleteDirectlyAsync(scene, batch, item: 2);
        Expect.Equal(1, (await scene.ProgressAsync(batch)).ToAdvance);
        await scene.ExpectHealthyAsync();

        var range = Expect.Single(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.Equal(1, await scene.Store.AdvanceAsync(range, last: false, optional: false, default));

        Expect.Equal(0, await scene.Store.AdvanceAsync(range, last: false, optional: false, default));
        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        Expect.Equal(0, (await scene.ProgressAsync(batch)).ToAdvance);
        Expect.Equal(Status.Pending, (await scene.StateAsync(batch, 2, 2)).Status);
        Expect.Equal(1, (await scene.ProgressAsync(batch, 2)).Pending);
        Expect.Equal(2, Expect.Single((await scene.ClaimAsync(batch, 2)).Items).Item);
        await scene.ExpectHealthyAsync();
    }

    public static async Task Hosts_that_advance_at_once_advance_each_state_once(Scene scene)
    {
        var batch = await scene.BatchAsync(50, stages: 2);
        for (var item = 1; item <= 50; item++)
        {
            await CompleteDirectlyAsync(scene, batch, item);
        }

        var range = Expect.Single(await scene.Store.FindToAdvanceAsync(10, default));
        var advanced = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => scene.Store.AdvanceAsync(range, last: false, optional: false, default))));

        Expect.Equal(50, advanced.Sum());
        Expect.Equal(50, (await scene.ProgressAsync(batch, 2)).Pending);
        await scene.ExpectHealthyAsync();
    }

    public static async Task After_the_last_stage_nothing_follows(Scene scene)
    {
        var batch = await scene.BatchAsync(1);
        await CompleteDirectlyAsync(scene, batch, item: 1);

        Expect.Equal(
            1,
            await scene.Store.AdvanceAsync(
                Expect.Single(await scene.Store.FindToAdvanceAsync(10, default)),
                last: true,
                optional: false,
                default));

        Expect.Equal(1, (await scene.StatesAsync(batch)).Count);
        Expect.Equal(BatchStatus.Completed, Expect.Single(await scene.Store.CompleteBatchesAsync(default)).Status);
    }

    public static async Task A_batch_is_not_complete_while_the_sequencer_has_yet_to_act(Scene scene)
    {
        var batch = await scene.BatchAsync(1, stages: 2);
        await CompleteDirectlyAsync(scene, batch, item: 1);

        Expect.Empty(await scene.Store.CompleteBatchesAsync(default));
        Expect.That(await scene.HasOpenWorkAsync((batch.Key, 1)));
    }

    public static async Task A_failure_stops_the_item_unless_the_stage_is_optional(Scene scene)
    {
        var (required, optional) = (await scene.BatchAsync(1, stages: 2), await scene.BatchAsync(1, stages: 2, optional: true));
        await FailDirectlyAsync(scene, required);
        await FailDirectlyAsync(scene, optional);

        foreach (var range in await scene.Store.FindToAdvanceAsync(10, default))
        {
            Expect.Equal(1, await scene.Store.AdvanceAsync(range, last: false, optional: range.Batch == optional.Key, default));
        }

        Expect.Equal(1, (await scene.StatesAsync(required)).Count);
        Expect.Equal(Status.Pending, (await scene.StateAsync(optional, 1, 2)).Status);
        await scene.ExpectHealthyAsync();
    }

    public static async Task A_commit_of_the_engine_leaves_the_sequencer_nothing_to_do(Scene scene)
    {
        var batch = await scene.BatchAsync(5, stages: 2);
        await scene.WorkAsync(batch, advances: true);

        Expect.Empty(await scene.Store.FindToAdvanceAsync(10, default));
        var range = (await scene.CandidatesAsync(batch))[0].Range with { Stage = 1 };
        Expect.Equal(0, await scene.Store.AdvanceAsync(range, last: false, optional: false, default));
        Expect.Equal(5, (await scene.ProgressAsync(batch, 2)).Pending);
    }

    public static async Task Ranges_that_hide_what_is_due_are_repaired(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        await scene.Fixture.ExecuteRawAsync($"update ranges set due_at = null where batch = {batch.Key}");
        Expect.Null(await scene.TryClaimAsync(batch));

        Expect.Equal(1, await scene.Store.RepairRangesAsync(default));

        Expect.Equal(5, (await scene.ClaimAsync(batch)).Items.Count);
        Expect.Equal(0, await scene.Store.RepairRangesAsync(default));
    }

    public static async Task A_range_that_hides_an_interval_without_owner_is_repaired(Scene scene)
    {
        var batch = await scene.BatchAsync(5);
        var lease = (await scene.ClaimAsync(batch)).Lease;
        await scene.Store.SplitAsync(lease, [lease with { Losses = 1 }], default);
        await scene.Fixture.ExecuteRawAsync($"update ranges set due_at = null where batch = {batch.Key}");
        Expect.Null(await scene.TryClaimAsync(batch));

        Expect.Equal(1, await scene.Store.RepairRangesAsync(default));

        Expect.Equal(1, (await scene.ClaimAsync(batch)).Lease.Losses);
        Expect.Equal(0, await scene.Store.RepairRangesAsync(default));
    }

    public static async Task The_manifests_that_a_host_shows_are_read_by_others(Scene scene)
    {
        var manifest = new StepManifest
        {
            Slug = "company.domain",
            Version = "1.2.0",
            Reads = ["company.website"],
            Produces = [new("company.domain"), new("company.size", "/data/size")],
            Effects = Effects.SafeToRepeat,
            Timeout = TimeSpan.FromSeconds(7),
            MaxTries = 9,
        };

        await scene.Store.RegisterManifestsAsync([manifest], default);
        await scene.Store.RegisterManifestsAsync([manifest, manifest with { Version = "1.3.0" }], default);

        var read = await scene.Store.ReadManifestsAsync(default);
        Expect.Sequence(["1.2.0", "1.3.0"], read.Select(m => m.Version).Order());
        var first = read.Single(m => m.Version == "1.2.0");
        Expect.Equal(
            (manifest.Slug, manifest.Effects, manifest.Timeout, manifest.MaxTries),
            (first.Slug, first.Effects, first.Timeout, first.MaxTries));
        Expect.Sequence(manifest.Reads, first.Reads);
        Expect.Sequence(manifest.Produces, first.Produces);
    }

    // What an external worker or an operator leaves: result, state and count, and the sequencer to come.
    private static async Task CompleteDirectlyAsync(Scene scene, Batch batch, int item)
    {
        await scene.Fixture.ExecuteRawAsync($$"""
            insert into enrichment_results (bucket, batch, stage, item, attempt, kind, data, created_at)
            select bucket, batch, stage, item, 1, 1, '{"by":"hand"}', updated_at from workflow_states where batch = {{batch.Key}} and stage = 1 and item = {{item}}
            """);
        await ResolveAsync(scene, batch, item, "status = 3, result_attempt = 1, attempt = 1", "completed = completed + 1");
    }

    private static Task FailDirectlyAsync(Scene scene, Batch batch) =>
        ResolveAsync(scene, batch, 1, "status = 4, error_class = 3, attempt = 1", "failed = failed + 1");

    private static async Task ResolveAsync(Scene scene, Batch batch, int item, string state, string count)
    {
        await scene.Fixture.ExecuteRawAsync(
            $"update workflow_states set {state} where batch = {batch.Key} and stage = 1 and item = {item}");
        await scene.Fixture.ExecuteRawAsync(
            $"update ranges set pending = pending - 1, {count}, to_advance = to_advance + 1 where batch = {batch.Key} and stage = 1");
    }
}
