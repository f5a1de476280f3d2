using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Enrichment.Sqlite;

/// <summary>One prepared statement, run for row after row: bytes are handed over as they are, nothing is allocated a row.</summary>
/// <remarks>Written on SQLite's own functions, because the work between two rows limits the staging of millions.</remarks>
internal sealed class RowWriter : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    public RowWriter(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(sqlite3_prepare_v2(database, sql, out statement), database);
    }

    public RowWriter Set(int parameter, long value)
    {
        SqliteException.ThrowExceptionForRC(sqlite3_bind_int64(statement, parameter, value), database);
        return this;
    }

    public RowWriter Set(int parameter, ReadOnlySpan<byte> value)
    {
        // SQLite takes an empty span for NULL.
        SqliteException.ThrowExceptionForRC(
            value.IsEmpty ? sqlite3_bind_zeroblob(statement, parameter, 0) : sqlite3_bind_blob(statement, parameter, value),
            database);
        return this;
    }

    public RowWriter Set(int parameter, double value)
    {
        SqliteException.ThrowExceptionForRC(sqlite3_bind_double(statement, parameter, value), database);
        return this;
    }

    public RowWriter SetNull(int parameter)
    {
        SqliteException.ThrowExceptionForRC(sqlite3_bind_null(statement, parameter), database);
        return this;
    }

    /// <param name="parameter">The parameter's number.</param>
    /// <param name="value">UTF-8, not empty: SQLite takes an empty span for NULL.</param>
    public RowWriter SetText(int parameter, ReadOnlySpan<byte> value)
    {
        SqliteException.ThrowExceptionForRC(sqlite3_bind_text(statement, parameter, value), database);
        return this;
    }

    public void Write()
    {
        // Reset repeats the fault of the step, if there was one.
        _ = sqlite3_step(statement);
        SqliteException.ThrowExceptionForRC(sqlite3_reset(statement), database);
    }

    public void Dispose() => statement.Dispose();
}
