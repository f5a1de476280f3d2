using Enrichment.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Enrichment.Sqlite;

/// <summary>Where the database is, and how a connection to it is opened.</summary>
internal sealed class DatabaseFile
{
    private static readonly string[] ConnectionStrings = ["data source=", "datasource=", "filename=", "file:"];

    private readonly string path;
    private readonly SqliteOptions options;
    private DatabaseFileIdentity? opened;

    public DatabaseFile(string path, SqliteOptions options)
    {
        Check(path);
        InMemory = path == ":memory:";
        this.path = InMemory ? path : Path.GetFullPath(path);
        this.options = options;
    }

    public bool InMemory { get; }

    /// <summary>
    /// The file whose lock of the operating system is the right to run a worker: beside the database itself, not beside a link to it.
    /// </summary>
    public string WorkerLock => Target + ".worker.lock";

    // Where a symbolic link leads; SQLite keeps its log there as well.
    private string Target
    {
        get
        {
            try
            {
                return new FileInfo(path).LinkTarget is null
                    ? path
                    : File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            }
            catch (IOException)
            {
                return path; // A ring of links: opening it says what is wrong.
            }
        }
    }

    public static void Check(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new EnrichmentException(
                "The SQLite store needs the path of its file, or ':memory:' for a database that lives only as long as the store.");
        }

        if (Array.Exists(ConnectionStrings, beginning => path.TrimStart().StartsWith(beginning, StringComparison.OrdinalIgnoreCase)))
        {
            throw new EnrichmentException(
                "The SQLite store takes the path of its file, such as leads.db, and no connection string or URI. Its file would be named by the whole text.");
        }
    }

    /// <summary>
    /// Refuses a file that is no longer the one at its path: writes to it would be lost with the last connection.
    /// </summary>
    /// <exception cref="IOException">The file was deleted, moved or replaced.</exception>
    public void RequireSame()
    {
        if (opened is { } same && DatabaseFileIdentity.Of(path, out _) != same)
        {
            throw new IOException(
                $"The database '{path}' was deleted, moved or replaced while it was open, and nothing more is written to it. Put it back, or restart this process to use the file that is there now.");
        }
    }

    public SqliteConnection Open()
    {
        RequireSame();
        MakePrivate();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            ForeignKeys = true,
            DefaultTimeout = options.BusySeconds,
            Pooling = false, // the store keeps its connections itself, with their prepared statements
        }.ConnectionString);
        try
        {
            connection.Open();
            Execute(
                connection,
                $"pragma busy_timeout = {options.BusySeconds * 1000}; pragma temp_store = memory; pragma cache_size = -32768;");
            ExactSum.Define(connection);
            SqliteStore.DefineHash(connection);
            Consolidation.SqliteFunctions.Define(connection);
            Execute(connection, $"pragma journal_mode = wal; pragma synchronous = {(options.FlushEveryCommit ? "full" : "normal")};");
            Remember();
            return connection;
        }
        catch (EnrichmentException)
        {
            connection.Dispose();
            throw;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw Explained(exception);
        }
    }

    /// <summary>
    /// What the engine takes for a store out of reach, as it does with a server that is away: the file, and not the statement or its data,
    /// is the trouble, and later it may not be. Null: it is one of those.
    /// </summary>
    public Exception? OutOfReach(SqliteException exception) =>
        SqliteFault.StateOf(exception) is not null ? null : exception.SqliteErrorCode switch
    {
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new IOException(
            $"The database '{path}' is locked by another process: no statement could run on it for {options.BusySeconds} seconds. Look for a process that writes to it, such as a rebuild, a backup or a shell with an open transaction.",
            exception),
        raw.SQLITE_FULL => new IOException($"The disk of the database '{path}' is full. Make room; a worker then continues.", exception),
        raw.SQLITE_READONLY => new IOException(
            $"The database '{path}' cannot be written now: {exception.Message} Make the file and its directory writable; a worker then continues.", exception),
        _ => new IOException($"The database '{path}' cannot be read or written now: {exception.Message} Check its disk.", exception),
    };

    /// <summary>The error for a caller of the store.</summary>
    public Exception Told(SqliteException exception) => OutOfReach(exception) ?? new SqliteFault(exception);

    // SQLite makes its other files with the rights of the first. Existing files keep their own.
    private void MakePrivate()
    {
        if (InMemory || File.Exists(path))
        {
            return;
        }

        try
        {
            PrivateFile.Create(Target).Dispose();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process was faster, or SQLite reports the problem with the place.
        }
    }

    private void Remember()
    {
        if (InMemory || opened is not null)
        {
            return;
        }

        var identity = DatabaseFileIdentity.Of(path, out var names);
        opened = names == 1 ? identity : throw new EnrichmentException(
            $"The database '{path}' has {names} names (hard links). SQLite keeps its log beside the name by which it was opened, so that two names would damage it. Remove all but one; a symbolic link is fine.");
    }

    private static void Execute(SqliteConnection connection, string statements)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statements;
        command.ExecuteNonQuery();
    }

    private Exception Explained(SqliteException exception) =>
        exception.SqliteErrorCode is raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_FULL or raw.SQLITE_IOERR
            ? OutOfReach(exception)!
            : new EnrichmentException(
                exception.SqliteErrorCode switch
                {
                    raw.SQLITE_CANTOPEN when !Directory.Exists(Path.GetDirectoryName(path)) =>
                        $"The database '{path}' cannot be opened: its directory does not exist. Make the directory, or name another path.",
                    raw.SQLITE_CANTOPEN =>
                        $"The database '{path}' cannot be opened: it is a directory, or this user may not read and write it and its directory.",
                    raw.SQLITE_NOTADB => $"The file '{path}' is not a SQLite database. Name another path; the store makes its file itself.",
                    raw.SQLITE_READONLY =>
                        $"The database '{path}' may not be written by this user. The file and its directory have to be writable.",
                    _ => $"The database '{path}' cannot be opened: {exception.Message}",
                },
                exception);
}
