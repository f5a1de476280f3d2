using System.Runtime.InteropServices;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Enrichment.Sqlite;

/// <summary>
/// A connection, with every operation that ran on it prepared, and the clock of the transaction that runs on it. Used by one thread at a
/// time.
/// </summary>
internal sealed class SqliteSession(SqliteConnection connection, SqlFiles sql, TimeProvider clock, SqliteTransaction? hosts = null)
    : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> prepared = [];
    private long? transactionNow;

    public SqliteConnection Connection => connection;

    /// <summary>Milliseconds since 1970 by the store's clock: one instant for the whole transaction.</summary>
    public long Now => transactionNow ?? ReadClock();

    /// <summary>Begins, works, commits; or leaves nothing behind.</summary>
    public T Transact<T>(Func<SqliteSession, T> work)
    {
        // Immediate: the right to write is taken before anything is read, so that no reading has to be thrown away.
        Run("begin immediate");
        try
        {
            transactionNow = ReadClock();
            var result = work(this);
            Run("commit");
            return result;
        }
        catch
        {
            // A full disk or a failed write has ended the transaction already.
            if (raw.sqlite3_get_autocommit(connection.Handle) == 0)
            {
                Run("rollback");
            }

            throw;
        }
        finally
        {
            transactionNow = null;
        }
    }

    /// <summary>Runs an operation and maps the rows of its last statement.</summary>
    public List<T> Query<T>(
        string operation,
        Func<SqliteDataReader, T> map,
        params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Bound(
            operation,
            parameters,
            command =>
            {
                var rows = new List<T>();
                using var reader = command.ExecuteReader();
                while (reader.Read())
                {
                    rows.Add(map(reader));
                }

        return rows;
    });

    /// <summary>The first column of the first row as a number; null if there is no row.</summary>
    public long? Number(string operation, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Query(operation, row => (long?)row.GetInt64(0), parameters).FirstOrDefault();

    /// <summary>Runs an operation whose rows do not matter. Returns how many rows its statements changed.</summary>
    public int Execute(string operation, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Bound(operation, parameters, command => command.ExecuteNonQuery());

    /// <summary>An operation to be run for many rows, its parameters by position.</summary>
    public RowWriter Writer(string operation) => new(connection, sql[operation]);

    /// <summary>Runs a statement that is no operation.</summary>
    public void Run(string statement) => Prepared(statement).ExecuteNonQuery();

    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }

        // A host's connection stays the host's.
        if (hosts is null)
        {
            connection.Dispose();
        }
    }

    private long ReadClock() => clock == TimeProvider.System
        ? (long)Prepared("select cast(round(unixepoch('subsec') * 1000) as integer)").ExecuteScalar()!
        : clock.GetUtcNow().ToUnixTimeMilliseconds();

    private T Bound<T>(string operation, ReadOnlySpan<(string Name, object? Value)> parameters, Func<SqliteCommand, T> run)
    {
        var command = Prepared(sql[operation]);
        Bind(command, "@now", Now);
        foreach (var (name, value) in parameters)
        {
            Bind(command, name, value);
        }

        try
        {
            return run(command);
        }
        finally
        {
            Release(command);
        }
    }

    private SqliteCommand Prepared(string statements)
    {
        if (!prepared.TryGetValue(statements, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = statements;
            command.Transaction = hosts;
            prepared.Add(statements, command);
        }

        return command;
    }

    /// <summary>Frees parameters: a prepared command would keep its last set in memory.</summary>
    private static void Release(SqliteCommand command)
    {
        foreach (SqliteParameter parameter in command.Parameters)
        {
            if (parameter.Value is byte[])
            {
                parameter.Value = DBNull.Value;
            }
        }
    }

    private static void Bind(SqliteCommand command, string name, object? value)
    {
        var stored = value switch
        {
            null => DBNull.Value,
            bool flag => flag ? 1L : 0L,
            Guid id => id.ToString(),
            DateTimeOffset moment => moment.ToUnixTimeMilliseconds(),
            TimeSpan span => (long)span.TotalMilliseconds,
            ReadOnlyMemory<byte> bytes => MemoryMarshal.TryGetArray(bytes, out var array) && array.Offset == 0
                ? array.Array!
                : bytes.ToArray(),
            _ => value,
        };
        SqliteParameter parameter;
        if (command.Parameters.IndexOf(name) is var index and >= 0)
        {
            parameter = command.Parameters[index];
            parameter.Value = stored;
            parameter.ResetSqliteType();
        }
        else
        {
            parameter = command.Parameters.AddWithValue(name, stored);
        }

        // A set is bound as it lies in its buffer; the driver copies one that is shorter than that.
        parameter.Size = value is ReadOnlyMemory<byte> set ? set.Length : -1;
    }
}
