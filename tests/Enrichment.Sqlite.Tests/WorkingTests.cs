using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Sqlite.Tests;

/// <summary>A batch from launch to its end, on a file and in memory.</summary>
public sealed class WorkingTests : IDisposable
{
    private readonly TemporaryDatabase database = new();
    private readonly FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch.AddYears(56));

    public void Dispose() => database.Dispose();

    private SqliteStore Open(bool inMemory) => new(inMemory ? ":memory:" : database.Path, new() { Clock = clock });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_of_two_stages_runs_to_its_end_and_the_doctor_finds_nothing(bool inMemory)
    {
        using var store = Open(inMemory);
        var launched = await Launched.BatchOfAsync(store, 2500, stages: 2);
        var done = 0;
        while (await launched.ClaimAsync(limit: 400, sources: 1) is { } claim)
        {
            Assert.Equal($"""["row {claim.Items[0].Item}"]""", Encoding.UTF8.GetString(claim.Items[0].Raw.Span));
            Assert.All(claim.Items, item => Assert.Equal(claim.Lease.Range.Stage - 1, item.Results.Count));
            done += (await launched.CompleteAsync(claim, """{"ü\"\u0000":[1.0,1e5]}""", advances: claim.Lease.Range.Stage == 1)).Count;
            Assert.True(await store.ReleaseAsync(claim.Lease, evenIfDue: false, default));
        }

        var ended = Assert.Single(await store.CompleteBatchesAsync(default));
        Assert.Equal(5000, done);
        Assert.Equal(Enrichment.BatchStatus.Completed, ended.Status);
        Assert.Equal(clock.GetUtcNow(), ended.CompletedAt);
        Assert.Empty(await store.CompleteBatchesAsync(default));
        Assert.Empty(await store.ExamineAsync(default));
        var results = await store.ReadResultsAsync(launched.Batch.Key, default).ToListAsync();
        Assert.Equal(5000, results.Count);
        Assert.All(results, result => Assert.Equal("""{"ü\"\u0000":[1.0,1e5]}""", Encoding.UTF8.GetString(result.Data.Span)));
        var items = await store.ReadItemsAsync(ended, default).ToListAsync();
        Assert.Equal(Enumerable.Range(1, 2500), items.Select(item => item.Item));
        Assert.All(items, item => Assert.Equal(2, item.Results.Count));
        Assert.False(await store.HasOpenWorkAsync([], [], default));
        Assert.Equal(ended.Key, Assert.Single(await store.FindUnconsolidatedAsync(default)).Key);
        await store.MarkConsolidatedAsync(ended, default);
        Assert.Empty(await store.FindUnconsolidatedAsync(default));
        Assert.Equal(["launched", "completed"], (await store.ReadEventsAsync(ended.Key, default)).Select(e => e.Kind));
        Assert.Equal(2500, (await store.ReadProgressAsync(ended.Key, default))[1].Completed);
    }

    [Fact]
    public async Task A_transient_failure_waits_for_its_date_and_a_permanent_one_can_be_retried()
    {
        using var store = Open(inMemory: false);
        var launched = await Launched.BatchOfAsync(store, 2);
        var claim = (await launched.ClaimAsync())!;
        await launched.CommitAsync(
            claim,
            item =>
                item.Item == 1
                    ? new()
                    {
                        Item = 1,
                        ExpectedAttempt = 0,
                        Attempt = 1,
                        Generation = 1,
                        Status = Status.Pending,
                        Outcome = StepOutcomeKind.Retry,
                        Tries = 1,
                        Waits = Enrichment.WaitReason.Retry,
                        Delay = TimeSpan.FromMinutes(5),
                        ErrorClass = ErrorClass.Transient,
                        Error = "503",
                        Cost = 0.25m,
                    }
                    : new()
                    {
                        Item = 2,
                        ExpectedAttempt = 0,
                        Attempt = 1,
                        Generation = 1,
                        Status = Status.Failed,
                        Outcome = StepOutcomeKind.Failed,
                        Tries = 1,
                        ErrorClass = ErrorClass.Permanent,
                        Error = "no",
                    });
        Assert.True(await store.ReleaseAsync(claim.Lease, evenIfDue: false, default));

        Assert.Null(await launched.ClaimAsync());
        Assert.True(await store.HasOpenWorkAsync([], [], default));
        Assert.False(await store.HasOpenWorkAsync([(launched.Batch.Key, 1)], [], default));
        Assert.Equal("retry", (await store.ReadStatesAsync(launched.Batch.Key, Status.Pending, default).ToListAsync())[0].Reason);
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal([1], await launched.CompleteAsync((await launched.ClaimAsync())!));
        Assert.Equal(Enrichment.BatchStatus.CompletedWithFailures, Assert.Single(await store.CompleteBatchesAsync(default)).Status);
        Assert.Equal(0, await store.RetryAsync(launched.Batch.Key, 1, [3], sameKey: false, default));
        Assert.Equal(1, await store.RetryAsync(launched.Batch.Key, 1, [2], sameKey: false, default));
        var again = (await launched.ClaimAsync())!;
        Assert.Equal((2, 1), (again.Items[0].Generation, again.Items[0].Attempt));
        await launched.CompleteAsync(again);
        Assert.Equal(
            ["attempt started", "attempt failed", "failed", "replaced by a new generation", "completed", "result stored"],
            (await store.ReadTimelineAsync(launched.Batch.Key, again.Lease.Range.Bucket, 2, default))
                .Select(entry => entry.What)
                .OrderBy(what => what == "result stored"));
        Assert.Empty(await store.ExamineAsync(default));
    }

    [Fact]
    public async Task A_host_whose_lease_was_taken_over_changes_nothing()
    {
        using var store = Open(inMemory: false);
        var launched = await Launched.BatchOfAsync(store, 10);
        var stale = (await launched.ClaimAsync(lease: TimeSpan.FromSeconds(2)))!;
        Assert.Equal([stale.Lease], store.Renew("host", [stale.Lease], TimeSpan.FromSeconds(2)));
        Assert.Empty(await store.TakeLostAsync("other", TimeSpan.FromMinutes(1), all: false, default));
        clock.Advance(TimeSpan.FromSeconds(3));

        var taken = Assert.Single(await store.TakeLostAsync("other", TimeSpan.FromMinutes(1), all: false, default));
        Assert.Empty(await launched.CompleteAsync(stale));
        Assert.Empty(await store.BeginAttemptsAsync(stale.Lease, "host", [new(1, 1, 1)], default));
        Assert.Empty(store.Renew("host", [stale.Lease], TimeSpan.FromMinutes(1)));
        Assert.Equal(10, (await store.ReadLostAsync(taken, default)).Count);

        await store.SplitAsync(taken, [taken with { Hi = 5, Losses = 1 }, taken with { Lo = 6, Losses = 1 }], default);
        var half = (await launched.ClaimAsync())!;
        Assert.Equal((1, 5, (short)1), (half.Lease.Lo, half.Lease.Hi, half.Lease.Losses));
        Assert.Equal(5, (await launched.CompleteAsync(half)).Count);
        Assert.Empty(await store.ExamineAsync(default));
    }

    [Fact]
    public async Task An_attempt_begun_before_its_call_is_closed_by_the_commit()
    {
        using var store = Open(inMemory: false);
        var launched = await Launched.BatchOfAsync(store, 2);
        var claim = (await launched.ClaimAsync())!;
        Assert.Equal([1, 2], await store.BeginAttemptsAsync(claim.Lease, "host", [new(1, 1, 1), new(2, 1, 1), new(3, 1, 1)], default));
        Assert.Equal([1, 1], (await store.ReadLostAsync(claim.Lease, default)).Select(lost => lost.OpenAttempt));

        await store.CommitAsync(
            new(
                claim.Lease,
                "host",
                AttemptsAreOpen: true,
                [
                    new()
                    {
                        Item = 1,
                        ExpectedAttempt = 0,
                        Attempt = 1,
                        Generation = 1,
                        Status = Status.Completed,
                        Outcome = StepOutcomeKind.Completed,
                        Result = "{}"u8.ToArray(),
                    },
                    new()
                    {
                        Item = 2,
                        ExpectedAttempt = 0,
                        Attempt = 1,
                        Generation = 1,
                        Status = Status.Skipped,
                        Outcome = StepOutcomeKind.Skipped,
                        Error = "nothing to do",
                    },
                ]),
            default);

        Assert.Equal(
            [null, null],
            (await store.ReadLostAsync(claim.Lease, default)).Select(lost => lost.OpenAttempt).DefaultIfEmpty().Append(null));
        Assert.Empty(await store.ExamineAsync(default));
    }

    [Fact]
    public async Task A_writer_need_not_wait_for_the_whole_of_a_large_set()
    {
        var reading = new ReadingClock();
        using var store = new SqliteStore(database.Path, new() { Clock = reading });
        var launched = await Launched.BatchOfAsync(store, 600);
        var claim = (await launched.ClaimAsync(limit: 600))!;
        Task<bool>? waiting = null;
        var begun = reading.Now;
        reading.Read = () => waiting ??= store.SetPriorityAsync(launched.Batch.Key, 7, default);

        Assert.Equal(600, (await launched.CompleteAsync(claim)).Count);
        Assert.True(await waiting!);
        var ended = reading.Now;

        // Each transaction reads the clock once: three wrote the set, and the second of the four was the one that waited.
        Assert.Equal(4, (ended - begun).TotalSeconds);
        Assert.Equal(
            begun.AddSeconds(2),
            (await store.ReadEventsAsync(launched.Batch.Key, default)).Single(e => e.Kind == "prioritized").At);
        Assert.Empty(await store.ExamineAsync(default));
    }

    [Fact]
    public async Task A_batch_is_paused_resumed_and_cancelled()
    {
        using var store = Open(inMemory: false);
        var launched = await Launched.BatchOfAsync(store, 1500);
        Assert.True(await store.SetPausedAsync(launched.Batch.Key, true, default));
        Assert.False(await store.SetPausedAsync(launched.Batch.Key, true, default));
        Assert.Empty((await store.FindDueAsync([], default)).Batches);
        Assert.True(await store.SetPausedAsync(launched.Batch.Key, false, default));
        Assert.Equal(2, (await store.FindCandidatesAsync(launched.Batch.Key, [], 10, default)).Count);
        Assert.Empty(await store.FindCandidatesAsync(launched.Batch.Key, [1], 10, default));

        Assert.True(await store.CancelAsync(launched.Batch.Key, default) is not null);
        Assert.False(await store.CancelAsync(launched.Batch.Key, default) is not null);
        Assert.Equal(1500, Assert.Single(await store.ReadProgressAsync(launched.Batch.Key, default)).Cancelled);
        Assert.Empty(await store.FindUncancelledAsync(default));
        Assert.Empty(await store.ExamineAsync(default));
    }

    /// <summary>Goes on by a second whenever it is read, and says so.</summary>
    private sealed class ReadingClock : TimeProvider
    {
        public DateTimeOffset Now { get; private set; } = DateTimeOffset.UnixEpoch.AddYears(56);

        public Action? Read { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Now = Now.AddSeconds(1);
            Read?.Invoke();
            return Now;
        }
    }
}
