using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>A report that meets the cancel of its task.</summary>
public sealed class CancelledTaskTests
{
    [Fact]
    public async Task A_report_that_comes_during_the_cancel_is_kept_like_one_that_comes_after_it()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        var task = (await worker.FetchAsync())[0];

        // The cancel stops before its commit, when it has deleted the task.
        await worker.OwnAsync("""
            create function enrichment.stop() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(7); return null; end $$;
            create trigger stop after delete on enrichment.external_tasks for each row execute function enrichment.stop();
            """);
        await using var source = NpgsqlDataSource.Create(worker.OwnerString);
        await using var connection = await source.OpenConnectionAsync();
        await using var stopping = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(7)", connection, stopping);
        await command.ExecuteScalarAsync();
        var cancelling = worker.Client.CancelAsync(worker.Batch.Id);
        await WaitingAsync("wait_event = 'advisory'");

        var reporting = worker.CompleteAsync([task]);
        await WaitingAsync($"wait_event_type = 'Lock' and usename = '{worker.Role}'");
        await stopping.RollbackAsync();
        await cancelling;

        Assert.Empty(await reporting);
        Assert.Empty(await worker.CompleteAsync([task]));
        await Wait.UntilAsync(async () => await worker.OwnAsync<long>("select count(*) from enrichment.attempts where answer is not null") == 1);
        Assert.Equal(Status.Cancelled, (await worker.StateAsync(1)).Status);
        Assert.Equal(1L, await worker.OwnAsync<long>("select count(*) from enrichment.inbox"));
        Assert.Empty(await worker.Engine.ExamineAsync());

        Task WaitingAsync(string how) => Wait.UntilAsync(async () =>
            await worker.OwnAsync<bool>($"select exists (select from pg_stat_activity where datname = current_database() and {how})"));
    }
}
