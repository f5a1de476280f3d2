using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>Reports that are refused, in transactions that stay open.</summary>
public sealed class RefusedReportTests
{
    [Fact]
    public async Task Open_transactions_with_refused_reports_wait_for_nobody_and_every_refusal_is_counted()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await worker.OwnAsync("""
            insert into enrichment.refusals (hour, reason, part, times, last_at)
            select clock_timestamp() - interval '31 days', 'old', 0, 1, clock_timestamp() - interval '31 days'
            """);
        await using var first = await worker.Database.OpenConnectionAsync();
        await using var second = await worker.Database.OpenConnectionAsync();
        await using var one = await ReportAsync(first, "a");
        await using var other = await ReportAsync(second, "b");
        await worker.Engine.Store.NoteRefusedAsync([(External.ExternalTasks.Refused, 1)], default).WaitAsync(Wait.Patience);
        await one.CommitAsync();
        await other.CommitAsync();

        var refusal = Assert.Single(await worker.Engine.ListRefusalsAsync());
        Assert.Equal((External.ExternalTasks.Refused, 3L), (refusal.Reason, refusal.Times));
    }

    /// <summary>Reports a task that nobody has, and leaves the transaction open.</summary>
    private static async Task<NpgsqlTransaction> ReportAsync(NpgsqlConnection connection, string task)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            "set local lock_timeout = '5s'; select enrichment.skip_tasks(array[$$" + task + "$$], array['none']); set local idle_in_transaction_session_timeout = 0",
            connection,
            transaction);
        await command.ExecuteNonQueryAsync();
        return transaction;
    }
}
