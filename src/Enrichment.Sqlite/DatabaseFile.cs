using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Enrichment.Sqlite;

/// <summary>Where the database is, and how a connection to it is opened.</summary>
internal sealed class DatabaseFile
{
    // How long a writer waits for one of another process before it gives up.
    private const int BusySeconds = 60;

    private readonly string path;

    public DatabaseFile(string path)
    {
        Check(path);
        InMemory = path == ":memory:";
        this.path = InMemory ? path : Path.GetFullPath(path);
    }

    public bool InMemory { get; }

    /// <summary>The file whose lock of the operating system is the right to run a worker.</summary>
    public string WorkerLock => path + ".worker.lock";

    public static void Check(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new EnrichmentException("The SQLite store needs the path of its file, or ':memory:' for a database that lives only as long as the store.");
        }
    }

    public SqliteConnection Open(bool flushEveryCommit)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = BusySeconds,
            Pooling = false, // the store keeps its connections itself, with their prepared statements
        }.ConnectionString);
        try
        {
            connection.Open();
            Execute(connection, $"pragma busy_timeout = {BusySeconds * 1000}; pragma temp_store = memory; pragma cache_size = -32768;");
            Execute(connection, $"pragma journal_mode = wal; pragma synchronous = {(flushEveryCommit ? "full" : "normal")};");
            return connection;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Explained(exception);
        }
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    private EnrichmentException Explained(SqliteException exception) => new(
        exception.SqliteErrorCode switch
        {
            raw.SQLITE_CANTOPEN when !Directory.Exists(Path.GetDirectoryName(path)) =>
                $"The database '{path}' cannot be opened: its directory does not exist. Make the directory, or name another path.",
            raw.SQLITE_CANTOPEN => $"The database '{path}' cannot be opened: it is a directory, or this user may not read and write it and its directory.",
            raw.SQLITE_NOTADB => $"The file '{path}' is not a SQLite database. Name another path; the store makes its file itself.",
            raw.SQLITE_READONLY => $"The database '{path}' may not be written by this user. The file and its directory have to be writable.",
            _ => $"The database '{path}' cannot be opened: {exception.Message}",
        },
        exception);
}
