using Enrichment.External;
using Enrichment.Plans;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>A role for one client tries to get at the items of another, with nothing but the functions that it may call.</summary>
public sealed class WorkerScopeTests
{
    [Fact]
    public async Task A_role_for_one_client_writes_nothing_for_another_whatever_lease_it_names()
    {
        await using var worker = await SqlWorker.StartAsync(2, SqlWorker.Step());
        var acme = await worker.ClaimAsync();
        var other = worker.Engine.Client("other");
        var batch = await other.LaunchAsync("Company Name\nUmbrella\n", "python");
        await worker.OwnAsync("update enrichment.worker_scopes set clients = array['other']");
        var own = await worker.ClaimAsync();
        Assert.Equal(batch.Id, Assert.Single(own).Batch);

        foreach (var lease in Guesses(acme[0].Lease, own[0].Lease))
        {
            foreach (
                var call in new[]
                {
                    "complete_work($1, '{1,2}', '{1,1}', '{\"{}\",\"{}\"}')",
                    "skip_work($1, '{1,2}', '{1,1}', '{a,b}')",
                    "fail_work($1, '{1,2}', '{1,1}', '{a,b}')",
                    "defer_work($1, '{1,2}', '{1,1}', '{a,b}')",
                    "renew_work($1)",
                    "release_work($1)",
                })
            {
                var error = await Assert.ThrowsAsync<PostgresException>(() => worker.CallAsync<object>(call, lease));
                Assert.Equal("lease: expected the text that claim_work returned, as it was.", error.MessageText);
            }
        }

        Assert.All(
            await worker.Client.ReadStatesAsync(worker.Batch.Id).ToListAsync(),
            state => Assert.Equal((Status.Queued, 0), (state.Status, state.Attempt)));
        Assert.Equal([1], await worker.CompleteAsync(own));
        await worker.OwnAsync("update enrichment.worker_scopes set clients = array['acme']");
        Assert.Equal([1, 2], await worker.CompleteAsync(acme));
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Fact]
    public async Task A_role_has_what_its_scope_and_those_of_its_groups_say_and_nothing_without_one()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await worker.OwnAsync("update enrichment.worker_scopes set clients = array['acme'], steps = array['python.other']");
        var error = await Assert.ThrowsAsync<PostgresException>(() => worker.ClaimAsync());
        Assert.Equal(
            ("42501", "step: python.size is not among the steps that this role may work on."),
            (error.SqlState, error.MessageText));
        Assert.Contains("worker_scopes", error.Hint!, StringComparison.Ordinal);

        await worker.OwnAsync("update enrichment.worker_scopes set steps = array['python.size'], clients = array['other']");
        Assert.Empty(await worker.ClaimAsync());

        var group = $"group_{Guid.NewGuid():n}";
        await worker.OwnAsync(
            $"create role {group}; grant {group} to {worker.Role}; insert into enrichment.worker_scopes (role, clients, steps) values ('{group}', array['acme'], array['*'])");
        try
        {
            Assert.Single(await worker.ClaimAsync());
        }
        finally
        {
            await worker.OwnAsync($"drop role {group}");
        }
    }

    [Fact]
    public async Task A_worker_reads_neither_the_keys_nor_the_scopes()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());

        foreach (
            var statement in new[]
            {
                "lease_code(1::smallint, '0.1.1.1.1.1.0.w')",
                "name_of(row(0,1,1,1,1,1,0,'w')::enrichment.held_lease)",
                "held_lease('1.00000000000000000000000000000000.0.1.1.1.1.1.0.w')",
                "end_work('x', '{}', '{}', '{}', '{}', '{}', '{}', null, '{}')",
            })
        {
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => worker.CallAsync<object>(statement))).SqlState);
        }

        foreach (var table in new[] { "token_keys", "worker_scopes" })
        {
            await using var command = worker.Database.CreateCommand($"select * from enrichment.{table}");
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync())).SqlState);
        }
    }

    [Fact]
    public async Task Codes_in_sql_are_those_of_the_hosts()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        var keys = new KeyRing(await worker.Engine.Store.ReadTokenKeysAsync(default));
        foreach (var name in new[] { "", "modal-7/1234", "wörker.with.stops", new string('x', 200) })
        {
            var handle = new LeaseHandle(new(new(17, 5, 2), 1, 9, 8), 42, name);
            Assert.Equal(
                handle.Sign(keys),
                await worker.OwnAsync<string>($"select enrichment.name_of(row(17, 5, 2, 1, 9, 8, 42, '{name}')::enrichment.held_lease)"));
        }
    }

    private static IEnumerable<string> Guesses(string leaked, string own)
    {
        var (name, code) = (leaked.Split('.', 3), own.Split('.', 3));
        return
        [
            leaked,
            name[2],
            $"1.{code[1]}.{name[2]}",
            $"0.{code[1]}.{name[2]}",
            $"256.{code[1]}.{name[2]}",
            $"1.{new string('0', 32)}.{name[2]}",
            $"1..{name[2]}",
            $" {own}",
            $"{own}x",
            $"{own}\n",
            own.Replace(".1.", ".2.", StringComparison.Ordinal),
        ];
    }
}
