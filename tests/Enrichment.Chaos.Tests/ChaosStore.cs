using System.Data.Common;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// A store of either kind as the driver sees it from outside: where it is, and how to ask it in SQL that both understand.
/// </summary>
public sealed class ChaosStore : IAsyncDisposable
{
    private const int SqliteBusy = 5;

    private readonly Func<DbConnection> connect;
    private readonly Func<ValueTask> remove;

    private ChaosStore(string place, string now, Func<DbConnection> connect, Func<ValueTask> remove)
    {
        Place = place;
        Now = now;
        this.connect = connect;
        this.remove = remove;
        Folder = Directory.CreateTempSubdirectory("enrichment-chaos-").FullName;
    }

    /// <summary><c>sqlite:PATH</c> or <c>postgres:CONNECTION</c>.</summary>
    public string Place { get; private set; }

    /// <summary>What stands behind the kind in <see cref="Place"/>.</summary>
    public string Connection => Place[(Place.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>The store's clock, in SQL.</summary>
    public string Now { get; }

    /// <summary>Outside the store, for ledgers.</summary>
    public string Folder { get; }

    public bool IsPostgres => Place.StartsWith("postgres:", StringComparison.Ordinal);

    /// <param name="kind"><c>sqlite</c> or <c>postgres</c>.</param>
    public static async Task<ChaosStore> CreateAsync(string kind) =>
        kind == "sqlite" ? Sqlite() : await PostgresAsync(await PostgresServer.ConnectionStringAsync());

    public static ChaosStore Sqlite()
    {
        ChaosStore? store = null;
        store = new(
            "",
            "(unixepoch('subsec') * 1000)",
            () => new SqliteConnection($"Data Source={store!.Place["sqlite:".Length..]};Pooling=False"),
            () => default);
        store.Place = $"sqlite:{Path.Combine(store.Folder, "chaos.db")}";
        return store;
    }

    public static async Task<ChaosStore> PostgresAsync(string server)
    {
        var database = await PostgresDatabase.CreateAsync(server);
        var driver = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            SearchPath = "enrichment",
            Pooling = false,
        }.ConnectionString;
        return new($"postgres:{database.ConnectionString}", "clock_timestamp()", () => new NpgsqlConnection(driver), database.DisposeAsync);
    }

    /// <summary>The rows of a query, each an array of cells.</summary>
    public async Task<IReadOnlyList<object?[]>> QueryAsync(string sql)
    {
        await using var connection = connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The driver's own text; nothing in it comes from outside.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<object?[]>();
        while (await reader.ReadAsync())
        {
            var cells = new object[reader.FieldCount];
            reader.GetValues(cells);
            rows.Add(cells);
        }

        return rows;
    }

    /// <summary>The names of a table's columns.</summary>
    public async Task<IReadOnlyList<string>> ColumnsAsync(string table) =>
        [.. (await QueryAsync(IsPostgres
            ? $"select column_name from information_schema.columns where table_name = '{table}' order by ordinal_position"
            : $"select name from pragma_table_info('{table}')")).Select(row => (string)row[0]!)];

    /// <summary>The one number that a query gives.</summary>
    public async Task<long> NumberAsync(string sql) =>
        Convert.ToInt64((await QueryAsync(sql))[0][0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether somebody is in the middle of a transaction that may fill a typed table, and stays there: it holds the right to do so, or the
    /// right to write the file.
    /// </summary>
    public async Task<bool> IsBeingFilledAsync()
    {
        if (IsPostgres)
        {
            return await NumberAsync(
                    "select count(*) from pg_locks l join pg_database d on d.oid = l.database where d.datname = current_database() and l.locktype = 'advisory'") > 0;
        }

        await using var connection = connect();
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "begin immediate; rollback";
        command.CommandTimeout = 1; // The driver waits as long for the right to write.
        try
        {
            await command.ExecuteNonQueryAsync();
            return false;
        }
        catch (SqliteException busy) when (busy.SqliteErrorCode == SqliteBusy)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await remove();
        Directory.Delete(Folder, recursive: true);
    }
}
