using System.Text;
using Npgsql;

namespace Enrichment.Interop.Tests;

/// <summary>The store leaves nothing on a server connection that the next client of the pooler could meet.</summary>
public sealed class SessionStateTests
{
    // What one connection can keep beyond a transaction. The pooler itself carries the first few settings from client to client.
    private const string SessionState =
        """
        select 'the setting ' || name from pg_settings
         where source = 'session' and name not in ('client_encoding', 'DateStyle', 'TimeZone', 'standard_conforming_strings', 'application_name')
        union all select 'the prepared statement ' || name from pg_prepared_statements
        union all select 'the cursor ' || name from pg_cursors where is_holdable
        union all select 'a listening channel ' || c from pg_listening_channels() c
        union all select 'an advisory lock' from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
        union all select 'the temporary table ' || relname from pg_class where relpersistence = 't'
        """;

    [Fact]
    public async Task The_one_server_connection_that_did_everything_for_two_hosts_is_left_as_it_was()
    {
        await using var pooled = await PooledDatabase.CreateAsync(serverConnections: 1);
        var began = await OnTheConnectionAsync(pooled, "select pg_backend_pid()::text");
        await using var first = Leads.Host(pooled.Pooler.ConnectionString, new());
        await using var second = Leads.Host(pooled.Pooler.ConnectionString, new());

        await Task.WhenAll(first.MigrateAsync(), second.MigrateAsync());
        var batch = await Leads.LaunchAsync(first, 500);
        await Task.WhenAll(first.RunUntilDrainedAsync(), second.RunUntilDrainedAsync());
        await OperateAsync(first, second, pooled);
        await first.RebuildAsync("scored_leads");
        await ReadAsync(second, batch);
        Assert.Empty(await second.ExamineAsync());

        Assert.Equal(began, await OnTheConnectionAsync(pooled, "select pg_backend_pid()::text"));
        Assert.Empty(await OnTheConnectionAsync(pooled, SessionState));
    }

    /// <summary>Everything that an operator does, and a launch inside the host's own transaction.</summary>
    private static async Task OperateAsync(EnrichmentEngine first, EnrichmentEngine second, PooledDatabase pooled)
    {
        var client = first.Client("acme");
        var upload = await Leads.UploadAsync(first, 50);
        await using (var hosts = NpgsqlDataSource.Create(pooled.Pooler.ConnectionString))
        await using (var connection = await hosts.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await client.LaunchAsync(upload.Id, new() { Pipeline = "leads", Key = "the host's own" }, transaction);
            await transaction.CommitAsync();
        }

        var batch = await client.ListBatchesAsync().FirstAsync();
        await client.PauseAsync(batch.Id);
        await client.ResumeAsync(batch.Id);
        await Task.WhenAll(first.RunUntilDrainedAsync(), second.RunUntilDrainedAsync());
        Assert.Equal(5, await client.RetryAsync(batch.Id, new() { FromStage = 1, Items = [1, 2, 3, 4, 5] }));
        await client.CancelAsync(batch.Id);
    }

    private static async Task ReadAsync(EnrichmentEngine host, Batch batch)
    {
        var client = host.Client("acme");
        Assert.Equal(1000, await client.ReadStatesAsync(batch.Id).CountAsync());
        Assert.Equal(1000, await client.ReadResultsAsync(batch.Id).CountAsync());
        Assert.NotEmpty(await client.GetTimelineAsync(batch.Id, 1));
        Assert.Equal(500, await client.ReadRowsAsync("scored_leads", batch.Id).CountAsync());
        Assert.Equal(500, (await client.Query("scored_leads").InBatch(batch.Id).ExportAsync(Stream.Null)).Rows);
    }

    private static async Task<string> OnTheConnectionAsync(PooledDatabase pooled, string sql)
    {
        await using var clients = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(pooled.Pooler.ConnectionString) { NoResetOnClose = true });
        await using var command = clients.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new StringBuilder();
        while (await reader.ReadAsync())
        {
            lines.AppendLine(reader.GetString(0));
        }

        return lines.ToString();
    }
}
