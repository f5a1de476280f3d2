using System.Text.Json;
using Enrichment.Pipelines;
using Npgsql;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>What a worker may rely on that knows nothing but SQL, and may do nothing but call the seven functions.</summary>
public sealed class WorkerFunctionTests
{
    [Fact]
    public async Task A_batch_goes_through_its_stages_and_the_next_one_begins_with_the_outcome()
    {
        await using var worker = await SqlWorker.StartAsync(
            [SqlWorker.Step("python.clean") with { Produces = [new("company.name", "/clean/name")] }, SqlWorker.Step() with { Settings = JsonElement.Parse("""{"key":"secret:ACME"}""") }],
            p => p.Step("python.clean").Step("python.size"),
            "Company Name\nGlobex\nInitech\n");

        var first = await worker.ClaimAsync("python.clean");
        Assert.Equal([(1, 1, "Globex"), (2, 1, "Initech")], first.Select(item => (item.Item, item.Attempt, Name(item))));
        Assert.All(first, item => Assert.Equal((worker.Batch.Id, 1, "1.0.0", null), (item.Batch, item.Stage, item.Version, item.Settings)));
        Assert.Equal([1, 2], await worker.SayAsync("complete_work", first, [.. first.Select(item => JsonSerializer.Serialize(new { clean = new { name = Name(item)!.ToUpperInvariant() } }))], new[] { 1.5m, 2m }));
        var second = await worker.ClaimAsync();

        Assert.Equal(["GLOBEX", "INITECH"], second.Select(Name));
        Assert.Equal("""{"key":"secret:ACME"}""", second[0].Settings);
        Assert.Equal([1, 2], await worker.CompleteAsync(second));
        Assert.Equal(0L, await worker.OwnAsync<long>("select count(*) from enrichment.leases"));
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
        Assert.Equal(3.5m, await worker.OwnAsync<decimal>($"select sum(cost) from enrichment.attempts where batch = {worker.Batch.Key}"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"limits":{"rate":1000,"concurrency":10}}""")]
    public async Task Items_of_one_company_are_one_task_and_its_answer_serves_them_all(string settings)
    {
        var step = SqlWorker.Step() with { Reads = ["company.domain"], Entity = new("company", ["company.domain"]), Settings = JsonElement.Parse(settings) };
        await using var worker = await SqlWorker.StartAsync([step], p => p.Step("python.size"), "Company Name,Company Domain\nAnn,acme.com\nBob,www.acme.com\nEve,\nAda,globex.com\nJoe,https://globex.com/\n");
        Assert.Empty(await worker.ClaimAsync());

        List<SqlItem> asked = [];
        using var stop = new CancellationTokenSource();
        var working = worker.Engine.RunAsync(stop.Token);
        while ((await worker.Client.GetBatchAsync(worker.Batch.Id)).Status != BatchStatus.Completed)
        {
            var handed = await worker.ClaimAsync();
            if (handed.Count > 0)
            {
                await worker.CompleteAsync(handed);
            }

            asked.AddRange(handed);
            Assert.InRange(asked.Count, 0, 2);
        }

        await stop.CancelAsync();
        await working;

        Assert.Equal(2, asked.Count);
        Assert.All(asked, item => Assert.NotEqual(worker.Batch.Id, item.Batch));
        Assert.Equal(
            [Status.Completed, Status.Completed, Status.Skipped, Status.Completed, Status.Completed],
            (await worker.Client.ReadStatesAsync(worker.Batch.Id).ToListAsync()).Select(state => state.Status));
        Assert.Equal(4, (await worker.ResultsAsync()).Count(result => result == """{"company.size":1}"""));
        Assert.Empty(await worker.Engine.ExamineAsync());
    }

    [Fact]
    public async Task An_attempt_is_on_record_before_the_claim_has_answered()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());

        var item = Assert.Single(await worker.ClaimAsync(worker: "modal/7"));

        Assert.Equal("modal/7", await worker.OwnAsync<string>($"select owner from enrichment.attempts where batch = {worker.Batch.Key} and item = {item.Item} and attempt = {item.Attempt} and outcome is null"));
        Assert.Equal(Status.Queued, (await worker.StateAsync(1)).Status);
        Assert.Empty(await worker.ClaimAsync());
    }

    [Fact]
    public async Task Of_many_claims_at_once_each_item_is_handed_out_once()
    {
        await using var worker = await SqlWorker.StartAsync(3000, SqlWorker.Step());

        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(async number =>
        {
            var items = new List<int>();
            for (var idle = 0; idle < 20;)
            {
                var claimed = await worker.ClaimAsync(most: 50, worker: $"test/{number}");
                items.AddRange(claimed.Count == 0 ? [] : await worker.CompleteAsync(claimed));
                idle = claimed.Count == 0 ? idle + 1 : 0;
            }

            return items;
        }));

        Assert.Equal(Enumerable.Range(1, 3000), done.SelectMany(items => items).Order());
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Fact]
    public async Task Each_outcome_becomes_what_it_becomes_of_a_step_in_dotnet()
    {
        await using var worker = await SqlWorker.StartAsync(8, SqlWorker.Step(maxTries: 2));
        var items = await worker.ClaimAsync();

        Assert.Equal([1, 2], await worker.SayAsync("complete_work", items[..2], ["""{"a":1}""", null]));
        Assert.Equal([3], await worker.SayAsync("skip_work", items[2..3], ["nothing to do"]));
        Assert.Equal([4, 5, 6], await worker.SayAsync("fail_work", items[3..6], ["400", "timed out", "401"], (object)new[] { null, "outcomeUnknown", "configuration" }));
        Assert.Equal([7], await worker.SayAsync("defer_work", items[6..7], ["503"]));
        Assert.Equal([8], await worker.SayAsync("defer_work", items[7..], ["429"], TimeSpan.FromHours(5), false));

        var states = await worker.Client.ReadStatesAsync(worker.Batch.Id).ToListAsync();
        Assert.Equal(
            [
                (Status.Completed, 1, null, null), (Status.Completed, 1, null, null), (Status.Skipped, 0, null, "nothing to do"), (Status.Failed, 1, ErrorClass.Permanent, "400"),
                (Status.Failed, 1, ErrorClass.OutcomeUnknown, "timed out"), (Status.Failed, 1, ErrorClass.Configuration, "401"), (Status.Pending, 1, ErrorClass.Transient, "503"),
                (Status.Pending, 0, ErrorClass.RateLimited, "429"),
            ],
            states.Select(state => (state.Status, (int)state.Tries, state.ErrorClass, state.Error)));
        Assert.InRange(states[7].ActsAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(62));
        Assert.Equal(
            [StepOutcomeKind.Completed, StepOutcomeKind.NotFound],
            (await worker.Client.ReadResultsAsync(worker.Batch.Id).ToListAsync()).Select(result => result.Kind));
        Assert.Empty(await worker.Engine.ExamineAsync());
        Assert.Contains("What may pass by itself is deferred", (await Assert.ThrowsAsync<PostgresException>(() => worker.SayAsync("fail_work", items[6..7], ["r"], (object)new[] { "transient" }))).MessageText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Effects.Review)]
    [InlineData(Effects.SafeToRepeat)]
    [InlineData(Effects.Pure)]
    public async Task A_worker_that_is_lost_is_a_lost_host_and_what_it_says_later_changes_nothing(Effects effects)
    {
        await using var worker = await SqlWorker.StartAsync(2, SqlWorker.Step(effects: effects));
        var lost = await worker.ClaimAsync();
        await worker.LapseAsync();

        Assert.Empty(await worker.CompleteAsync(lost, """{"late":true}"""));
        Assert.False(await worker.CallAsync<bool>("renew_work($1)", lost[0].Lease));
        Assert.Equal(0, await worker.CallAsync<int>("release_work($1)", lost[0].Lease));
        Assert.Equal(2L, await worker.OwnAsync<long>($$"""select count(*) from enrichment.attempts where batch = {{worker.Batch.Key}} and answer::text = '{"late":true}'"""));
        if (effects == Effects.Review)
        {
            Assert.Equal(
                (Status.Failed, ErrorClass.OutcomeUnknown),
                ((await worker.StateAsync(1)).Status, (await worker.StateAsync(1)).ErrorClass!.Value));
        }
        else
        {
            // In halves, as with any lost lease.
            List<SqlItem> again = [.. await worker.ClaimAsync(), .. await worker.ClaimAsync()];
            Assert.Equal([2, 2], again.Select(item => item.Attempt));
            Assert.Equal(lost.Select(item => item.Key).Order(), again.Select(item => item.Key).Order());
            Assert.Empty(await worker.CompleteAsync(lost));
            Assert.Equal(0, await worker.CallAsync<int>("release_work($1)", lost[0].Lease));
            Assert.Equal(2L, await worker.OwnAsync<long>($"select count(*) from enrichment.attempts where batch = {worker.Batch.Key} and attempt = 2 and outcome is null"));
            Assert.Equal([1, 2], (await worker.CompleteAsync(again[..1])).Concat(await worker.CompleteAsync(again[1..])).Order());
        }

        await worker.EndAsync();
    }

    [Fact]
    public async Task A_lease_whose_date_has_passed_is_no_loss_until_somebody_takes_it_over()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        var items = await worker.ClaimAsync();
        await worker.OwnAsync("update enrichment.leases set until = clock_timestamp() - interval '1 minute'");

        Assert.Equal([1], await worker.CompleteAsync(items));

        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Fact]
    public async Task A_lease_is_renewed_and_given_back_and_what_was_not_called_for_costs_no_try()
    {
        await using var worker = await SqlWorker.StartAsync(3, SqlWorker.Step());
        var items = await worker.ClaimAsync();
        Assert.True(await worker.CallAsync<bool>("renew_work($1, $2)", items[0].Lease, TimeSpan.FromMinutes(10)));
        Assert.InRange(await worker.OwnAsync<TimeSpan>("select until - clock_timestamp() from enrichment.leases"), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Assert.Equal([2], await worker.CompleteAsync(items[1..2]));

        Assert.Equal(2, await worker.CallAsync<int>("release_work($1)", items[0].Lease));

        Assert.False(await worker.CallAsync<bool>("renew_work($1)", items[0].Lease));
        var again = await worker.ClaimAsync(worker: "test/2");
        Assert.Equal([(1, 2), (3, 2)], again.Select(item => (item.Item, item.Attempt)));
        Assert.Equal(0, (await worker.StateAsync(1)).Tries);
        await worker.CompleteAsync(again);
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Fact]
    public async Task An_outcome_is_not_written_twice()
    {
        await using var worker = await SqlWorker.StartAsync(2, SqlWorker.Step());
        var items = await worker.ClaimAsync();
        Assert.Equal([1], await worker.CompleteAsync(items[..1], """{"answer":"first"}"""));

        Assert.Equal([2], await worker.CompleteAsync(items, """{"answer":"second"}"""));

        Assert.Empty(await worker.SayAsync("fail_work", items, ["third", "third"]));
        Assert.Equal(["""{"answer":"first"}""", """{"answer":"second"}"""], await worker.ResultsAsync());
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Fact]
    public async Task Nothing_can_be_said_of_an_attempt_that_was_not_handed_out()
    {
        await using var worker = await SqlWorker.StartAsync(2, SqlWorker.Step());
        var items = await worker.ClaimAsync();
        Assert.Equal([1], await worker.SayAsync("defer_work", items[..1], ["503"]));

        Assert.Empty(await worker.CompleteAsync([items[0] with { Attempt = 2 }]));

        Assert.Equal([2], await worker.CompleteAsync(items[1..]));
        Assert.Equal((Status.Pending, 1), ((await worker.StateAsync(1)).Status, (await worker.StateAsync(1)).Attempt));
        Assert.Empty(await worker.Engine.ExamineAsync());
    }

    [Fact]
    public async Task A_result_that_may_not_be_stored_fails_its_item_and_no_other()
    {
        string[] results = ["""{"a":"\u0000"}""", """{"a":"\ud800"}""", """{"a":1,"a":2}""", """{"a":1e999}""", new string('[', 100) + new string(']', 100), "7", "no JSON", "[" + new string('1', 1 << 20) + "]", """ { "b" : 1e2 , "a" : [ "\u00e9" ] } """];
        await using var worker = await SqlWorker.StartAsync(results.Length, SqlWorker.Step());
        var items = await worker.ClaimAsync();

        Assert.Equal(Enumerable.Range(1, results.Length), await worker.SayAsync("complete_work", items, results));

        var states = await worker.Client.ReadStatesAsync(worker.Batch.Id).ToListAsync();
        Assert.All(
            states.SkipLast(1),
            state => Assert.Equal((Status.Failed, ErrorClass.InvalidOutput), (state.Status, state.ErrorClass!.Value)));
        Assert.Equal(["""{"b":100,"a":["é"]}"""], await worker.ResultsAsync());
        Assert.Equal(BatchStatus.CompletedWithFailures, await worker.EndAsync());
    }

    [Fact]
    public async Task Clients_are_drawn_alike_however_much_one_has()
    {
        await using var worker = await SqlWorker.StartAsync(2000, SqlWorker.Step());
        var other = worker.Engine.Client("other");
        var upload = await other.UploadAsync(new MemoryStream("Company Name\nGlobex\nInitech\n"u8.ToArray()), "apollo_scrape");
        var small = await other.LaunchAsync(upload.Upload.Id, new() { Pipeline = "python" });

        var claims = 0;
        var met = 0;
        while (met < 2 && claims++ < 60)
        {
            met += (await worker.ClaimAsync(most: 1)).Count(item => item.Batch == small.Id);
        }

        Assert.Equal(2, met); // By lot, one in two: 60 in vain come once in 10^16.
    }

    [Fact]
    public async Task Stages_with_a_condition_and_steps_with_an_entity_or_a_later_answer_are_left_to_hosts()
    {
        await using var worker = await SqlWorker.StartAsync(
            [SqlWorker.Step()], p => p.Step("python.size", s => s.When(Condition.Exists("company.name"))), "Company Name\nGlobex\n");

        var error = await Assert.ThrowsAsync<PostgresException>(() => worker.ClaimAsync());

        Assert.Equal("0A000", error.SqlState);
        Assert.Contains("Claim them over HTTP", error.MessageText, StringComparison.Ordinal);
        Assert.Equal(0L, await worker.OwnAsync<long>("select count(*) from enrichment.leases"));
        foreach (var (property, value) in (IEnumerable<(string, string)>)[("manifest,pollInterval", "\"00:00:30\""), ("entity", "{\"scope\":\"Client\"}")])
        {
            await worker.OwnAsync($$$"""update enrichment.batches set snapshot = jsonb_set(snapshot::jsonb #- '{stages,0,when}' #- '{stages,0,manifest,pollInterval}', '{stages,0,{{{property}}}}', '{{{value}}}')::json where batch = {{{worker.Batch.Key}}}""");
            Assert.Empty(await worker.ClaimAsync());
        }
    }

    [Fact]
    public async Task A_workers_role_calls_the_functions_and_touches_nothing_else()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());

        foreach (var forbidden in (string[])["select * from enrichment.workflow_states", "update enrichment.workflow_states set status = 3", "select enrichment.next_batch(now())", "select enrichment.end_work('', '{}', '{}', '{}', '{}', '{}', '{}', null, '{}')"])
        {
            await using var command = worker.Database.CreateCommand(forbidden);
            Assert.Equal(
                PostgresErrorCodes.InsufficientPrivilege,
                (await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync())).SqlState);
        }

        Assert.Single(await worker.ClaimAsync());
    }

    [Fact]
    public async Task A_worker_that_claims_and_does_not_commit_is_ended_and_loses_nothing()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await using var connection = await worker.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        Assert.Single(await worker.ClaimAsync(connection: connection));
        var session = connection.ProcessID;

        // A host that wants the same range waits for its row, and not for ever.
        Assert.Single(await worker.ClaimAsync(worker: "test/2"));

        Assert.Equal(0L, await worker.OwnAsync<long>($"select count(*) from pg_stat_activity where pid = {session}"));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
    }

    [Fact]
    public async Task A_claim_in_a_transaction_that_sees_only_what_was_is_refused()
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        await using var connection = await worker.Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);

        var error = await Assert.ThrowsAsync<PostgresException>(() => worker.ClaimAsync(connection: connection));

        Assert.Contains("read committed", error.MessageText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claim_work('python.size', 'w', 0)", "most: expected 1 to 1000, got 0.")]
    [InlineData("claim_work('python.size', 'w', 1, interval '0.5 seconds')", "hold: expected 1 second to 1 hour, got 00:00:00.5.")]
    [InlineData("claim_work('python.size', '')", "worker: expected a name of 1 to 200 characters, such as modal-7/1234.")]
    [InlineData("renew_work('1.2.3')", "lease: expected the text that claim_work returned, as it was.")]
    [InlineData("complete_work('0.99.1.1.1.1.0.w', '{}', '{}', '{}')", "lease: expected the text that claim_work returned, as it was.")]
    [InlineData("claim_work('python.sise', 'w')", "step: no host has shown a step python.sise.")]
    [InlineData("claim_work('python.size', 'w', only_version => '1.0.1')", "step: no host has shown a step python.size 1.0.1.")]
    [InlineData("complete_work('LEASE', '{1}', '{1}', '{}')", "items, attempts and what is said of them: expected arrays of one length.")]
    [InlineData("complete_work('LEASE', '{1,1}', '{1,1}', '{a,b}')", "items: one stands twice. Say of each what became of it once.")]
    public async Task An_unsound_request_is_refused_in_words(string call, string words)
    {
        await using var worker = await SqlWorker.StartAsync(1, SqlWorker.Step());
        var lease = call.Contains("LEASE", StringComparison.Ordinal) ? (await worker.ClaimAsync())[0].Lease : "";

        var error = await Assert.ThrowsAsync<PostgresException>(() => worker.CallAsync<object>(call.Replace("LEASE", lease, StringComparison.Ordinal)));

        Assert.Equal(words, error.MessageText);
    }

    private static string? Name(SqlItem item) => JsonElement.Parse(item.Record).GetProperty("company.name").GetString();
}
