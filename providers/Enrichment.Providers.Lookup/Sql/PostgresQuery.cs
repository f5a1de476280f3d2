using System.Globalization;
using System.Net.Sockets;
using Enrichment.PostgreSql;
using Enrichment.Providers.Lookup.Rows;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.Providers.Lookup.Sql;

/// <summary>
/// A lookup on PostgreSQL: the keys are arrays, the transaction is read-only and ends with its time-out, and no setting outlives it, so it
/// works behind a pooler.
/// </summary>
internal static class PostgresQuery
{
    public static async Task<LookupTable> RunAsync(
        SqlLookupOptions options,
        IReadOnlyList<RecordKey> keys,
        TimeSpan within,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionSettings.Parse(options.Connection!).ConnectionString);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            // The server knows best when its time is over.
            await using var batch = new NpgsqlBatch(connection, transaction) { Timeout = (int)Math.Ceiling(within.TotalSeconds) + 1 };
            batch.BatchCommands.Add(new NpgsqlBatchCommand("set transaction read only"));
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"set local statement_timeout = {(long)Math.Ceiling(within.TotalMilliseconds)}")));
            batch.BatchCommands.Add(Command(options, keys));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return await QueryRows.ReadAsync(reader, options, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException exception)
        {
            throw Refused(exception, options.Query);
        }
        catch (Exception exception) when (exception is NpgsqlException { IsTransient: true } or SocketException or TimeoutException)
        {
            throw LookupFault.Passing("The database cannot be reached.");
        }
        catch (Exception exception) when (exception is NpgsqlException or ArgumentException or FormatException or NotSupportedException)
        {
            throw LookupFault.Configuration($"The database cannot be connected to as Connection says ({exception.GetType()}).");
        }
    }

    private static NpgsqlBatchCommand Command(SqlLookupOptions options, IReadOnlyList<RecordKey> keys)
    {
        var command = new NpgsqlBatchCommand(QueryText.Bounded(QueryText.Numbered(options.Query, [.. options.Key.Keys]), options.MaxRows));
        for (var part = 0; part < options.Key.Count; part++)
        {
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    Value = keys.Select(key => key.Parts[part]).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                });
        }

        return command;
    }

    /// <summary>
    /// Only faults of the query itself are quoted; other messages may hold data, or parts of the connection string.
    /// </summary>
    private static LookupFault Refused(PostgresException exception, string query) =>
        exception switch
        {
            { SqlState: PostgresErrorCodes.QueryCanceled } => LookupFault.Passing("The query did not end in time."),
            { IsTransient: true } or { SqlState: ['0', '8', ..] or ['5', '3', ..] or ['5', '7', ..] } => LookupFault.Passing(
                $"The database cannot answer now (SQLSTATE {exception.SqlState})."),
            { SqlState: ['2', '8', ..] or PostgresErrorCodes.InvalidCatalogName } => LookupFault.Configuration(
                $"The database refuses the lookup (SQLSTATE {exception.SqlState}). Correct Connection."),
            { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => new(
                StepOutcome.Failed("The query would write. A lookup reads only.")),
            { SqlState: ['4', '2', ..] } => new(
                StepOutcome.Failed(
                    $"The query cannot be run: {exception.MessageText}{QueryText.Place(query, exception.Position)} (SQLSTATE {exception.SqlState}).")),
            _ => new(
                StepOutcome.Failed($"The query failed with SQLSTATE {exception.SqlState}{QueryText.Place(query, exception.Position)}.")),
        };
}
