using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>Hosts that reach their database only through a pooler in transaction mode.</summary>
public sealed class HostsTests
{
    private const int Items = 3000;

    [Fact]
    public async Task Hosts_and_clients_by_the_dozen_finish_a_batch_over_two_server_connections()
    {
        await using var pooled = await PooledDatabase.CreateAsync(serverConnections: 2);
        var vendor = new Vendor();
        await using var first = Leads.Host(pooled.Pooler.ConnectionString, vendor);
        await using var second = Leads.Host(pooled.Pooler.ConnectionString, vendor);
        await using var others = NpgsqlDataSource.Create(pooled.Pooler.ConnectionString);
        var idle = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await others.OpenConnectionAsync()));
        var middle = vendor.CallAsync(Items / 2);
        await first.MigrateAsync();
        var batch = await Leads.LaunchAsync(first, Items);

        var work = Task.WhenAll(first.RunUntilDrainedAsync(), second.RunUntilDrainedAsync());
        await middle;
        var connections = await pooled.ScalarAsync<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await work;

        Assert.InRange(connections, 1, 2);
        await Leads.AuditAsync(first, pooled, batch);
        foreach (var connection in idle)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task Hosts_may_race_to_migrate()
    {
        await using var pooled = await PooledDatabase.CreateAsync(serverConnections: 2);
        var hosts = Enumerable.Range(0, 8).Select(_ => Leads.Host(pooled.Pooler.ConnectionString, new())).ToList();

        await Task.WhenAll(hosts.Select(host => host.MigrateAsync()));

        Assert.Equal(
            await pooled.ScalarAsync<long>("select count(distinct number) from migrations"),
            await pooled.ScalarAsync<long>("select count(*) from migrations"));
        foreach (var host in hosts)
        {
            Assert.Empty(await host.ExamineAsync());
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Hosts_outlive_a_killed_pooler_and_a_crashed_server_and_keep_the_answers_that_they_hold()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        await using var pooled = await PooledDatabase.CreateAsync(serverConnections: 3, server: cluster.ConnectionString);
        var vendor = new Vendor();
        using var log = new HostLog();
        await using var first = Leads.Host(pooled.Pooler.ConnectionString, vendor, log);
        await using var second = Leads.Host(pooled.Pooler.ConnectionString, vendor, log);
        await using var past = Leads.Host(pooled.Database.ConnectionString, vendor);
        Func<Task>[] faults = [KillPoolerAsync, CrashServerAsync, KillPoolerAsync, CrashServerAsync, KillPoolerAsync];
        var moments = faults.Select((_, fault) => vendor.CallAsync((fault + 1) * Items / (faults.Length + 2))).ToList();
        await first.MigrateAsync();
        var batch = await Leads.LaunchAsync(first, Items);
        using var stop = new CancellationTokenSource();
        var work = Task.WhenAll(first.RunAsync(stop.Token), second.RunAsync(stop.Token));

        foreach (var (moment, fault) in moments.Zip(faults))
        {
            await moment;
            await fault();
            Assert.NotEqual(0L, await pooled.ScalarAsync<long>("select count(*) from workflow_states where status = 0"));
        }

        await Leads.EndAsync(past, batch);
        await stop.CancelAsync();
        await work;
        Assert.Empty(log.Of(HostLog.ClaimLoopFailed));
        await Leads.AuditAsync(past, pooled, batch);

        async Task KillPoolerAsync()
        {
            await pooled.Pooler.KillAsync();
            await pooled.Pooler.StartAgainAsync();
        }

        Task CrashServerAsync() => cluster.RestartImmediatelyAsync();
    }
}
