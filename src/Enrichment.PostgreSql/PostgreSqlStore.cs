using System.Data;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Transactions;
using Dapper;
using Enrichment.Hosting;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <summary>
/// The production store: one schema of a PostgreSQL database (15 or later), any number of hosts, no extension, no superuser.
/// </summary>
/// <remarks>
/// Works behind a pooler in transaction mode: no session state, no LISTEN, no session locks. Thread-safe. Does not own the data source.
/// Each operation is one embedded SQL file of the same name as in the other stores.
/// </remarks>
internal sealed partial class PostgreSqlStore : IEnrichmentStore
{
    // No time-out, for work that grows with the number of rows: its caller may cancel it.
    private const int Unlimited = 0;

    // How long a host may pause between two statements of one transaction.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly NpgsqlDataSource database;
    private readonly PostgreSqlOptions options;
    private readonly SqlFiles sql;

    /// <summary>Makes a store on the host's own data source.</summary>
    /// <exception cref="EnrichmentException">
    /// The schema's name is not one that the store accepts, or the data source multiplexes.
    /// </exception>
    public PostgreSqlStore(NpgsqlDataSource database, PostgreSqlOptions? options = null)
    {
        this.database = database;
        this.options = options ?? new();
        if (!SchemaName().IsMatch(this.options.Schema))
        {
            throw new EnrichmentException(
                $"'{this.options.Schema}' cannot be the schema's name: use lower-case letters, digits and underscores, a letter first, at most 63 characters, and not 'pg_' in front.");
        }

        RefuseMultiplexing(new(database.ConnectionString));
        sql = new(typeof(PostgreSqlStore).Assembly, "Enrichment.PostgreSql.Sql.", Schema);
    }

    // Quoted, because a name may be a reserved word.
    private string Schema => $"\"{options.Schema}\"";

    // Null lets the statements read the database's own clock.
    private DateTimeOffset? Now => options.Clock == TimeProvider.System ? null : options.Clock.GetUtcNow();

    /// <inheritdoc />
    public bool AdmitsOneWorker => false;

    /// <inheritdoc />
    public Task<IAsyncDisposable> AcquireWorkerAsync(Action<string> waiting, CancellationToken cancellationToken) =>
        Task.FromResult<IAsyncDisposable>(WorkerRight.Granted);

    /// <summary>
    /// The store prepares statements and sets local settings, which a connection shared by several commands at once does not keep apart.
    /// </summary>
    internal static void RefuseMultiplexing(NpgsqlConnectionStringBuilder settings)
    {
        if (settings.Multiplexing)
        {
            throw new EnrichmentException(
                "The PostgreSQL store cannot work on a connection string with Multiplexing=true. Leave it out, or give the engine a connection string of its own.");
        }
    }

    [GeneratedRegex(@"^(?!pg_)[a-z][a-z0-9_]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex SchemaName();

    /// <summary>
    /// Opens a connection outside any ambient transaction: what the engine commits never hangs on a scope that the caller has open.
    /// </summary>
    private ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        Transaction.Current is null ? database.OpenConnectionAsync(cancellationToken) : OpenOutsideAsync(cancellationToken);

    private async ValueTask<NpgsqlConnection> OpenOutsideAsync(CancellationToken cancellationToken)
    {
        using var outside = new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled);
        return await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
    }

    private NpgsqlConnection Open()
    {
        using var outside = new TransactionScope(TransactionScopeOption.Suppress);
        return database.OpenConnection();
    }

    private CommandDefinition Command(
        string operation,
        object? parameters,
        CancellationToken cancellationToken,
        NpgsqlTransaction? transaction = null,
        int? timeout = null) => new(sql[operation], parameters, transaction, timeout, cancellationToken: cancellationToken);

    private Task<int> ExecuteAsync(string operation, object? parameters, CancellationToken cancellationToken, int? timeout = null) =>
        WriteAsync(
            connection => connection.ExecuteAsync(Command(operation, parameters, cancellationToken, timeout: timeout)),
            cancellationToken);

    private Task<T?> WriteScalarAsync<T>(string operation, object? parameters, CancellationToken cancellationToken) =>
        WriteAsync(connection => connection.ExecuteScalarAsync<T>(Command(operation, parameters, cancellationToken)), cancellationToken);

    private Task<T?> ReadScalarAsync<T>(string operation, object? parameters, CancellationToken cancellationToken) =>
        ReadAsync(connection => connection.ExecuteScalarAsync<T>(Command(operation, parameters, cancellationToken)), cancellationToken);

    private Task<List<T>> QueryAsync<T>(string operation, object? parameters, CancellationToken cancellationToken, int? timeout = null) =>
        ReadAsync(
            async connection =>
            {
                var command = Command(operation, parameters, cancellationToken, timeout: timeout);
                return (await connection.QueryAsync<T>(command).ConfigureAwait(false)).AsList();
            },
            cancellationToken);

    /// <summary>Writes on a connection, once: a write whose connection breaks may have been done.</summary>
    private Task<T> WriteAsync<T>(Func<NpgsqlConnection, Task<T>> write, CancellationToken cancellationToken) => NamingMissingAsync(
        async () =>
        {
            await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
            return await write(connection).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>Reads on a connection. The read is repeated, once, if its connection turns out to be broken.</summary>
    private Task<T> ReadAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken) =>
        NamingMissingAsync(() => ReadTwiceAsync(read, cancellationToken), cancellationToken);

    private async Task<T> ReadTwiceAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellationToken)
    {
        await using (var connection = await OpenAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                return await read(connection).ConfigureAwait(false);
            }
            catch (NpgsqlException) when (connection.FullState.HasFlag(ConnectionState.Broken))
            {
                // One from the pool may have died with the server's last restart, and only its first statement finds out. Npgsql then
                // empties its pool.
            }
        }

        await using var fresh = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await read(fresh).ConfigureAwait(false);
    }

    /// <summary>Streams rows from a connection that has just answered: rows already handed out cannot be read again.</summary>
    private async IAsyncEnumerable<T> StreamAsync<T>(
        Func<NpgsqlConnection, IAsyncEnumerable<T>> read,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await PingAsync(cancellationToken).ConfigureAwait(false);
        await using var living = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var row in read(living).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    // Makes a broken pool empty itself, so that the next connection is a living one.
    private Task<int> PingAsync(CancellationToken cancellationToken) => ReadTwiceAsync(
        connection => connection.ExecuteAsync(new CommandDefinition("select 1", cancellationToken: cancellationToken)),
        cancellationToken);

    /// <summary>Says where nothing was migrated yet, instead of naming a table that is not there.</summary>
    private async Task<T> NamingMissingAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        PostgresException missing;
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (PostgresException exception)
            when (exception.SqlState
                    is PostgresErrorCodes.UndefinedTable
                        or PostgresErrorCodes.InvalidSchemaName
                        or PostgresErrorCodes.UndefinedFunction)
        {
            missing = exception;
        }

        throw await HasSchemaAsync(cancellationToken).ConfigureAwait(false) ? missing : StoreSchema.Unready(SchemaState.Missing, missing);
    }
}
