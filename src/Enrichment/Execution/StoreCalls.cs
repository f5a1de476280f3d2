using System.Data.Common;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Enrichment.Execution;

/// <summary>Calls to the store that must not be given up: repeated while the store is out of reach. Every operation of the store recognises its own repetition.</summary>
internal sealed class StoreCalls
{
    private readonly ResiliencePipeline pipeline;

    public StoreCalls(TimeProvider time, ILogger logger)
    {
        pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(IsOutOfReach),
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
    }

    /// <summary>Whether an exception says that the store, and not the statement, is the trouble.</summary>
    /// <remarks>
    /// In the SQL standard class 08 is the connection's. Drivers hold some of it to be permanent, such as 08P01, with which PgBouncer tells of a server that it lost or
    /// cannot log in to; but to give up an answer because of it would be wrong even if it were.
    /// </remarks>
    public static bool IsOutOfReach(Exception exception) => exception switch
    {
        DbException database => database.IsTransient || database.SqlState?.StartsWith("08", StringComparison.Ordinal) == true,
        TimeoutException or IOException => true,
        _ => false,
    };

    public ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        pipeline.ExecuteAsync(async token => await call(token).ConfigureAwait(false), cancellationToken);
}
