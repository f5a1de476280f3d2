using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Enrichment.TestKit.Tests;

public sealed class PostgresClusterTests
{
    [Fact]
    public async Task A_crash_of_the_server_keeps_what_was_committed_and_the_address()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await ExecuteAsync(cluster.ConnectionString, "create table kept (n int); insert into kept values (42)");
        await using var open = await OpenAsync(cluster.ConnectionString);

        await cluster.StopImmediatelyAsync();

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => OpenAsync(cluster.ConnectionString));
        await Assert.ThrowsAnyAsync<NpgsqlException>(async () => await new NpgsqlCommand("select 1", open).ExecuteScalarAsync());

        await cluster.StartAgainAsync();

        Assert.Equal(42, await ScalarAsync(cluster.ConnectionString, "select n from kept"));
    }

    [Fact]
    public async Task A_disposed_cluster_leaves_no_server_and_no_folder()
    {
        var cluster = await PostgresCluster.StartAsync();
        var folder = new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Host!;
        var pid = (await File.ReadAllLinesAsync(Path.Combine(folder, "data", "postmaster.pid")))[0];
        using var postmaster = Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture));

        await cluster.DisposeAsync();

        Assert.False(Directory.Exists(folder));
        await postmaster.WaitForExitAsync().WaitAsync(Wait.Patience);
    }

    [Fact]
    public async Task A_database_can_live_on_a_cluster_of_its_own()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var database = await PostgresDatabase.CreateAsync(cluster.ConnectionString);

        await cluster.RestartImmediatelyAsync();

        Assert.Equal(database.Name, await ScalarAsync(database.ConnectionString, "select current_database()::text"));
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task ExecuteAsync(string connectionString, string sql) => await ScalarAsync(connectionString, sql);

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = await OpenAsync(connectionString);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
