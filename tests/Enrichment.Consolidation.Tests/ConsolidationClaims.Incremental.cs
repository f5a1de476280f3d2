using System.Text.Json;

namespace Enrichment.Consolidation.Tests;

/// <content>
/// Consolidated again, a batch that had ended costs what has changed since, and the table is still what a rebuild makes of it.
/// </content>
public abstract partial class ConsolidationClaims
{
    private static readonly Projection Answers = Projection.Define(
        "answers",
        p => p.Text("name", s => s.Field("name")).Integer("size", s => s.Result("two", "/size").Column("Size")));

    private static readonly (string Step, string[] Produces)[] TwoStages = [("one", ["name"]), ("two", [])];

    [Fact]
    public async Task Of_a_batch_that_had_ended_only_what_was_retried_since_is_consolidated_again()
    {
        var batch = await EndedAsync(3000, item => item % 2 == 0 ? """{"size":"many"}""" : """{"size":1}""");
        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);
        await ground.RawAsync("update {schema}.projection_1_v1 set name = 'untouched' where item = 1500");
        Assert.Equal(1500, (await ground.IssuesAsync(Answers)).Count);

        await ground.Store.RetryAsync(batch.Key, 2, [2, 3, 2999], sameKey: false, default);
        await ground.AnswerAsync(batch, 2, last: true, item => item == 3 ? """{"size":"few"}""" : """{"size":7}""");
        await ground.Store.CompleteBatchesAsync(default);
        var report = await ground.Store.ConsolidateAsync(Answers, batch.Key, default);

        var rows = await ground.RowsAsync(Answers);
        Assert.Equal(["n1", 1L], rows[0]);
        Assert.Equal(["n2", 7L], rows[1]);
        Assert.Equal(["n3", 3L], rows[2]); // of the cell, as the answer is bad
        Assert.Equal(["n2999", 7L], rows[2998]);
        Assert.Equal("untouched", rows[1499][0]);
        Assert.Equal((3000L, 1500L, false), (report.Rows, report.Issues["size"], report.Rebuilt));
        Assert.Equal([3, 4, 6], (await ground.IssuesAsync(Answers)).Take(3).Select(issue => issue.Item));
        await ground.RawAsync("update {schema}.projection_1_v1 set name = 'n1500' where item = 1500");
        Assert.Empty(await ground.Store.ExamineAsync(Answers, default));
    }

    [Fact]
    public async Task A_late_commit_into_a_cancelled_batch_is_consolidated()
    {
        var batch = await ground.LaunchAsync(await SizesAsync(3), TwoStages);
        var candidate = Assert.Single(await ground.Store.FindCandidatesAsync(batch.Key, [], 1000, default));
        var claim = await ground.Store.ClaimAsync(
            new()
            {
                Candidate = candidate,
                Owner = "test",
                Lease = TimeSpan.FromMinutes(1),
                Limit = 10,
                ByteLimit = 1 << 20,
                Upload = batch.Upload,
                Sources = [],
            },
            default);
        // As after a crash between the batch and its states.
        await ground.RawAsync("update {schema}.batches set status = 5, version = version + 1");
        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);

        await ground.Store.CommitAsync(
            new(
                claim!.Lease,
                "test",
                false,
                [
                    .. claim.Items.Select(item => new StateChange
                    {
                        Item = item.Item,
                        ExpectedAttempt = 0,
                        Attempt = 1,
                        Generation = 1,
                        Tries = 1,
                        Status = Status.Completed,
                        Outcome = StepOutcomeKind.Completed,
                        Result = """{"name":"late"}"""u8.ToArray(),
                    }),
                ]),
            default);
        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);

        Assert.Equal([["late", 1L], ["late", 2L], ["late", 3L]], await ground.RowsAsync(Answers));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task In_any_order_of_retries_ends_and_consolidations_the_table_equals_a_rebuild(int seed)
    {
        var random = new Random(seed);
        var batch = await EndedAsync(1200, Draw);
        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);
        for (var turn = 0; turn < 25; turn++)
        {
            switch (random.Next(5))
            {
                case 0:
                    await ground.Store.RetryAsync(
                        batch.Key,
                        (short)random.Next(1, 3),
                        [.. Enumerable.Range(1, 1200).Where(_ => random.Next(40) == 0)],
                        sameKey: false,
                        default);
                    break;
                case 1:
                    await ground.AnswerAsync(batch, 1, last: false, item => random.Next(9) == 0 ? null : Name(item));
                    break;
                case 2:
                    await ground.AnswerAsync(batch, 2, last: true, Draw);
                    break;
                case 3:
                    await ground.Store.CompleteBatchesAsync(default);
                    break;
                default:
                    await ground.Store.ConsolidateAsync(Answers, batch.Key, default);
                    Assert.Empty(await ground.Store.ExamineAsync(Answers, default));
                    break;
            }
        }

        await ground.Store.ConsolidateAsync(Answers, batch.Key, default);
        var (table, issues) = (await ground.Sha256Async(Answers), await ground.IssuesAsync(Answers));
        await ground.Store.RebuildAsync(Answers, default);
        Assert.Equal(table, await ground.Sha256Async(Answers));
        Assert.Equal(issues, await ground.IssuesAsync(Answers));

        string? Draw(int item) => random.Next(4) switch { 0 => null, 1 => """{"size":"many"}""", _ => $$"""{"size":{{random.Next(9)}}}""" };
    }

    private static string Name(int item) => JsonSerializer.Serialize(new { name = $"n{item}" });

    private Task<Upload> SizesAsync(int rows) =>
        ground.UploadAsync(
            "acme",
            ["Size"],
            NoMap,
            [.. Enumerable.Range(1, rows).Select(row => new[] { row.ToString(System.Globalization.CultureInfo.InvariantCulture) })]);

    private async Task<Batch> EndedAsync(int rows, Func<int, string?> second)
    {
        var batch = await ground.LaunchAsync(await SizesAsync(rows), TwoStages);
        await ground.AnswerAsync(batch, 1, last: false, Name);
        await ground.AnswerAsync(batch, 2, last: true, second);
        Assert.Single(await ground.Store.CompleteBatchesAsync(default));
        return batch;
    }
}
