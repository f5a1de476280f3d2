using Enrichment.Testing;

namespace Enrichment.Cli.Tests;

/// <summary>What the display says of a batch under way.</summary>
public sealed class PaceTests
{
    private readonly FakeClock clock = new();

    [Fact]
    public void The_time_left_is_told_only_when_every_stage_to_come_has_been_seen_at_work()
    {
        var pace = new Pace(clock);

        Assert.Equal("0 of 100 items ended, 0 failed, 0 of 100 through stage 1 of 2 (fast)", pace.Describe(At(fast: 0, slow: 0)));
        Assert.Equal("0 of 100 items ended, 0 failed, 10 of 100 through stage 1 of 2 (fast)", pace.Describe(At(fast: 10, slow: 0)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("0 of 100 items ended, 0 failed, 90 of 100 through stage 1 of 2 (fast)", pace.Describe(At(fast: 90, slow: 0)));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("1 of 100 items ended, 0 failed, 1 of 100 through stage 2 of 2 (slow)", pace.Describe(At(fast: 100, slow: 1)));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(
            "2 of 100 items ended, 0 failed, 2 of 100 through stage 2 of 2 (slow), 16 min 20 s left",
            pace.Describe(At(fast: 100, slow: 2)));
        Assert.Equal("100 of 100 items ended, 0 failed", pace.Describe(At(fast: 100, slow: 100)));
    }

    [Fact]
    public void The_time_left_never_grows_while_calls_hang()
    {
        var pace = new Pace(clock);
        pace.Describe(At(fast: 100, slow: 10));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.EndsWith(
            "20 of 100 through stage 2 of 2 (slow), 1 min 20 s left",
            pace.Describe(At(fast: 100, slow: 20)),
            StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(5));
        Assert.EndsWith(", 1 min 15 s left", pace.Describe(At(fast: 100, slow: 20)), StringComparison.Ordinal);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.EndsWith("20 of 100 through stage 2 of 2 (slow)", pace.Describe(At(fast: 100, slow: 20)), StringComparison.Ordinal);

        clock.Advance(TimeSpan.FromSeconds(9));
        Assert.EndsWith(", 1 min left", pace.Describe(At(fast: 100, slow: 40)), StringComparison.Ordinal);
    }

    [Fact]
    public void Items_that_failed_before_a_stage_are_not_waited_for_there()
    {
        var pace = new Pace(clock);

        pace.Describe(At(fast: 50, slow: 10, failed: 50));
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(
            "80 of 100 items ended, 50 failed, 30 of 50 through stage 2 of 2 (slow), 10 s left",
            pace.Describe(At(fast: 50, slow: 30, failed: 50)));
    }

    [Fact]
    public void The_time_of_a_pause_is_no_time_of_work()
    {
        var pace = new Pace(clock);
        pace.Describe(At(fast: 100, slow: 10));
        clock.Advance(TimeSpan.FromSeconds(10));
        pace.Describe(At(fast: 100, slow: 20));

        pace.Describe(At(fast: 100, slow: 20, status: BatchStatus.Paused));
        clock.Advance(TimeSpan.FromHours(10));
        pace.Describe(At(fast: 100, slow: 20));
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.EndsWith(
            "30 of 100 through stage 2 of 2 (slow), 1 min 10 s left",
            pace.Describe(At(fast: 100, slow: 30)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vendor_credits")]
    [InlineData("breaker")]
    public void No_time_left_is_told_while_a_vendor_takes_no_calls(string reason)
    {
        var pace = new Pace(clock);
        pace.Describe(At(fast: 100, slow: 10));
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(
            "20 of 100 items ended, 0 failed, 20 of 100 through stage 2 of 2 (slow)",
            pace.Describe(At(fast: 100, slow: 20, limit: new(2, "acme/slow", reason, clock.GetUtcNow()))));
        Assert.EndsWith(", 1 min 20 s left", pace.Describe(At(fast: 100, slow: 20)), StringComparison.Ordinal);
    }

    private static BatchProgress At(
        int fast,
        int slow,
        int failed = 0,
        BatchStatus status = BatchStatus.Running,
        StageLimit? limit = null) =>
        new(
            new()
            {
                Key = 1,
                Id = Guid.Empty,
                Client = "acme",
                Upload = 1,
                UploadId = Guid.Empty,
                LaunchKey = "",
                Pipeline = "leads",
                Snapshot = "{}",
                Status = status,
                Items = 100,
                Priority = 10,
                Version = 1,
                CreatedAt = default,
            },
            [
                new()
                {
                    Step = "fast",
                    Optional = false,
                    Last = false,
                    Counts = StageCounts.None(1) with { Completed = fast, Failed = failed },
                },
                new()
                {
                    Step = "slow",
                    Optional = false,
                    Last = true,
                    Counts = StageCounts.None(2) with { Completed = slow, Pending = 100 - slow },
                    Limit = limit,
                },
            ]);
}
