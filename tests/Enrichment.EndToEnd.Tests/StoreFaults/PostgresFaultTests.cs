using Npgsql;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>
/// Ways in which a PostgreSQL server fails while outcomes are written: every answer in hand is stored, and no call is made twice.
/// </summary>
public sealed class PostgresFaultTests(FaultServer server) : IClassFixture<FaultServer>
{
    // What the server does to the connection by which outcomes are written, from inside the first writes of a run.
    private const string Cut = "perform pg_terminate_backend(pg_backend_pid());";
    private const string CancelStatement = "perform pg_cancel_backend(pg_backend_pid()); perform pg_sleep(60);";
    private const string Slow = "perform pg_sleep(60);";

    [Theory]
    [InlineData("08006")]
    [InlineData("08P01")] // a pooler that lost its server
    [InlineData("0A000")]
    [InlineData("25006")]
    [InlineData("25P02")]
    [InlineData("28P01")]
    [InlineData("3D000")]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("42501")]
    [InlineData("42P01")]
    [InlineData("53100")] // full disk
    [InlineData("53200")]
    [InlineData("53300")]
    [InlineData("55000")]
    [InlineData("55P03")]
    [InlineData("57P01")]
    [InlineData("57P03")]
    [InlineData("58030")]
    [InlineData("F0000")]
    [InlineData("P0001")]
    [InlineData("XX000")]
    [InlineData("XX001")]
    public Task An_error_of_any_class_that_data_does_not_cause_is_ridden_out(string state) => SurviveAsync(
        () => server.FailWritesAsync($"raise exception 'for a test' using errcode = '{state}';", times: 7), () => Task.CompletedTask);

    [Fact]
    public Task Connections_that_are_cut_are_ridden_out() =>
        SurviveAsync(() => server.FailWritesAsync(Cut, times: 7), () => Task.CompletedTask);

    [Fact]
    public Task Cancelled_statements_are_ridden_out() =>
        SurviveAsync(() => server.FailWritesAsync(CancelStatement, times: 7), () => Task.CompletedTask);

    [Fact]
    public Task A_statement_timeout_is_ridden_out() =>
        SurviveAsync(() => server.FailWritesAsync(Slow, times: 5), () => Task.CompletedTask, "-c statement_timeout=500");

    [Fact]
    public async Task A_lock_timeout_is_ridden_out()
    {
        await using var holder = await server.Admin.OpenConnectionAsync();
        NpgsqlTransaction? held = null;
        await SurviveAsync(
            async () =>
            {
                held = await holder.BeginTransactionAsync();
                await using var command = new NpgsqlCommand(
                    "lock table enrichment.enrichment_results in access exclusive mode",
                    holder,
                    held);
                await command.ExecuteNonQueryAsync();
            },
            () => held!.RollbackAsync(),
            "-c lock_timeout=200");
    }

    [Fact]
    public Task A_server_that_takes_no_writes_is_ridden_out() =>
        SurviveAsync(
            () => server.RunAsync("alter system set default_transaction_read_only = on", "select pg_reload_conf()"),
            () =>
                server.RunAsync(
                    "set default_transaction_read_only = off",
                    "alter system reset default_transaction_read_only",
                    "select pg_reload_conf()"));

    [Fact]
    public Task A_revoked_right_is_ridden_out() =>
        SurviveAsync(
            () => server.RunAsync("revoke insert on enrichment.enrichment_results from app"),
            () => server.RunAsync("grant insert on enrichment.enrichment_results to app"));

    [Fact]
    public Task A_role_that_may_not_log_in_is_ridden_out() => SurviveAsync(
        () => server.RunAsync("alter role app nologin", FaultServer.EndSessions), () => server.RunAsync("alter role app login"));

    [Fact]
    public Task A_changed_password_is_ridden_out() => SurviveAsync(
        async () =>
        {
            await server.AskForPasswordAsync(true);
            await server.RunAsync("alter role app password 'another'", FaultServer.EndSessions);
        },
        async () =>
        {
            await server.RunAsync("alter role app password 'first'");
            await server.AskForPasswordAsync(false);
        });

    [Fact]
    public Task Too_many_connections_are_ridden_out() =>
        SurviveAsync(
            () => server.RunAsync("alter role app connection limit 0", FaultServer.EndSessions),
            () => server.RunAsync("alter role app connection limit -1"));

    [Fact]
    public Task A_server_that_crashes_is_ridden_out() =>
        SurviveAsync(() => server.Cluster.StopImmediatelyAsync(), () => server.Cluster.StartAgainAsync());

    [Fact]
    public Task A_server_that_shuts_down_is_ridden_out() =>
        SurviveAsync(() => server.Cluster.StopAsync(), () => server.Cluster.StartAgainAsync());

    [Theory]
    [InlineData("22P05")]
    [InlineData("23505")]
    [InlineData("23514")]
    [InlineData("54000")]
    public async Task An_outcome_that_the_data_keeps_from_being_stored_fails_alone(string state)
    {
        await using var bench = await server.BenchAsync();
        var states = await bench.RunAsync(
            () => server.RunAsync($"""
                create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'for a test' using errcode = '{state}'; end $$;
                create trigger refuse before insert on enrichment.enrichment_results for each row when (new.item = 7) execute function public.refuse()
                """),
            () => Task.CompletedTask);
        await server.RunAsync("drop function public.refuse cascade");

        Assert.Equal([7, 7, 7], states.Where(item => item.Status == Status.Failed).Select(item => item.Item));
        Assert.All(
            states.Where(item => item.Item == 7),
            item => Assert.StartsWith($"The store cannot hold this outcome (SQLSTATE {state};", item.Error, StringComparison.Ordinal));
        Assert.All(states.Where(item => item.Item != 7), item => Assert.Equal(Status.Completed, item.Status));
        Assert.Equal(2, await server.CountAsync("select count(*) from enrichment.attempts where answer is not null"));
        await server.RunAsync("update enrichment.attempts set answer = null");
    }

    private async Task SurviveAsync(Func<Task> fail, Func<Task> heal, string options = "")
    {
        await using var bench = await server.BenchAsync(options);
        try
        {
            Assert.All(await bench.RunAsync(fail, heal), state => Assert.Equal(Status.Completed, state.Status));
        }
        finally
        {
            await server.RunAsync("drop function if exists public.fail cascade");
        }
    }
}
