using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Enrichment.Plans;

/// <summary>
/// Calls to the store that must not be given up: repeated while the store is out of reach. Every operation of the store recognises its own
/// repetition.
/// </summary>
/// <remarks>
/// Once <c>end</c> fires, nothing is tried twice and no try takes longer than <see cref="Goodbye"/>: a host that stops while the store is
/// away ends all the same.
/// </remarks>
internal sealed class StoreRetry
{
    /// <summary>How long a call may take when the host's time to drain is over.</summary>
    public static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    private readonly ResiliencePipeline reaching;
    private readonly ResiliencePipeline holdingSet;
    private readonly ResiliencePipeline holdingOne;
    private readonly TimeProvider time;
    private readonly CancellationToken end;

    public StoreRetry(TimeProvider time, ILogger logger, CancellationToken end = default)
    {
        this.time = time;
        this.end = end;
        reaching = Repeating(IsOutOfReach, time, logger);
        holdingSet = Repeating(exception => !IsOfData(exception) && !IsTimeout(exception) && !IsOver(exception), time, logger);
        holdingOne = Repeating(exception => !IsOfData(exception) && !IsOver(exception), time, logger);
    }

    /// <summary>Whether an exception says that the store, and not the statement or its data, is the trouble: later it may not be.</summary>
    /// <remarks>
    /// An error without a SQLSTATE is a driver's about its connection: a server that is away, a failover in which no server takes writes, a
    /// password that has changed. One with it is the store's trouble unless its class blames the statement (0A, 42 but for a missing
    /// right), the data, or damaged files (XX).
    /// </remarks>
    public static bool IsOutOfReach(Exception exception) => exception switch
    {
        DbException { SqlState: null or "42501" } => true,
        DbException { SqlState: { } state } => !IsOfData(state) && !IsOfClass(state, "0A", "42", "P0", "XX"),
        TimeoutException or IOException or SocketException => true,
        _ => false,
    };

    /// <summary>
    /// Whether a host that starts waits for the store. One that is there and does not let it in is told at once: a wrong password, a
    /// database that does not exist, a missing right.
    /// </summary>
    public static bool IsAway(Exception exception) =>
        IsOutOfReach(exception) && exception is not DbException { SqlState: "42501" or "3D000" or ['2', '8', ..] };

    /// <summary>
    /// Whether the data of a write may be its trouble, so that the same write would fail for ever: its value, its size, or what it says
    /// twice.
    /// </summary>
    public static bool IsOfData(Exception exception) => exception switch
    {
        DbException { SqlState: { } state } => IsOfData(state),
        // A driver's, before anything is sent.
        ArgumentException or ArithmeticException or InvalidCastException or OutOfMemoryException => true,
        _ => false,
    };

    /// <summary>Whether a smaller set might have been written: it took too long, or the server had not the memory.</summary>
    public static bool IsTimeout(Exception exception) =>
        exception is TimeoutException or { InnerException: TimeoutException } or DbException { SqlState: "57014" or "25P04" or "53200" };

    public ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(reaching, call, cancellationToken);

    /// <summary>
    /// A write that must not be dropped: repeated after any error of the store, until it succeeds or the host's drain time has ended.
    /// </summary>
    /// <param name="call">The write.</param>
    /// <param name="divisible">Whether a smaller write can be tried: then a time-out ends it.</param>
    /// <exception cref="Exception">An error that the data may have caused, or a time-out of a write that can be divided.</exception>
    public ValueTask<T> HoldAsync<T>(Func<CancellationToken, Task<T>> call, bool divisible) =>
        RunAsync(divisible ? holdingSet : holdingOne, call, CancellationToken.None);

    /// <summary>Waits before the same is tried once more.</summary>
    /// <exception cref="OperationCanceledException">The host's time is over.</exception>
    public Task RestAsync() => Task.Delay(Goodbye, time, end);

    // A store that was disposed of does not come back.
    private static bool IsOver(Exception exception) => exception is ObjectDisposedException;

    private static bool IsOfData(string state) => IsOfClass(state, "21", "22", "23", "54");

    private static bool IsOfClass(string state, params ReadOnlySpan<string> classes)
    {
        foreach (var each in classes)
        {
            if (state.StartsWith(each, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static ResiliencePipeline Repeating(Func<Exception, bool> when, TimeProvider time, ILogger logger) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    ShouldHandle = new PredicateBuilder().Handle(when),
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(50),
                    MaxDelay = TimeSpan.FromSeconds(2),
                    OnRetry = retry =>
                    {
                        Log.StoreFailed(logger, retry.RetryDelay, retry.Outcome.Exception);
                        return default;
                    },
                })
            .Build();

    private async ValueTask<T> RunAsync<T>(
        ResiliencePipeline pipeline,
        Func<CancellationToken, Task<T>> call,
        CancellationToken cancellationToken)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var timer = time.CreateTimer(
            static cut => ((CancellationTokenSource)cut!).Cancel(),
            cut,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        await using var stopped = timer.ConfigureAwait(false);
        await using var ending = end.UnsafeRegister(static timer => ((ITimer)timer!).Change(Goodbye, Timeout.InfiniteTimeSpan), timer)
            .ConfigureAwait(false);
        if (end.IsCancellationRequested)
        {
            return await call(cut.Token).ConfigureAwait(false);
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, end);
        return await pipeline.ExecuteAsync(async _ => await call(cut.Token).ConfigureAwait(false), either.Token).ConfigureAwait(false);
    }
}
