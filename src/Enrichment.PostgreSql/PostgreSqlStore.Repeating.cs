using System.Globalization;
using Npgsql;
using Polly;
using Polly.Retry;

namespace Enrichment.PostgreSql;

/// <content>Transactions that the server ended in favour of another: nothing of them was done, so that they are simply run again.</content>
internal sealed partial class PostgreSqlStore
{
    private static readonly ResiliencePipeline Repeated = new ResiliencePipelineBuilder()
        .AddRetry(
            new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<PostgresException>(error =>
                    error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure),
                MaxRetryAttempts = 10,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(20),
                MaxDelay = TimeSpan.FromSeconds(1),
            })
        .Build();

    /// <summary>
    /// Runs an operation that no loop repeats: an operator's, an upload, a launch. Never one in a transaction that the host owns.
    /// </summary>
    private static async Task<T> RepeatAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken) =>
        await Repeated.ExecuteAsync(async token => await act(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Begins a transaction of several round trips, whose locks end with it if this host stops between two of them.</summary>
    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // For this transaction only, so that it holds behind a pooler and stays with no other.
            await using var command = new NpgsqlCommand(
                "select set_config('idle_in_transaction_session_timeout', $1, true)",
                connection,
                transaction)
            {
                Parameters = { new() { Value = LongestPause.TotalMilliseconds.ToString(CultureInfo.InvariantCulture) } },
            };
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
