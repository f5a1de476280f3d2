using System.Globalization;
using Enrichment.Drift;
using Enrichment.Pipelines;
using Microsoft.Extensions.Logging.Abstractions;

namespace Enrichment.Consolidation.Tests;

/// <content>What changes in the answers of vendors is noticed with the batch that shows it.</content>
public abstract partial class ConsolidationClaims
{
    private const int AnsweredItems = 220;

    [Fact]
    public async Task A_changed_answer_is_found_with_its_batch_and_once()
    {
        var before = await AnsweredAsync(item => $$"""{"employees":{{item}},"domain":"a{{item}}.com","type":"x"}""");
        await DetectAsync();
        Assert.Empty(await DriftAsync());

        var changed = await AnsweredAsync(item =>
            $$"""{"headcount":{{item}},"domain":{{(item % 5 < 2 ? "null" : "\"a.com\"")}},"type":["x"]}""");
        await DetectAsync();
        await DetectAsync();

        var found = await DriftAsync();
        Assert.Equal(
            [
                (DriftKind.FillRate, "/domain", DriftStatus.Open, changed.Id, changed.Id),
                (DriftKind.VanishedPath, "/employees", DriftStatus.Open, changed.Id, changed.Id),
                (DriftKind.NewPath, "/headcount", DriftStatus.Open, changed.Id, changed.Id),
                (DriftKind.NewKind, "/type", DriftStatus.Open, changed.Id, changed.Id),
            ],
            found.Select(drift => (drift.Drift.Kind, drift.Drift.Path, drift.Status, drift.First.Id, drift.Last.Id)));
        Assert.Equal((AnsweredItems, AnsweredItems), (found[1].Drift.Evidence.SeenBefore, found[1].Drift.Evidence.Now));
        Assert.All(found, drift => Assert.NotNull(drift.Drift.Sample));
        Assert.Empty(await ground.Store.ReadDriftAsync("globex", default));
        Assert.NotEqual(before.Id, changed.Id);
    }

    [Fact]
    public async Task A_finding_that_is_accepted_begins_anew_and_one_that_is_ignored_is_silent()
    {
        static string Answer(string domain, string size) => $$"""{"domain":{{domain}},"size":{{size}}}""";
        await AnsweredAsync(_ => Answer("\"a.com\"", "1"));
        await AnsweredAsync(_ => Answer("null", "\"1-50\""));
        await DetectAsync();
        var found = await DriftAsync();
        Assert.Equal(["/domain", "/size"], found.Select(drift => drift.Drift.Path));
        Assert.True(await ground.Store.DecideDriftAsync("acme", found[0].Number, DriftStatus.Accepted, default));
        Assert.True(await ground.Store.DecideDriftAsync("acme", found[1].Number, DriftStatus.Ignored, default));
        Assert.False(await ground.Store.DecideDriftAsync("globex", found[1].Number, DriftStatus.Open, default));

        var again = await AnsweredAsync(_ => Answer("null", "\"1-50\""));
        await DetectAsync();
        Assert.Equal([DriftStatus.Accepted, DriftStatus.Ignored], (await DriftAsync()).Select(drift => drift.Status));

        var back = await AnsweredAsync(_ => Answer("\"a.com\"", "[]"));
        await DetectAsync();

        var last = await DriftAsync();
        Assert.Equal(
            [
                ("/domain", "down", DriftStatus.Accepted),
                ("/size", "string", DriftStatus.Ignored),
                ("/domain", "up", DriftStatus.Open),
                ("/size", "array", DriftStatus.Open),
            ],
            last.Where(drift => drift.Drift.Detail != "down" || drift.Drift.Path != "/size")
                .Select(drift => (drift.Drift.Path, drift.Drift.Detail, drift.Status)));
        Assert.True(await ground.Store.DecideDriftAsync("acme", found[1].Number, DriftStatus.Open, default));
        Assert.Equal(DriftStatus.Open, (await DriftAsync())[1].Status);
        Assert.NotEqual(again.Id, back.Id);
    }

    [Fact]
    public async Task The_samples_of_a_pruned_batch_are_deleted_and_its_counts_go_on_being_compared()
    {
        var batch = await AnsweredAsync(_ => """{"name":"Jane Example"}""");
        await DetectAsync();
        batch = await ground.Store.FindBatchAsync("acme", batch.Id, default);
        Assert.True(await ground.Store.MarkPrunedAsync(batch!, """{"by":"test"}""", default));
        await foreach (var _ in ground.Store.DeletePrunedAsync(batch!, default))
        {
        }

        Assert.Equal(0L, Convert.ToInt64(
            await ground.RawAsync("select count(*) from {schema}.answer_profiles where samples is not null"), CultureInfo.InvariantCulture));
        await AnsweredAsync(_ => """{"label":"Jane Example"}""");
        await DetectAsync();

        var found = await DriftAsync();
        Assert.Equal(["/label", "/name"], found.Select(drift => drift.Drift.Path).Order(StringComparer.Ordinal));
        Assert.Null(found.Single(drift => drift.Drift.Path == "/name").Drift.Sample);
    }

    [Fact]
    public async Task A_batch_that_is_retried_is_profiled_again_and_withdraws_what_it_no_longer_shows()
    {
        await AnsweredAsync(_ => """{"name":"a"}""");
        var batch = await AnsweredAsync(_ => """{"label":"a"}""");
        await DetectAsync();
        Assert.Equal(2, (await DriftAsync()).Count);

        await ground.Store.RetryAsync(batch.Key, 1, [.. Enumerable.Range(1, AnsweredItems)], sameKey: false, default);
        await ground.AnswerAsync(batch, 1, last: true, _ => """{"name":"a"}""");
        await ground.Store.CompleteBatchesAsync(default);
        await DetectAsync();

        Assert.Empty(await DriftAsync());
        Assert.Empty(await ground.Store.FindUnprofiledAsync(default));
    }

    [Fact]
    public async Task A_fill_counts_each_answer_once_at_the_places_that_its_table_reads()
    {
        const int Items = 2_220;
        var read = Projection.Define("read", p => p
            .Integer("size", s => s.Result("vendor.step", "/size"))
            .Text("city", s => s.Result("vendor.step", ["/place/city", "/city"])));
        var batch = await AnsweredAsync(item => item switch
        {
            <= 10 => "{}",
            <= 30 => """{"size":null,"city":" "}""",
            <= 60 => """{"size":1,"place":"{\"city\":\"Rome\"}"}""",
            _ => """{"size":1,"city":"Rome"}""",
        }, Items);

        // In chunks, each of which a host loses once.
        await LostHost.UntilDoneAsync(ground.Store, store => store.ConsolidateAsync(read, batch.Key, default));

        Assert.Equal(
            """{"1":{"Answers":2210,"Filled":{"/city":2160,"/place/city":30,"/size":2190}}}""",
            await ground.RawAsync("select filled from {schema}.projection_batches"));

        // Items that share the answer of an entity would count it more than once.
        var text = (string)(await ground.RawAsync("select snapshot from {schema}.batches"))!;
        var snapshot = PipelineSnapshot.FromJson(text);
        var manifest = snapshot.Stages[0].Manifest with { Entity = new("company", ["n"]) };
        await SetAsync((snapshot with { Stages = [snapshot.Stages[0] with { Manifest = manifest }] }).ToJson());
        await DetectAsync();
        Assert.Equal(0, (await ProfileAsync()).Paths["/size"].All);
        await SetAsync(text);
        await DetectAsync();
        var profile = await ProfileAsync();
        Assert.Equal((2_210, 2_190, 1_000), (profile.Paths["/size"].All, profile.Paths["/size"].FilledOfAll, profile.Answers));
        Assert.Equal(0, profile.Paths["/place"].All);

        // What the others have is not counted again after a retry of some: then the sample has to do.
        await ground.Store.RetryAsync(batch.Key, 1, [70], sameKey: false, default);
        await ground.AnswerAsync(batch, 1, last: true, _ => """{"size":2}""");
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(read, batch.Key, default);
        await DetectAsync();
        Assert.Equal(0, (await ProfileAsync()).Paths["/size"].All);

        async Task SetAsync(string stages) =>
            await ground.RawAsync($"update {{schema}}.batches set profiled_version = null, snapshot = '{stages}'");

        async Task<AnswerProfile> ProfileAsync() =>
            AnswerProfile.FromJson(1_000, (string)(await ground.RawAsync("select counts from {schema}.answer_profiles"))!, null);
    }

    [Fact]
    public async Task A_value_in_no_bucket_is_a_finding_with_its_count_if_many_items_have_it()
    {
        var sizes = Projection.Define("sizes", p => p
            .Buckets("size", ["1-50", "51-200"], new Dictionary<string, string>(), [])
            .Text("range", s => s.Result("vendor.step", "/size"))
            .Is("size", "bucket('size', range)"));
        string Answer(int item) => $$"""{"size":"{{item switch { <= 3 => "lots", 4 => "few", _ => "1-50" }}}"}""";
        var batch = await AnsweredAsync(Answer);
        await ground.Store.ConsolidateAsync(sizes, batch.Key, default);
        await DetectAsync();

        var found = Assert.Single(await DriftAsync());
        Assert.Equal(
            (DriftKind.UnknownBucket, "sizes", "size", "lots", 3, AnsweredItems),
            (found.Drift.Kind, found.Step, found.Drift.Path, found.Drift.Sample, found.Drift.Evidence.SeenNow, found.Drift.Evidence.Now));
        Assert.Equal((batch.Id, batch.Id), (found.First.Id, found.Last.Id));
        Assert.Equal(
            $"The value 'lots' is in no bucket: column 'size' of projection 'sizes' stays empty for 3 of {AnsweredItems} items. Add it to the map of the buckets.",
            new DriftReport([sizes], []).Of(found).Sentence);
        Assert.DoesNotContain("lots", found.Drift.Detail, StringComparison.Ordinal);

        // What was accepted is silent, and what a retry has mended is withdrawn.
        Assert.True(await ground.Store.DecideDriftAsync("acme", found.Number, DriftStatus.Accepted, default));
        var next = await AnsweredAsync(item => Answer(item).Replace("1-50", "many", StringComparison.Ordinal));
        await ground.Store.ConsolidateAsync(sizes, next.Key, default);
        await DetectAsync();
        Assert.Equal(["lots", "many"], (await DriftAsync()).Select(drift => drift.Drift.Sample));
        await ground.Store.RetryAsync(next.Key, 1, [.. Enumerable.Range(1, AnsweredItems)], sameKey: false, default);
        await ground.AnswerAsync(next, 1, last: true, Answer);
        await ground.Store.CompleteBatchesAsync(default);
        await ground.Store.ConsolidateAsync(sizes, next.Key, default);
        await DetectAsync();
        Assert.Equal(["lots"], (await DriftAsync()).Select(drift => drift.Drift.Sample));
    }

    private async Task<Batch> AnsweredAsync(Func<int, string?> answer, int items = AnsweredItems)
    {
        var batch = await ground.LaunchAsync(
            await ground.UploadAsync("acme", ["n"], NoMap, [.. Enumerable.Range(1, items).Select(_ => new[] { "" })]),
            ("vendor.step", []));
        await ground.AnswerAsync(batch, 1, last: true, answer);
        await ground.Store.CompleteBatchesAsync(default);
        return batch;
    }

    private async Task DetectAsync()
    {
        await new DriftDetector(ground.Store, ground.Store, TimeProvider.System, NullLogger.Instance).CatchUpAsync(default);
        Assert.Empty(await ground.Store.FindUnprofiledAsync(default));
    }

    private Task<IReadOnlyList<StoredDrift>> DriftAsync() => ground.Store.ReadDriftAsync("acme", default);
}
