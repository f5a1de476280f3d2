using System.Globalization;
using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.RateLimiting;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.PostgreSql.Tests.Workers;

/// <summary>
/// What vendors allow, kept with workers that know nothing but SQL. In real time, so that times are told by what the store holds.
/// </summary>
public sealed class WorkerFunctionLimitTests
{
    [Fact]
    public async Task Workers_are_handed_no_more_than_a_vendor_allows_and_each_call_its_moment()
    {
        await using var worker = await StartAsync("""{"rate":2,"burst":2}""");

        var items = await worker.ClaimAsync(most: 2);

        Assert.Equal([(0, 0.25), (0.5, 0.75)], items.Select(item => (item.After!.Value, item.By!.Value)));
        Assert.Equal(("acme", "test/1", 2, 0), await BlockAsync(worker, 1));
        var ended = await worker.OwnAsync<DateTime>("select ends_at from enrichment.permit_blocks");
        List<SqlItem> next = [];
        while (next.Count == 0)
        {
            next = await worker.ClaimAsync(most: 2, worker: "test/2");
        }

        // The next block is had a quarter of a second before the first ends, or later on a machine that is busy.
        Assert.True(await worker.OwnAsync<DateTime>("select starts_at from enrichment.permit_blocks where block = 2") >= ended);
        Assert.InRange(next[0].After!.Value, 0, 0.25);
        Assert.Equal(0.5, next[1].After!.Value - next[0].After!.Value, 6);
    }

    [Fact]
    public async Task A_worker_that_comes_before_the_vendor_allows_more_is_handed_nothing()
    {
        await using var worker = await StartAsync("""{"rate":0.01,"burst":1}""");
        Assert.Single(await worker.ClaimAsync(most: 2));

        Assert.Empty(await worker.ClaimAsync(worker: "test/2"));

        Assert.Equal(1L, await worker.OwnAsync<long>("select count(*) from enrichment.leases"));
        Assert.Equal("rate_limit", (await worker.StateAsync(3)).Reason);
    }

    [Fact]
    public async Task No_worker_is_handed_more_than_five_seconds_of_a_rate_or_half_of_the_calls_in_flight()
    {
        await using var worker = await StartAsync("""{"rate":1}""");
        Assert.Equal(5, (await worker.ClaimAsync()).Count);
        await using var few = await StartAsync("""{"concurrency":4}""");
        var items = await few.ClaimAsync();
        Assert.Equal([(0, 5), (0, 5)], items.Select(item => ((int)item.After!.Value, (int)item.By!.Value)));
    }

    [Fact]
    public async Task Calls_in_flight_count_with_workers_until_the_last_of_a_block_or_the_end_of_its_lease()
    {
        await using var worker = await StartAsync("""{"concurrency":5}""");
        var (first, second) = (await worker.ClaimAsync(), await worker.ClaimAsync(worker: "test/2"));
        Assert.Equal((3, 2), (first.Count, second.Count));
        Assert.Empty(await worker.ClaimAsync(worker: "test/3"));
        Assert.True(await worker.CallAsync<bool>("renew_work($1, $2)", second[0].Lease, TimeSpan.FromMinutes(10)));
        Assert.InRange(await worker.OwnAsync<TimeSpan>("select until - clock_timestamp() from enrichment.permit_blocks where block = 2"), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Assert.InRange(await worker.OwnAsync<TimeSpan>("select until - clock_timestamp() from enrichment.permit_blocks where block = 1"), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));

        await worker.CompleteAsync(first[..2]);
        Assert.Empty(await worker.ClaimAsync(worker: "test/3"));
        await worker.CompleteAsync(first[2..]);
        var third = await worker.ClaimAsync(worker: "test/3");
        Assert.Equal(3, third.Count);

        Assert.Equal(2, await worker.CallAsync<int>("release_work($1)", second[0].Lease));
        Assert.Equal(2, (await worker.ClaimAsync(worker: "test/2")).Count);
        Assert.Equal(("acme", "test/2", 2, 0), await BlockAsync(worker, 2));

        // One that died: its calls are others' when its lease is over.
        await worker.OwnAsync("update enrichment.permit_blocks set until = clock_timestamp() where block = 3");
        Assert.Equal(3, (await worker.ClaimAsync(worker: "test/4")).Count);
    }

    [Fact]
    public async Task A_pause_that_a_vendor_asks_of_one_worker_holds_for_all_and_costs_no_try()
    {
        await using var worker = await StartAsync("""{"rate":100}""");
        var items = await worker.ClaimAsync(most: 2);

        Assert.Equal([1], await worker.SayAsync("defer_work", items[..1], ["429"], TimeSpan.FromHours(5), false));

        Assert.InRange(await PauseAsync(worker), TimeSpan.FromMinutes(59.9), TimeSpan.FromMinutes(60.1));
        Assert.Empty(await worker.ClaimAsync());
        Assert.Equal((0, "rate_limit"), ((await worker.StateAsync(1)).Tries, (await worker.StateAsync(9)).Reason));
        await worker.OwnAsync("update enrichment.limits set paused_until = null");
        Assert.Empty(await worker.SayAsync("defer_work", items[..1], ["429"], TimeSpan.FromHours(5), false));
        Assert.True(await worker.OwnAsync<bool>("select paused_until is null from enrichment.limits"));
    }

    [Fact]
    public async Task A_failing_vendor_is_asked_by_one_worker_once_and_what_it_says_decides()
    {
        await using var worker = await StartAsync("""{"breakAfter":3}""");
        await worker.Engine.Store.PauseLimitAsync(LimitKey.Of("acme", "python.size"), TimeSpan.FromSeconds(30), failing: true, default);
        Assert.Empty(await worker.ClaimAsync());
        Assert.Equal("breaker", (await worker.StateAsync(1)).Reason);
        var probe = await ProbeAsync(worker);
        Assert.Empty(await worker.ClaimAsync(worker: "test/2"));

        Assert.Single(await worker.SayAsync("defer_work", probe, ["503"]));
        Assert.InRange(await PauseAsync(worker), TimeSpan.FromSeconds(31), TimeSpan.FromSeconds(60)); // Twice as long as before.
        probe = await ProbeAsync(worker);
        Assert.Equal(1, await worker.CallAsync<int>("release_work($1)", probe[0].Lease));
        probe = await ProbeAsync(worker);
        Assert.Single(await worker.CompleteAsync(probe));

        Assert.Equal(10, (await worker.ClaimAsync()).Count);
    }

    [Fact]
    public async Task A_vendor_that_fails_workers_in_a_row_is_left_alone_and_an_answer_begins_the_count_anew()
    {
        await using var worker = await StartAsync("""{"breakAfter":5}""");
        await worker.SayAsync("defer_work", await worker.ClaimAsync(most: 4), ["503", "503", "503", "503"]);
        var answered = await worker.ClaimAsync(most: 4, worker: "test/2");
        await worker.CompleteAsync(answered[..1]);
        await worker.SayAsync("fail_work", answered[1..], ["", "", ""], (object)new[] { "outcomeUnknown", "outcomeUnknown", "outcomeUnknown" });
        await worker.SayAsync("fail_work", answered[1..], ["", "", ""], (object)new[] { "outcomeUnknown", "outcomeUnknown", "outcomeUnknown" });
        Assert.Equal(0, await worker.OwnAsync<int>("select failing from enrichment.limits"));

        await worker.SayAsync("defer_work", await worker.ClaimAsync(most: 2), ["503", "503"]);

        Assert.Equal(1, await worker.OwnAsync<int>("select failing from enrichment.limits"));
        Assert.InRange(await PauseAsync(worker), TimeSpan.Zero, TimeSpan.FromSeconds(30));
        Assert.Equal("breaker", (await worker.StateAsync(40)).Reason);
        Assert.Empty(await worker.ClaimAsync());
        Assert.Single(await ProbeAsync(worker));
    }

    [Fact]
    public async Task Other_work_is_looked_for_where_a_limit_has_nothing_to_give()
    {
        await using var worker = await StartAsync("""{"rate":100}""");
        await worker.Engine.Store.PauseLimitAsync(LimitKey.Of("acme", "python.size"), TimeSpan.FromSeconds(30), failing: false, default);
        var other = worker.Engine.Client("other");
        var upload = await other.UploadAsync(new MemoryStream("Company Name\nGlobex\nInitech\n"u8.ToArray()), "apollo_scrape");
        var free = await other.LaunchAsync(upload.Upload.Id, new() { Pipeline = "python" });

        Assert.Equal(free.Id, (await worker.ClaimAsync(most: 1))[0].Batch);
        Assert.Equal(free.Id, (await worker.ClaimAsync(most: 1))[0].Batch);
        Assert.Empty(await worker.ClaimAsync());
    }

    [Fact]
    public async Task A_claim_that_finds_nothing_to_call_for_leaves_nothing_behind_but_the_reason()
    {
        await using var worker = await StartAsync("""{"concurrency":1}""");

        // It looks as if there was something, until the limit's row is locked.
        await worker.OwnAsync("create or replace view enrichment.limit_states as select l.bucket, l.name, l.failing, l.concurrency, 0::bigint as slots, 0::bigint as jobs, null::text as reason, null::timestamptz as until from enrichment.limits l");
        Assert.Single(await worker.ClaimAsync());
        Assert.Empty(await worker.ClaimAsync(worker: "test/2"));

        Assert.Equal((1L, 1L, 1L), (await worker.OwnAsync<long>("select count(*) from enrichment.leases"), await worker.OwnAsync<long>("select count(*) from enrichment.attempts"), await worker.OwnAsync<long>("select count(*) from enrichment.permit_blocks")));
        Assert.Equal("acme/python.size", await worker.OwnAsync<string>("select name from enrichment.stage_limits"));
    }

    [Fact]
    public async Task Of_many_workers_none_waits_for_another_for_ever_and_their_calls_are_no_more_than_allowed()
    {
        await using var worker = await StartAsync("""{"rate":200,"concurrency":30}""", items: 300);
        var began = TimeProvider.System.GetTimestamp();

        var done = await Task.WhenAll(Enumerable.Range(0, 6).Select(async number =>
        {
            List<int> items = [];
            while (items.Count < 300
                && TimeProvider.System.GetElapsedTime(began) < Wait.Patience
                && (await worker.Client.GetBatchAsync(worker.Batch.Id)).Status != BatchStatus.Completed)
            {
                var claimed = await worker.ClaimAsync(most: 10, worker: $"test/{number}");
                if (claimed.Count > 2)
                {
                    await worker.SayAsync("defer_work", claimed[..1], ["429"], TimeSpan.FromMilliseconds(1), false);
                    await worker.CallAsync<bool>("renew_work($1)", claimed[0].Lease);
                    items.AddRange(await worker.CompleteAsync(claimed[1..]));
                }
                else
                {
                    items.AddRange(claimed.Count == 0 ? [] : await worker.CompleteAsync(claimed));
                }

                if (number == 0)
                {
                    await worker.Engine.TickAsync(TimeSpan.FromMilliseconds(20));
                }
            }

            return items;
        }));

        Assert.Equal(Enumerable.Range(1, 300), done.SelectMany(items => items).Order());
        Assert.Equal(BatchStatus.Completed, await worker.EndAsync());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"rate":50,"burst":10}""")]
    [InlineData("""{"rate":3,"per":"00:01:00","name":"acme","shared":true}""")]
    [InlineData("""{"rate":1,"per":"1.00:00:00","concurrency":7}""")]
    [InlineData("""{"rate":0.3,"concurrency":1}""")]
    [InlineData("""{"rate":100000,"burst":20000,"concurrency":10000,"name":"größer"}""")]
    [InlineData("""{"rate":7,"breakAfter":3}""")]
    public async Task A_limit_is_the_same_in_SQL(string json)
    {
        await using var worker = await StartAsync("{}", items: 1);
        var limits = JsonSerializer.Deserialize<CallLimits>(json, JsonSerializerOptions.Web)!;
        var key = LimitKey.Of(limits.Shared ? null : "acme", limits.Name ?? "python.size");
        var late = limits.Rate is null ? PermitRequest.LongestBlock : limits.Late / 2;

        await using var command = worker.Database.CreateCommand("select bucket, name, extract(epoch from gap)::float8, extract(epoch from late)::float8, fitting, concurrency, break_after from enrichment.stage_limit($1::json, 'acme')");
        command.Parameters.Add(new() { Value = $$$"""{"manifest":{"slug":"python.size"},"limits":{{{json}}}}""" });
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal((key.Bucket, key.Name), (reader.GetInt16(0), reader.GetString(1)));
        Assert.Equal(limits.Gap.TotalSeconds, reader.GetDouble(2), 5);
        Assert.Equal(late.TotalSeconds, reader.GetDouble(3), 5);
        Assert.Equal(
            (PermitRequest.FittingWorker(limits, 1000), limits.Concurrency ?? 0, limits.BreakAfter),
            (reader.GetInt32(4), reader.GetInt32(5), reader.GetInt32(6)));
    }

    [Fact]
    public async Task Blocks_are_given_as_far_ahead_as_to_hosts_and_less_far_to_who_has_had_more()
    {
        await using var worker = await StartAsync("{}", items: 1);
        var host = PermitRequest.Of(new() { Rate = 50 }, LimitKey.Of(null, "vendor"), "acme", "host", 7, TimeSpan.FromMinutes(1));
        var room = TimeSpan.FromMilliseconds(50);
        Assert.True(await LeaseAsync("acme", TimeSpan.Zero));
        Assert.Equal(
            (7, 0, host.Gap * 7),
            await worker.OwnAsync<string>("select concat_ws(' ', calls, slots, ends_at - starts_at) from enrichment.permit_blocks")
                is { } block
            && block.Split(' ') is [var calls, var slots, var length]
                ? (
                    int.Parse(calls, CultureInfo.InvariantCulture),
                    int.Parse(slots, CultureInfo.InvariantCulture),
                    TimeSpan.Parse(length, CultureInfo.InvariantCulture))
                : default);

        Assert.False(await LeaseAsync("globex", host.Ahead + room));
        Assert.True(await LeaseAsync("globex", host.Ahead - room));
        Assert.True(await LeaseAsync("acme", host.Ahead - room));
        Assert.False(await LeaseAsync("acme", host.Lead + room));
        Assert.True(await LeaseAsync("acme", host.Lead - room));

        // What was given before the window is forgotten.
        await worker.OwnAsync($"update enrichment.permit_blocks set ends_at = clock_timestamp() - interval '{(host.Window + room).TotalSeconds} seconds'");
        Assert.True(await LeaseAsync("acme", host.Ahead - room));

        // The beginning of the next block is so far ahead.
        async Task<bool> LeaseAsync(string client, TimeSpan ahead)
        {
            await worker.OwnAsync($"update enrichment.limits set next_at = clock_timestamp() + interval '{ahead.TotalSeconds} seconds'");
            return await worker.OwnAsync<bool>(
                $$$"""select l.block > 0 from enrichment.lease_calls('{"manifest":{},"limits":{"rate":50,"name":"vendor","shared":true}}', '{{{client}}}', 'worker', 7, '1 minute') l""");
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"rate":50,"name":"vendor"}""")]
    public async Task Nothing_is_handed_out_while_the_account_with_the_vendor_is_used_up(string limits)
    {
        await using var worker = await StartAsync(limits, items: 2);
        var account = LimitKey.Of("acme", limits == "{}" ? "python.size" : "vendor");
        await worker.Engine.Store.PauseAccountAsync(account, TimeSpan.FromHours(1), TimeSpan.Zero, default);
        Assert.Empty(await worker.ClaimAsync());

        await worker.Engine.Store.ResumeAccountAsync(account, probed: false, default);

        Assert.NotEmpty(await worker.ClaimAsync());
    }

    [Fact]
    public async Task A_vendor_that_goes_on_asking_to_slow_down_is_left_alone_for_twice_as_long_each_time()
    {
        await using var worker = await StartAsync("""{"rate":100}""", backoff: TimeSpan.FromMinutes(5));
        foreach (var minutes in (int[])[5, 10, 20])
        {
            var items = await AfterPauseAsync(2);
            Assert.Single(await worker.SayAsync("defer_work", items[..1], ["429"], DBNull.Value, false));
            // In flight together: that counts once.
            Assert.Single(await worker.SayAsync("defer_work", items[1..], ["429"], DBNull.Value, false));

            Assert.InRange(await LastPauseAsync(), TimeSpan.FromMinutes(minutes / 2D), TimeSpan.FromMinutes(minutes + 2));
        }

        Assert.Equal(3, await worker.OwnAsync<int>("select slowdowns from enrichment.limits"));
        Assert.Single(await worker.CompleteAsync(await AfterPauseAsync(1)));
        Assert.Single(await worker.SayAsync("defer_work", await AfterPauseAsync(1), ["429"], DBNull.Value, false));

        Assert.Equal(1, await worker.OwnAsync<int>("select slowdowns from enrichment.limits"));
        Assert.InRange(await LastPauseAsync(), TimeSpan.FromMinutes(2.5), TimeSpan.FromMinutes(5 + 2));

        async Task<List<SqlItem>> AfterPauseAsync(int most)
        {
            await worker.OwnAsync("update enrichment.limits set paused_until = clock_timestamp(), next_at = clock_timestamp()");
            var items = await worker.ClaimAsync(most: most);
            Assert.Equal(most, items.Count);
            return items;
        }

        // From the end of the first call on, a moment before the pause begins.
        Task<TimeSpan> LastPauseAsync() => worker.OwnAsync<TimeSpan>("select l.paused_until - (select max(a.ended_at) from enrichment.attempts a) from enrichment.limits l");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"rate":50,"name":"vendor"}""")]
    public async Task An_account_that_a_worker_reports_used_up_pauses_until_one_item_is_answered(string limits)
    {
        await using var worker = await StartAsync(limits);
        var items = await worker.ClaimAsync(most: 2);

        Assert.Single(await worker.SayAsync("defer_work", items[..1], ["402"], DBNull.Value, false, DBNull.Value, true));

        var account = Assert.Single(await worker.Engine.Store.ReadAccountsAsync(default));
        Assert.Equal(limits == "{}" ? "acme/python.size" : "acme/vendor", account.Name);
        Assert.InRange(account.Rest, TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        var state = await worker.StateAsync(items[0].Item);
        Assert.Equal(((ErrorClass?)ErrorClass.OutOfCredits, "vendor_credits", (short)0), (state.ErrorClass, state.Reason, state.Tries));
        Assert.Equal("vendor_credits", (await worker.StateAsync(40)).Reason);
        Assert.Empty(await worker.ClaimAsync());

        await OverAsync();
        var probe = await worker.ClaimAsync();
        Assert.Single(probe);
        Assert.Empty(await worker.ClaimAsync(worker: "test/2"));
        Assert.Single(await worker.SayAsync("defer_work", probe, ["402"], DBNull.Value, false, DBNull.Value, true));
        Assert.Empty(await worker.ClaimAsync());

        await OverAsync();
        Assert.Single(await worker.CompleteAsync(await worker.ClaimAsync()));

        Assert.Empty(await worker.Engine.Store.ReadAccountsAsync(default));
        Assert.Equal(10, (await worker.ClaimAsync()).Count);

        Task OverAsync() => worker.OwnAsync("update enrichment.limits set used_up_until = clock_timestamp()");
    }

    private static Task<SqlWorker> StartAsync(string limits, int items = 40, TimeSpan? backoff = null) => SqlWorker.StartAsync(
        [SqlWorker.Step() with { Effects = Effects.SafeToRepeat, Settings = JsonElement.Parse($$"""{"limits":{{limits}}}""") }],
        p => p.Step("python.size", s => s.Retry(baseDelay: backoff, maxDelay: backoff * 12)),
        "Company Name\n" + string.Concat(Enumerable.Range(1, items).Select(item => string.Create(CultureInfo.InvariantCulture, $"Company {item}\n"))));

    /// <summary>Lets the pause be over, and claims the one call that comes then.</summary>
    private static async Task<List<SqlItem>> ProbeAsync(SqlWorker worker)
    {
        await worker.OwnAsync("update enrichment.limits set paused_until = clock_timestamp(), next_at = clock_timestamp()");
        var probe = await worker.ClaimAsync();
        Assert.Single(probe);
        return probe;
    }

    private static Task<TimeSpan> PauseAsync(SqlWorker worker) => worker.OwnAsync<TimeSpan>("select paused_until - clock_timestamp() from enrichment.limits");

    private static async Task<(string Client, string Owner, int Calls, int Slots)> BlockAsync(SqlWorker worker, int block)
    {
        var text = await worker.OwnAsync<string>($"select concat_ws(' ', client, owner, calls, slots) from enrichment.permit_blocks where block = {block}");
        var parts = text!.Split(' ');
        return (parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture), int.Parse(parts[3], CultureInfo.InvariantCulture));
    }
}
