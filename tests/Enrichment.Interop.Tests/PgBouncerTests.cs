using System.Diagnostics;
using System.Globalization;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>What the other tests believe of the pooler, and docs/operations.md tells of it.</summary>
public sealed class PgBouncerTests
{
    [Fact]
    public async Task Many_clients_share_few_server_connections_and_change_them_between_transactions()
    {
        await using var pooled = await PooledDatabase.CreateAsync(serverConnections: 2);
        await using var clients = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(pooled.Pooler.ConnectionString) { NoResetOnClose = true });
        var open = await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ => await clients.OpenConnectionAsync()));

        var seen = await Task.WhenAll(open.Select(ServersAsync));

        Assert.InRange(seen.SelectMany(servers => servers).Distinct().Count(), 1, 2);
        Assert.Contains(seen, servers => servers.Count == 2);
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_search_path_in_the_connection_string_is_refused_by_name()
    {
        await using var pooled = await PooledDatabase.CreateAsync(serverConnections: 1);
        await using var clients = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(pooled.Pooler.ConnectionString) { SearchPath = "enrichment" });

        var error = await Assert.ThrowsAsync<PostgresException>(async () => await clients.OpenConnectionAsync());

        Assert.Contains("unsupported startup parameter: search_path", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposed_pooler_leaves_no_process_and_no_folder()
    {
        var pooler = await PgBouncer.StartAsync(await PostgresServer.ConnectionStringAsync(), serverConnections: 1);
        var folder = new NpgsqlConnectionStringBuilder(pooler.ConnectionString).Host!;
        using var process = Process.GetProcessById(
            int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "pgbouncer.pid")), CultureInfo.InvariantCulture));

        await pooler.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        await process.WaitForExitAsync().WaitAsync(Wait.Patience);
    }

    private static async Task<HashSet<int>> ServersAsync(NpgsqlConnection client)
    {
        var servers = new HashSet<int>();
        for (var transaction = 0; transaction < 50; transaction++)
        {
            await using var command = new NpgsqlCommand("select pg_backend_pid()", client);
            servers.Add((int)(await command.ExecuteScalarAsync())!);
        }

        return servers;
    }
}
