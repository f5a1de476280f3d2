using Enrichment.RateLimiting;
using Enrichment.Scheduling;
using Enrichment.Storage;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public sealed class DueBatchCacheTests : IDisposable
{
    private static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(2);

    private readonly FakeTimeProvider time = new();
    private readonly DueBatchCache look;
    private TimeSpan takes = Takes;
    private int looks;

    public DueBatchCacheTests() => look = new(
        (_, _) =>
        {
            looks++;
            time.Advance(takes);
            return Task.FromResult(new DueWork([new(looks, 1, 10)], []));
        },
        Credits(),
        time);

    public void Dispose() => look.Dispose();

    private static VendorCredits Credits() => new CreditStore(TimeProvider.System).Credits;

    [Fact]
    public async Task One_query_serves_all_claims_for_nine_times_as_long_as_it_took()
    {
        Assert.Equal(1, await ReadAsync());
        time.Advance((9 * Takes) - TimeSpan.FromTicks(1));
        Assert.Equal(1, await ReadAsync());
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(2, await ReadAsync());
    }

    [Fact]
    public async Task A_reader_that_needs_the_present_waits_until_looking_is_cheap_again()
    {
        await ReadAsync();
        time.Advance(Takes);

        var reading = look.ReadAsync(time.GetTimestamp(), () => [], default);
        Assert.False(reading.IsCompleted);
        time.Advance(8 * Takes);

        Assert.Equal(2, Assert.Single((await reading).Batches).Batch);
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task A_look_that_took_long_does_not_make_the_host_blind_for_long()
    {
        takes = TimeSpan.FromSeconds(1);
        await ReadAsync();
        time.Advance(TimeSpan.FromMilliseconds(24));
        Assert.Equal(1, await ReadAsync());
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, await ReadAsync());
    }

    [Fact]
    public async Task The_stages_that_a_look_left_out_are_told_to_all_that_it_serves()
    {
        Assert.Equal([(1, (short)2)], (await look.ReadAsync(long.MinValue, () => [(1, 2)], default)).Except);
        Assert.Equal([(1, (short)2)], (await look.ReadAsync(long.MinValue, () => [], default)).Except);
    }

    [Fact]
    public async Task A_look_that_failed_serves_nobody()
    {
        var fails = true;
        using var other = new DueBatchCache(
            (_, _) => fails ? Task.FromException<DueWork>(new IOException("gone")) : Task.FromResult(new DueWork([], [])), Credits(), time);
        await Assert.ThrowsAsync<IOException>(() => other.ReadAsync(long.MinValue, () => [], default));
        fails = false;

        Assert.Empty((await other.ReadAsync(long.MinValue, () => [], default)).Batches);
    }

    private async Task<int> ReadAsync() => Assert.Single((await look.ReadAsync(long.MinValue, () => [], default)).Batches).Batch;
}
