using System.Text;
using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Conformance.Cases;

internal static class HostileText
{
    private static readonly string[] Texts =
    [
        "o'brien; drop table workflow_states; --",
        "\"quoted\" \\ back\\slash $1 @now :name {0} {schema} %s",
        "line\r\nbreak\ttab\u0001\u001f\u007f\u0085\u2028",
        "日本語 𝒜 😀 e\u0301 \u202Egnp.exe",
        " leading and trailing ",
        "",
        "null",
        "'",
    ];

    public static async Task Names_and_file_names_are_data(Scene scene)
    {
        foreach (var (text, index) in Texts.Select((text, index) => (text, index)))
        {
            var client = $"client {index} {text}";
            var staging = await scene.Store.BeginUploadAsync(new(client, text, text, text), default);
            await scene.Store.StageAsync(staging, [Scene.Row(1, text)], [new(2, 2, text, text, Encoding.UTF8.GetBytes(text))], default);
            var upload = await scene.Store.SealAsync(
                staging,
                Scene.Seal(text, 1, 1) with
                {
                    Columns = [text, text, "a", "A"],
                    HeaderMap = new Dictionary<string, IReadOnlyList<int>> { [text] = [0] },
                },
                default);
            var batch = await scene.Store.LaunchAsync(scene.Request(upload, key: text) with { Pipeline = text }, null, default);

            var found = await scene.Store.FindUploadAsync(client, upload.Id, default);
            Expect.Equal((client, text, text), (found!.Client, found.Workstream, found.FileName!));
            Expect.Sequence([text, text, "a", "A"], found.Columns);
            Expect.Sequence([text], found.HeaderMap.Keys);
            var read = await scene.Store.FindBatchAsync(client, batch.Id, default);
            Expect.Equal((client, text, text), (read!.Client, read.Pipeline, read.LaunchKey));
            var reject = Expect.Single(await Scene.ToListAsync(scene.Store.ReadRejectsAsync(upload, after: 0, default)));
            Expect.Equal((text, text), (reject.Code, reject.Reason));
        }

        await scene.ExpectHealthyAsync();
    }

    public static async Task Errors_owners_and_results_come_back_as_they_were(Scene scene)
    {
        var batch = await scene.BatchAsync(Texts.Length, stages: 1);
        var claim = await scene.ClaimAsync(batch, owner: Texts[1]);
        await scene.Store.BeginAttemptsAsync(claim.Lease, Texts[1], [.. claim.Items.Select(Commits.Begin)], default);
        await scene.CommitAsync(
            claim.Lease,
            claim.Items.Select(i =>
                i.Item % 2 == 0 ? Commits.Failed(i, error: Texts[i.Item - 1]) : Commits.Completed(i, result: Json(Texts[i.Item - 1]))),
            begun: true,
            owner: Texts[1]);

        foreach (var state in (await scene.StatesAsync(batch)).Where(s => s.Item % 2 == 0))
        {
            Expect.Equal(Texts[state.Item - 1], state.Error);
        }

        foreach (var result in await scene.ResultsAsync(batch))
        {
            Expect.Equal(Json(Texts[result.Item - 1]), Encoding.UTF8.GetString(result.Data.Span));
        }
    }

    public static async Task Results_come_back_byte_for_byte_whatever_JSON_they_are(Scene scene)
    {
        string[] results =
        [
            "{}",
            "[]",
            "\"text\"",
            "null",
            "0.10",
            "1e2",
            "123456789012345678901234567890.5",
            """{"b":1,"a":2,"":3}""",
            """{"a":{"b":[[[[1]]]]},"c":"\u00e9\ud83d\ude00\/"}""",
            $$"""{"large":"{{new string('x', 1 << 20)}}"}""",
        ];
        var batch = await scene.BatchAsync(results.Length, stages: 2);
        var claim = await scene.ClaimAsync(batch);
        await scene.CommitAsync(claim.Lease, claim.Items.Select(i => Commits.Completed(i, advances: true, results[i.Item - 1])));

        Expect.Sequence(results, (await scene.ResultsAsync(batch)).Select(r => Encoding.UTF8.GetString(r.Data.Span)));
        var next = await scene.ClaimAsync(batch, 2, sources: [1], byteLimit: 100 << 20);
        Expect.Sequence(results, next.Items.Select(i => Encoding.UTF8.GetString(Expect.Single(i.Results).Result.Span)));
    }

    public static async Task Rows_and_errors_of_a_megabyte_are_stored_whole(Scene scene)
    {
        var megabyte = string.Concat(Enumerable.Repeat("0123456789abcdeé", 1 << 16));
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(
            staging,
            [Scene.Row(1, megabyte)],
            [new(2, 2, "long", megabyte, Encoding.UTF8.GetBytes(megabyte))],
            default);
        var upload = await scene.Store.SealAsync(staging, Scene.Seal("large", 1, 1), default);
        var batch = await scene.LaunchAsync(upload);
        await scene.WorkAsync(batch, outcome: i => Commits.Failed(i, error: megabyte));

        Expect.Equal(megabyte, (await scene.StateAsync(batch, 1)).Error);
        var row = Expect.Single(await Scene.ToListAsync(scene.Store.ReadRowsAsync(upload, after: 0, default)));
        Expect.Equal(megabyte, JsonSerializer.Deserialize<string[]>(row.Raw.Span)![0]);
        Expect.Equal(megabyte, Expect.Single(await Scene.ToListAsync(scene.Store.ReadRejectsAsync(upload, after: 0, default))).Reason);
    }

    public static async Task Columns_named_like_the_stores_own_are_data_only(Scene scene)
    {
        var staging = await scene.BeginAsync();
        await scene.Store.StageAsync(staging, [new StagedRow(1, """["umbrella","99","6"]"""u8.ToArray())], [], default);
        var upload = await scene.Store.SealAsync(
            staging,
            Scene.Seal("own names", 1) with
            {
                Columns = ["client", "batch", "status"],
                HeaderMap = new Dictionary<string, IReadOnlyList<int>> { ["client"] = [0] },
            },
            default);
        var batch = await scene.LaunchAsync(upload);

        await scene.FinishAsync(batch);

        Expect.Equal(BatchStatus.Completed, (await scene.ReloadAsync(batch)).Status);
        Expect.Null(await scene.Store.FindUploadAsync("umbrella", upload.Id, default));
        await scene.ExpectHealthyAsync();
    }

    private static string Json(string text) => JsonSerializer.Serialize(new Dictionary<string, string> { ["text"] = text });
}
