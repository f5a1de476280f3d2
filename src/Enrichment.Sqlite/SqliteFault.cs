using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Enrichment.Sqlite;

/// <summary>
/// An error of a statement or its data, with the SQLSTATE that a server would give it: SQLite has none, and the engine tells errors apart
/// by it.
/// </summary>
internal sealed class SqliteFault(SqliteException exception) : DbException(exception.Message, exception)
{
    public override string? SqlState => StateOf((SqliteException)InnerException!);

    /// <summary>Null if the file is the trouble.</summary>
    public static string? StateOf(SqliteException exception) => exception.SqliteErrorCode switch
    {
        raw.SQLITE_CONSTRAINT => "23000",
        raw.SQLITE_MISMATCH => "22000",
        raw.SQLITE_TOOBIG => "54000",
        raw.SQLITE_ERROR or raw.SQLITE_RANGE or raw.SQLITE_MISUSE or raw.SQLITE_SCHEMA => "42000",
        _ => null,
    };
}
