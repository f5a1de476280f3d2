using System.Text.Json;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>What a worker may rely on that knows nothing but SQL, and may do nothing but call the six functions.</summary>
public sealed class TaskFunctionTests
{
    [Fact]
    public async Task A_batch_goes_through_its_stages_by_functions_alone()
    {
        await using var worker = await SqlWorker.StartAsync(
            [
                SqlWorker.Step("python.clean") with { Produces = [new("company.name", "/clean/name")] },
                SqlWorker.Step() with { Settings = JsonElement.Parse("""{"key":"secret:ACME"}""") },
            ],
            p => p.Step("python.clean").Step("python.size"),
            "Company Name\nGlobex\nInitech\n");

        var first = await worker.FetchAsync("python.clean");
        Assert.Equal([(1, 1, "Globex"), (2, 1, "Initech")], first.Select(task => (task.Item, task.Attempt, Name(task))));
        Assert.All(
            first,
            task => Assert.Equal((worker.Batch.Id, 1, "1.0.0", null), (task.Batch, task.Stage, task.Version, task.Settings)));
        Assert.Empty(
            await worker.ReportAsync(
                "complete_tasks",
                first.Select(task => task.Task),
                """array['{"clean":{"name":"GLOBEX"}}', '{"clean":{"name":"INITECH"}}']::json[], array[1.5, 2]"""));
        var second = await worker.FetchAsync();

        Assert.Equal(["GLOBEX", "INITECH"], second.Select(Name));
        Assert.Equal("""{"key":"secret:ACME"}""", second[0].Settings);
        Assert.Empty(await worker.CompleteAsync(second));
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
        Assert.Equal(3.5m, await worker.OwnAsync<decimal>($"select sum(cost) from enrichment.attempts where batch = {worker.Batch.Key}"));
        Assert.Equal(0L, await worker.OwnAsync<long>("select count(*) from enrichment.external_tasks"));
    }

    [Fact]
    public async Task Each_report_becomes_what_an_answer_of_a_step_becomes()
    {
        await using var worker = await SqlWorker.StartAsync(6, SqlWorker.Step(effects: Effects.SafeToRepeat, maxTries: 2));
        var tasks = (await FetchAllAsync(worker, 6)).ConvertAll(task => task.Task);

        await worker.ReportAsync("complete_tasks", tasks[..1], "array[null]::json[]");
        await worker.ReportAsync("skip_tasks", tasks[1..2], "array['nothing to do']");
        await worker.ReportAsync("fail_tasks", tasks[2..3], "array['bad key'], 'configuration'");
        await worker.ReportAsync("defer_tasks", tasks[3..4], "array['503'], 'retry', interval '1 hour'");
        await worker.ReportAsync("defer_tasks", tasks[4..5], "array['429'], 'slowDown', interval '1 hour'");
        await worker.ReportAsync("complete_tasks", tasks[5..6], """array['{"a":1,"a":2}']::json[]""");

        (Status, short, ErrorClass?)[] expected =
        [
            (Status.Completed, 1, null), (Status.Skipped, 0, null), (Status.Failed, 1, ErrorClass.Configuration),
            (Status.Pending, 1, ErrorClass.Transient), (Status.Pending, 0, ErrorClass.RateLimited),
            (Status.Failed, 1, ErrorClass.InvalidOutput),
        ];
        await Wait.UntilAsync(async () => (await StatesAsync(worker)).SequenceEqual(expected));
        Assert.Empty(await worker.Engine.ExamineAsync());
    }

    [Theory]
    [InlineData("fail_tasks", "array['a', 'b'], 'transient'", "class: expected permanent, configuration, invalidOutput or outcomeUnknown, got transient.")]
    [InlineData("defer_tasks", "array['a', 'b'], 'later'", "why: expected retry, slowDown, outOfCredits or notCalled, got later.")]
    [InlineData("defer_tasks", "array['a', 'b'], 'retry', interval '-1 second'", "after: expected 0 to 7 days, got -00:00:01.")]
    [InlineData("defer_tasks", "array['a', 'b'], 'retry', interval '8 days'", "after: expected 0 to 7 days, got 8 days.")]
    [InlineData(
        "complete_tasks",
        "array['{}', '[7]']::json[]",
        "results[2]: expected a JSON object, or null where nothing was found; got array.")]
    [InlineData("complete_tasks", "array['{}']::json[]", "Got 2 tasks with 1 results or reasons and 0 costs: expected one for each task")]
    [InlineData("skip_tasks", "array['a', 'b', 'c']", "Got 2 tasks with 3 results or reasons and 0 costs: ")]
    [InlineData("skip_tasks", "array['a', 'b'], array[1]", "Got 2 tasks with 2 results or reasons and 1 costs: ")]
    [InlineData("skip_tasks", "array['a', 'b'], array[1, 'NaN']::numeric[]", "costs: expected numbers from -1e28 to 1e28.")]
    [InlineData("skip_tasks", "array['a', 'b'], array[1e300, null]", "costs: expected numbers from -1e28 to 1e28.")]
    [InlineData("skip_tasks", "array['a', repeat('x', 68000000)]", "A report has more than 64 MiB, which no host can store.")]
    [InlineData("skip_tasks", "null", "Got 2 tasks with 0 results or reasons and 0 costs: ")]
    public async Task A_report_that_no_host_can_read_is_refused_as_a_whole_and_says_why(string function, string said, string fault)
    {
        await using var worker = await SqlWorker.StartAsync(2, SqlWorker.Step());
        var tasks = (await FetchAllAsync(worker, 2)).ConvertAll(task => task.Task);

        var error = await Assert.ThrowsAsync<PostgresException>(() => worker.ReportAsync(function, tasks, said));

        Assert.Equal("22023", error.SqlState);
        Assert.StartsWith(fault, error.MessageText, StringComparison.Ordinal);
        Assert.Equal(0L, await worker.OwnAsync<long>("select count(*) from enrichment.inbox"));
        Assert.Empty(await worker.ReportAsync("complete_tasks", tasks, "array['{}', null]::json[]"));
    }

    [Theory]
    [InlineData("extend_tasks", "interval '1 minute'", "Expected at most 1000 tasks, hold from 1 second to 1 hour.")]
    [InlineData("skip_tasks", "array_fill('done'::text, array[1001])", "tasks: expected at most 1000, got 1001.")]
    public async Task A_call_names_at_most_a_thousand_tasks(string function, string rest, string fault)
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        var task = (await worker.FetchAsync())[0].Task;

        var error = await Assert.ThrowsAsync<PostgresException>(() => worker.ReportAsync(function, Enumerable.Repeat(task, 1001), rest));

        Assert.Equal(("22023", fault), (error.SqlState, error.MessageText));
        Assert.Empty(await worker.ReportAsync("skip_tasks", Enumerable.Repeat(task, 1000), "array_fill('done'::text, array[1000])"));
    }

    [Fact]
    public async Task A_task_that_is_given_back_costs_no_try_and_is_handed_out_again()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        var task = (await worker.FetchAsync())[0];

        Assert.Empty(await worker.ReportAsync("defer_tasks", [task.Task], "array['stopping'], 'notCalled'"));
        var again = (await worker.FetchAsync())[0];

        Assert.Equal((2, task.Key), (again.Attempt, again.Key));
        Assert.Equal(0, (await worker.StateAsync(1)).Tries);
        await worker.CompleteAsync([again]);
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Fact]
    public async Task Of_a_task_that_a_role_does_not_have_nothing_is_written_and_the_refusal_is_counted()
    {
        await using var worker = await SqlWorker.StartAsync(2, SqlWorker.Step());
        var tasks = await FetchAllAsync(worker, 2);
        var forged = $"{tasks[0].Task[..^32]}{Guid.NewGuid():n}";

        Assert.Equal([forged], await worker.ReportAsync("complete_tasks", [forged], "array['{}']::json[]"));
        Assert.Equal(
            ["", "x", "0.1.1.1.1.1"],
            await worker.ReportAsync("skip_tasks", ["", "x", "0.1.1.1.1.1"], "array['a', 'b', 'c']"));
        await using (var owner = await NpgsqlDataSource.Create(worker.OwnerString).OpenConnectionAsync())
        {
            Assert.Equal(
                [tasks[0].Task],
                await worker.ReportAsync("complete_tasks", [tasks[0].Task], "array['{}']::json[]", owner)); // Another identity.
        }

        Assert.Equal(0L, await worker.OwnAsync<long>("select count(*) from enrichment.inbox"));
        Assert.Equal(5L, await worker.OwnAsync<long>("select sum(times)::bigint from enrichment.refusals"));
        Assert.Empty(await worker.CompleteAsync(tasks));
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
        Assert.Equal(tasks.ConvertAll(task => task.Task), await worker.CompleteAsync(tasks)); // Their attempts have ended.
        Assert.Equal(2L, await worker.OwnAsync<long>("select count(*) from enrichment.inbox"));
    }

    [Fact]
    public async Task A_role_fetches_only_what_its_scope_and_those_of_its_groups_say()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await worker.OwnAsync("update enrichment.worker_scopes set clients = array['acme'], steps = array['python.other']");
        Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => worker.TryFetchAsync())).SqlState);

        await worker.OwnAsync("update enrichment.worker_scopes set steps = array['python.size'], clients = array['other']");
        await Wait.UntilAsync(async () => await worker.OwnAsync<long>("select count(*) from enrichment.external_tasks") == 1);
        Assert.Empty(await worker.TryFetchAsync());

        var group = $"group_{Guid.NewGuid():n}";
        await worker.OwnAsync(
            $"create role {group}; grant {group} to {worker.Role}; insert into enrichment.worker_scopes (role, clients, steps) values ('{group}', array['acme'], array['*'])");
        try
        {
            Assert.Single(await worker.TryFetchAsync());
        }
        finally
        {
            await worker.OwnAsync($"drop role {group}");
        }
    }

    [Fact]
    public async Task A_worker_may_call_the_six_functions_and_nothing_else()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());

        foreach (
            var statement in new[]
            {
                "select enrichment.report_tasks('skip', '{}', null)",
                "select * from enrichment.external_tasks",
                "select * from enrichment.worker_scopes",
                "select * from enrichment.token_keys",
                "select * from enrichment.inbox",
            })
        {
            await using var command = worker.Database.CreateCommand(statement);
            Assert.Equal("42501", (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteScalarAsync())).SqlState);
        }
    }

    [Theory]
    [InlineData("python.size", 0)]
    [InlineData("python.size", 1001)]
    [InlineData("python.sise", 1)]
    public async Task A_fetch_that_is_not_sound_is_refused(string step, int most)
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());

        Assert.Equal("22023", (await Assert.ThrowsAsync<PostgresException>(() => worker.TryFetchAsync(step, most))).SqlState);
    }

    [Fact]
    public async Task A_lost_worker_leaves_a_task_that_is_repeated_with_the_same_key_or_waits_for_its_deadline()
    {
        await using var safe = await SqlWorker.StartAsync(1, SqlWorker.Step(effects: Effects.SafeToRepeat));
        var lost = (await safe.FetchAsync())[0];
        Assert.Empty(await safe.ReportAsync("extend_tasks", [lost.Task], "interval '5 minutes'"));
        await safe.LapseAsync();
        await Wait.UntilAsync(async () => (await safe.StateAsync(1)).Tries == 1);
        await safe.OwnAsync("update enrichment.workflow_states set due_at = clock_timestamp(); update enrichment.ranges set due_at = clock_timestamp()");
        var again = (await safe.FetchAsync())[0];
        Assert.Equal((2, lost.Key), (again.Attempt, again.Key));
        Assert.Equal([lost.Task], await safe.ReportAsync("extend_tasks", [lost.Task], "interval '5 minutes'"));
        Assert.Equal([lost.Task], await safe.CompleteAsync([lost]));
        await safe.CompleteAsync([again]);
        Assert.Equal(BatchStatus.Completed, await safe.EndAsync());

        await using var paid = await SqlWorker.StartAsync(1, SqlWorker.Step());
        lost = (await paid.FetchAsync())[0];
        await paid.LapseAsync();
        await Wait.UntilAsync(async () =>
            await paid.OwnAsync<long>("select count(*) from enrichment.external_tasks where acts_at > clock_timestamp() + interval '1 hour'") == 1);
        Assert.Empty(await paid.CompleteAsync([lost]));
        Assert.Equal(BatchStatus.Completed, await paid.EndAsync());
    }

    [Fact]
    public async Task Open_transactions_fetch_by_turns_and_none_waits_for_another()
    {
        await using var worker = await SqlWorker.StartAsync(6, SqlWorker.Step());
        await Wait.UntilAsync(async () => await worker.OwnAsync<long>("select count(*) from enrichment.external_tasks") == 6);

        // Long not seen: one that is gone, and one that comes back.
        await worker.OwnAsync("""
            insert into enrichment.external_workers (step, worker, identity, version, clients, wanted, seen_at)
            select 'python.size', name, identity, '*', array['*'], 1, clock_timestamp() - interval '2 days'
              from unnest(array['gone', 'a']) as name, unnest(array['http:', 'sql:' || (select role from enrichment.worker_scopes)]) as identity
            """);
        await using var connection = await worker.Database.OpenConnectionAsync();
        await using var other = await worker.Database.OpenConnectionAsync();
        await using var first = await BeginAsync(connection);
        await using var second = await BeginAsync(other);

        List<string> fetched =
        [
            await FetchOneAsync(first, "a"),
            await FetchOneAsync(second, "b"),
            await FetchOneAsync(first, "b"), // The same name in two transactions is noted in one of them.
            await FetchOneAsync(second, "a"),
            await FetchOneAsync(first, "c"),
            await FetchOneAsync(second, "c"),
        ];
        await worker.Engine.Store.ForgetWorkersAsync(TimeSpan.FromDays(1), default).WaitAsync(Wait.Patience);
        await first.CommitAsync();
        await second.CommitAsync();

        Assert.Equal(6, fetched.Distinct().Count());
        Assert.Equal("a b c", await worker.OwnAsync<string>("select string_agg(worker, ' ' order by worker) from enrichment.external_workers"));
    }

    private static async Task<NpgsqlTransaction> BeginAsync(NpgsqlConnection connection)
    {
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("set local lock_timeout = '5s'", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return transaction;
    }

    /// <summary>Fetches in a transaction that may idle as long as it likes.</summary>
    private static async Task<string> FetchOneAsync(NpgsqlTransaction transaction, string worker)
    {
        await using var command = new NpgsqlCommand(
            $"select task from enrichment.fetch_tasks('python.size', '{worker}', 1); set local idle_in_transaction_session_timeout = 0",
            transaction.Connection,
            transaction);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static string? Name(SqlTask task) => JsonElement.Parse(task.Record).GetProperty("company.name").GetString();

    private static async Task<List<SqlTask>> FetchAllAsync(SqlWorker worker, int count)
    {
        List<SqlTask> tasks = [];
        await Wait.UntilAsync(async () =>
        {
            tasks.AddRange(await worker.TryFetchAsync());
            return tasks.Count == count;
        });
        return [.. tasks.OrderBy(task => task.Item)];
    }

    private static async Task<List<(Status, short, ErrorClass?)>> StatesAsync(SqlWorker worker) =>
        [
            .. (await worker.Client.ReadStatesAsync(worker.Batch.Id).ToListAsync())
                .OrderBy(state => state.Item)
                .Select(state => (state.Status, (short)state.Tries, state.ErrorClass)),
        ];
}
