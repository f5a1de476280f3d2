using System.Data;
using Dapper;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Filling;
using Enrichment.Consolidation.Reading;
using Enrichment.Consolidation.Tables;
using Enrichment.PostgreSql.Consolidation;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Typed tables. <see cref="TypedTables"/> has the work; here are the transaction and the lock around it.</content>
internal sealed partial class PostgreSqlStore
{
    private PostgreSqlDialect Dialect => new(sql, options.Schema, PrepareAsync);

    /// <inheritdoc />
    public Task<T> LookAsync<T>(string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) =>
        ReadAsync(connection => read(new(connection, null, Dialect, projection, Now)), cancellationToken);

    /// <inheritdoc />
    public Task<T> SnapshotAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> read, CancellationToken cancellationToken) => NamingMissingAsync(
        async () =>
        {
            await PingAsync(cancellationToken).ConfigureAwait(false);
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await connection
                .BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken)
                .ConfigureAwait(false);
            await connection.ExecuteAsync(new CommandDefinition(
                $"set transaction read only; set local statement_timeout = '{ConsolidationCommand.TimeoutSeconds}s'; set local jit = off",
                transaction: transaction,
                cancellationToken: cancellationToken)).ConfigureAwait(false);
            return await read(new(connection, transaction, Dialect, projection, Now)).ConfigureAwait(false);
        },
        cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<T> StreamAsync<T>(
        Func<ProjectionReading, IAsyncEnumerable<T>> read, CancellationToken cancellationToken) =>
        StreamAsync((NpgsqlConnection connection) => read(new(connection, Dialect)), cancellationToken);

    /// <inheritdoc />
    public async Task<T> TransactAsync<T>(
        string projection, Func<ProjectionSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);

        // One chunk of a projection at a time: the second waits, then sees the commit of the first. Bound to the transaction, as in
        // MigrateAsync. The server ends transactions of stopped clients, and a shorter time-out of the role does not end a wide
        // statement. Names of functions mean the built-in ones, whatever the session's search path is. No statement is compiled just in
        // time: they run once for each chunk, and would take longer to compile than to run. The plan is the same for every chunk, so a
        // prepared statement is planned once.
        await connection.ExecuteAsync(new CommandDefinition(
            $"set local search_path = pg_catalog, pg_temp; set local statement_timeout = '{ConsolidationCommand.TimeoutSeconds}s'; set local jit = off; set local plan_cache_mode = force_generic_plan; select pg_advisory_xact_lock(hashtextextended(@name, 0))",
            new { name = $"enrichment:{options.Schema}:{projection}" },
            transaction,
            commandTimeout: ConsolidationCommand.TimeoutSeconds,
            cancellationToken: cancellationToken)).ConfigureAwait(false);
        var result = await work(new(connection, transaction, Dialect, projection, Now)).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return result;
    }
}
