using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Benchmarks.Server;

/// <summary>
/// A throwaway PostgreSQL server as one would run it: nothing that makes a commit less than durable, room in memory, TCP on loopback.
/// </summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private static readonly IReadOnlyDictionary<string, string> Configuration = new Dictionary<string, string>
    {
        ["fsync"] = "on",
        ["synchronous_commit"] = "on",
        ["full_page_writes"] = "on",
        ["shared_buffers"] = "1GB",
        ["max_wal_size"] = "8GB",
        ["max_connections"] = "200",
    };

    private readonly PostgresCluster cluster;
    private readonly string server;
    private int databases;

    private BenchServer(PostgresCluster cluster, int port)
    {
        this.cluster = cluster;
        server = AddressOf(port);
    }

    /// <summary>What was set and what it runs on, to be printed beside every figure.</summary>
    public required string Settings { get; init; }

    public static async Task<BenchServer> StartAsync()
    {
        var port = FreePort();
        var cluster = await PostgresCluster.StartAsync(
            new Dictionary<string, string>(Configuration)
            {
                ["listen_addresses"] = "'127.0.0.1'",
                ["port"] = port.ToString(CultureInfo.InvariantCulture),
            });
        await using var connection = new NpgsqlConnection(AddressOf(port));
        await connection.OpenAsync();
        return new(cluster, port)
        {
            Settings =
                $"PostgreSQL {connection.PostgreSqlVersion}, TCP loopback, {string.Join(", ", Configuration.Select(pair => $"{pair.Key} {pair.Value}"))}",
        };
    }

    /// <summary>A fresh database. Drop it when its figures are taken.</summary>
    public async Task<BenchDatabase> CreateAsync()
    {
        var name = $"bench_{++databases}";
        await ExecuteAsync($"create database {name} template template0");
        return new(this, name, new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString);
    }

    /// <summary>A database equal to another, page by page.</summary>
    public async Task<BenchDatabase> CloneAsync(BenchDatabase original)
    {
        NpgsqlConnection.ClearAllPools(); // A database with sessions in it cannot be copied.
        var name = $"bench_{++databases}";
        await ExecuteAsync($"create database {name} template {original.Name} strategy file_copy");
        return new(this, name, new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString);
    }

    /// <summary>A longer way to this server.</summary>
    public SlowLink Link(TimeSpan roundTrip) => new(server, roundTrip);

    public Task DropAsync(BenchDatabase database) => ExecuteAsync($"drop database {database.Name} with (force)");

    /// <summary>What the server has done so far for a database.</summary>
    public async Task<ServerFigures> ReadAsync(BenchDatabase database)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint, (select xact_commit from pg_stat_database where datname = $1), pg_database_size($1::name)",
            connection)
        {
            Parameters = { new() { Value = database.Name } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), ProcessTimes.OfTree(cluster.ProcessId));
    }

    /// <summary>Writes everything dirty, so that no run pays for the one before.</summary>
    public Task CheckpointAsync() => ExecuteAsync("checkpoint");

    /// <summary>Runs pgbench with a script on a database for some seconds. Returns transactions a second.</summary>
    public async Task<double> PgBenchAsync(BenchDatabase database, string script, int clients, int seconds)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, script);
        try
        {
            var port = new NpgsqlConnectionStringBuilder(server).Port;
            var output = await cluster.RunToolAsync(
                "pgbench",
                "-n",
                "-M",
                "prepared",
                "-h",
                "127.0.0.1",
                "-p",
                $"{port}",
                "-U",
                "postgres",
                "-c",
                $"{clients}",
                "-j",
                "2",
                "-T",
                $"{seconds}",
                "-D",
                "wid=00000000-0000-0000-0000-000000000000",
                "-f",
                file,
                database.Name);
            var line = output.Split('\n').Single(text => text.StartsWith("tps = ", StringComparison.Ordinal));
            return double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs psql's \copy on a database. Returns its own measure of the time, without its start.</summary>
    public async Task<TimeSpan> CopyAsync(BenchDatabase database, string copy)
    {
        var port = new NpgsqlConnectionStringBuilder(server).Port;
        var output = await cluster.RunToolAsync(
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            "127.0.0.1",
            "-p",
            $"{port}",
            "-U",
            "postgres",
            "-d",
            database.Name,
            "-c",
            "\\timing on",
            "-c",
            $"\\copy {copy}");
        var line = output.Split('\n').Single(text => text.StartsWith("Time: ", StringComparison.Ordinal));
        return TimeSpan.FromMilliseconds(double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    private static string AddressOf(int port) => $"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}
