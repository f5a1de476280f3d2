namespace Enrichment.Testing.Tests;

public sealed class FakeClockTests
{
    private readonly FakeClock clock = new();

    [Fact]
    public void It_moves_only_when_told()
    {
        var start = clock.GetUtcNow();
        var stamp = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(start.AddMinutes(3), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromMinutes(3), clock.GetElapsedTime(stamp));
        Assert.Throws<ArgumentOutOfRangeException>(() => clock.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Each_timer_sees_the_moment_for_which_it_was_set_in_order()
    {
        var seen = new List<double>();
        var start = clock.GetUtcNow();
        void Note(object? _) => seen.Add((clock.GetUtcNow() - start).TotalSeconds);
        using var late = clock.CreateTimer(Note, null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        using var often = clock.CreateTimer(Note, null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        clock.Advance(TimeSpan.FromSeconds(7));

        Assert.Equal([2, 4, 5, 6], seen);
    }

    [Fact]
    public void A_timer_that_was_disposed_or_never_dated_does_not_fire()
    {
        var fired = 0;
        clock.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)).Dispose();
        using var never = clock.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, TimeSpan.FromSeconds(1));

        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(0, fired);
    }

    [Fact]
    public async Task Delays_and_time_outs_of_the_platform_go_by_it()
    {
        var delay = Task.Delay(TimeSpan.FromSeconds(10), clock);
        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(11), clock);

        clock.Advance(TimeSpan.FromSeconds(10));
        await delay;
        Assert.False(source.IsCancellationRequested);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(source.IsCancellationRequested);
    }
}
