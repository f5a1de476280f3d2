using System.Text.Json;
using Enrichment.Providers.Lookup.Rows;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Enrichment.Providers.Lookup.Sql;

/// <summary>A lookup in a SQLite file, opened to be read only: the keys are JSON arrays, since SQLite has no others.</summary>
internal static class SqliteQuery
{
    // SQLite runs on the caller's thread, and does not stop when the caller gives up. This is well below a millisecond.
    private const int InstructionsBetweenLooks = 10_000;

    public static async Task<LookupTable> RunAsync(
        SqlLookupOptions options,
        IReadOnlyList<RecordKey> keys,
        TimeSpan within,
        CancellationToken cancellationToken)
    {
        var file = Path.GetFullPath(options.File!);
        if (!File.Exists(file))
        {
            throw LookupFault.Configuration(
                $"There is no database '{file}'. Correct File; a path is relative to the folder in which the host was started.");
        }

        try
        {
            // Not pooled: a kept handle would read on in a file that another has long replaced.
            var address = new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
                DefaultTimeout = (int)Math.Ceiling(within.TotalSeconds),
            };
            await using var connection = new SqliteConnection(address.ConnectionString);
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var began = TimeProvider.System.GetTimestamp();
            raw.sqlite3_progress_handler(
                connection.Handle,
                InstructionsBetweenLooks,
                _ => cancellationToken.IsCancellationRequested || TimeProvider.System.GetElapsedTime(began) > within ? 1 : 0,
                null);
            await using var command = Command(connection, options, keys);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return await QueryRows.ReadAsync(reader, options, cancellationToken).ConfigureAwait(false);
        }
        catch (SqliteException exception)
        {
            throw Refused(exception, options.Query);
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            // A parameter that the key does not have.
            throw new LookupFault(StepOutcome.Failed($"The query cannot be run: {exception.Message}"));
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, SqlLookupOptions options, IReadOnlyList<RecordKey> keys)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The query is the operator's; what comes from records is in parameters.
        command.CommandText = QueryText.Bounded(options.Query, options.MaxRows);
#pragma warning restore CA2100
        foreach (var (part, name) in options.Key.Keys.Index())
        {
            command.Parameters.AddWithValue("@" + name, JsonSerializer.Serialize(keys.Select(key => key.Parts[part])));
        }

        return command;
    }

    private static LookupFault Refused(SqliteException exception, string query) =>
        exception.SqliteErrorCode switch
        {
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_IOERR or raw.SQLITE_CANTOPEN or raw.SQLITE_PROTOCOL or raw.SQLITE_SCHEMA =>
                LookupFault.Passing($"The database cannot answer now (SQLite error {exception.SqliteErrorCode})."),
            raw.SQLITE_INTERRUPT => LookupFault.Passing("The query did not end in time."),
            raw.SQLITE_NOTADB or raw.SQLITE_CORRUPT => LookupFault.Configuration(
                $"file is not a sound SQLite database (SQLite error {exception.SqliteErrorCode})."),
            raw.SQLITE_READONLY => new(StepOutcome.Failed("The query would write. A lookup reads only.")),
            raw.SQLITE_ERROR => new(
                StepOutcome.Failed($"The query cannot be run: {Own(exception.Message)}{QueryText.Place(query, Own(exception.Message))}.")),
            _ => new(StepOutcome.Failed($"The query failed with SQLite error {exception.SqliteErrorCode}.")),
        };

    // SQLite Error 1: 'no such column: x'.
    private static string Own(string message) => message[(message.IndexOf('\'', StringComparison.Ordinal) + 1)..message.LastIndexOf('\'')];
}
