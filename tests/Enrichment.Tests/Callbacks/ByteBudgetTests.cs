using System.IO.Pipelines;
using Enrichment.Callbacks;
using Microsoft.Extensions.Time.Testing;
using static Enrichment.Callbacks.ByteBudget;

namespace Enrichment.Tests.Callbacks;

/// <summary>Who has to go where bodies would be more than may be held.</summary>
public sealed class ByteBudgetTests
{
    private const int MostBytes = 1000;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Bodies_that_stop_short_of_their_end_keep_nobody_out_and_end_after_the_timeout()
    {
        var held = new ByteBudget(64 * MostBytes, time);
        var stalled = new List<Task<(Reading How, ReadOnlyMemory<byte> Body)>>();
        for (var i = 0; i < 65; i++)
        {
            stalled.Add(await BeginAsync(held, MostBytes - 1));
        }

        for (var i = 0; i < 100; i++)
        {
            var (how, body) = await WholeAsync(held, MostBytes);
            Assert.Equal((Reading.Whole, MostBytes), (how, body.Length));
        }

        Assert.All(await Task.WhenAll(stalled[..2]), read => Assert.Equal(Reading.NoRoom, read.How));
        Assert.Equal(63, stalled.Count(reading => !reading.IsCompleted));
        time.Advance(Timeout);
        Assert.All((await Task.WhenAll(stalled))[2..], read => Assert.Equal(Reading.TooSlow, read.How));
        Assert.True(new ByteShare(held, isNamed: false).TryGrow(64 * MostBytes)); // All was given back, once.
        Assert.False(new ByteShare(held, isNamed: false).TryGrow(1));
    }

    [Fact]
    public async Task A_body_that_is_whole_does_not_go_for_a_newcomer()
    {
        var held = new ByteBudget(2 * MostBytes, time);
        using var first = new ByteShare(held, isNamed: false);
        using var second = new ByteShare(held, isNamed: false);
        Assert.Equal(Reading.Whole, (await WholeAsync(first, MostBytes)).How);
        Assert.Equal(Reading.Whole, (await WholeAsync(second, MostBytes)).How);

        Assert.Equal(Reading.NoRoom, (await WholeAsync(held, 1)).How);
        first.Dispose();
        Assert.Equal(Reading.Whole, (await WholeAsync(held, 1)).How);
    }

    [Fact]
    public async Task A_sender_without_a_token_never_drives_out_one_with_a_token()
    {
        var held = new ByteBudget(2 * MostBytes, time);
        var named = await BeginAsync(held, MostBytes, isNamed: true);
        var nameless = await BeginAsync(held, MostBytes - 1);

        Assert.Equal(Reading.Whole, (await WholeAsync(held, MostBytes - 1)).How);
        Assert.Equal((Reading.NoRoom, false), ((await nameless).How, named.IsCompleted));
        using var large = new ByteShare(held, isNamed: false);
        Assert.False(large.TryGrow(MostBytes + 1));
        Assert.False(named.IsCompleted);
        using var trusted = new ByteShare(held, isNamed: true);
        Assert.True(trusted.TryGrow(MostBytes + 1));
        Assert.Equal(Reading.NoRoom, (await named).How);
    }

    [Fact]
    public async Task A_body_that_drips_is_ended_after_the_timeout_however_steadily_it_comes()
    {
        var pipe = new Pipe();
        using var share = new ByteShare(new ByteBudget(MostBytes, time), isNamed: true);
        var reading = share.ReadAsync(pipe.Reader, MostBytes, Timeout, default);
        for (var second = 0; second < 10; second++)
        {
            Assert.False(reading.IsCompleted);
            await pipe.Writer.WriteAsync(new byte[1]);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(Reading.TooSlow, (await reading).How);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_told_from_one_whose_caller_gave_up()
    {
        var pipe = new Pipe();
        await pipe.Writer.CompleteAsync(new IOException("reset"));
        using var share = new ByteShare(new ByteBudget(MostBytes, time), isNamed: true);
        Assert.Equal(Reading.BrokenOff, (await share.ReadAsync(pipe.Reader, MostBytes, Timeout, default)).How);

        using var left = new CancellationTokenSource();
        var reading = new ByteShare(new ByteBudget(MostBytes, time), isNamed: true).ReadAsync(
            new Pipe().Reader,
            MostBytes,
            Timeout,
            left.Token);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    /// <summary>A body of which so much comes, and no more.</summary>
    private static async Task<Task<(Reading How, ReadOnlyMemory<byte> Body)>> BeginAsync(ByteBudget held, int bytes, bool isNamed = false)
    {
        var pipe = new Pipe(new PipeOptions(readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        var reading = ReadAsync();
        await pipe.Writer.WriteAsync(new byte[bytes]);
        return reading;

        async Task<(Reading How, ReadOnlyMemory<byte> Body)> ReadAsync()
        {
            using var share = new ByteShare(held, isNamed);
            return await share.ReadAsync(pipe.Reader, MostBytes, Timeout, default);
        }
    }

    private static async Task<(Reading How, ReadOnlyMemory<byte> Body)> WholeAsync(ByteBudget held, int bytes)
    {
        using var share = new ByteShare(held, isNamed: false);
        return await WholeAsync(share, bytes);
    }

    private static async Task<(Reading How, ReadOnlyMemory<byte> Body)> WholeAsync(ByteShare share, int bytes)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[bytes]);
        await pipe.Writer.CompleteAsync();
        return await share.ReadAsync(pipe.Reader, MostBytes, Timeout, default);
    }
}
