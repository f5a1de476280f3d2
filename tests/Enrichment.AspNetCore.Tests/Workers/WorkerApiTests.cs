using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.External;
using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>What an external worker may rely on, said over real HTTP to a host that works meanwhile.</summary>
public sealed class WorkerApiTests
{
    private static readonly Projection Sizes = Projection.Define("sizes", p => p.Text("company", s => s.Field("company.name")).Integer("size", s => s.Field("company.size")));

    [Theory]
    [InlineData("claim")]
    [InlineData("complete")]
    [InlineData("skip")]
    [InlineData("fail")]
    [InlineData("defer")]
    [InlineData("renew")]
    [InlineData("release")]
    public async Task Nobody_takes_or_says_anything_without_the_policy(string path)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        host.Http.DefaultRequestHeaders.Remove("key");

        Assert.Equal(HttpStatusCode.Unauthorized, await host.StatusAsync($"/workers/{path}", new { step = "python.size", worker = "stranger" }));
        host.Http.DefaultRequestHeaders.Add("key", "operator");
        Assert.Equal(HttpStatusCode.Forbidden, await host.StatusAsync($"/workers/{path}", new { step = "python.size", worker = "stranger" }));
        Assert.Equal(0, (await host.StateAsync(1)).Attempt);
    }

    [Fact]
    public async Task A_batch_without_a_step_of_dotnet_goes_through_its_stages_to_its_table()
    {
        StepManifest[] steps =
        [
            WorkersHost.Step("python.clean") with { Produces = [new("company.name", "/clean/name")] },
            WorkersHost.Step() with { Reads = ["company.name", "company.country"], Settings = JsonElement.Parse("""{"region":"eu","key":"secret:ACME"}""") },
        ];
        await using var host = await WorkersHost.StartAsync(steps, p => p.Step("python.clean").Step("python.size"), "Company Name\n globex \nInitech\n", e => e.AddProjection(Sizes));

        var first = await host.ClaimAsync(step: "python.clean");
        Assert.Equal((host.Batch.Id, 1, "python.clean", "1.0.0"), (first.Batch, first.Stage, first.Step, first.Version));
        Assert.Equal([(1, 1, " globex "), (2, 1, "Initech")], first.Items.Select(item => (item.Item, item.Attempt, item.Record["company.name"].GetString())));
        Assert.Equal([1, 2], await host.SayAsync("complete", first, item => new { item.Item, item.Attempt, result = new { clean = new { name = item.Record["company.name"].GetString()!.Trim().ToUpperInvariant() } }, cost = 1.5 }));
        var second = await host.ClaimAsync();

        Assert.Equal(["GLOBEX", "INITECH"], second.Items.Select(item => item.Record["company.name"].GetString()));
        Assert.All(second.Items, item => Assert.Equal(["company.name"], item.Record.Keys));
        Assert.Equal("""{"key":"secret:ACME","region":"eu"}""", second.Settings?.GetRawText());
        Assert.Equal(4, first.Items.Concat(second.Items).Select(item => item.IdempotencyKey).Distinct().Count());
        Assert.Equal([1, 2], await host.CompleteAsync(second));
        Assert.Equal(BatchStatus.Completed, (await host.EndAsync()).Status);
        await Wait.UntilAsync(async () =>
        {
            try
            {
                return await host.Client.ReadRowsAsync("sizes").CountAsync() == 2;
            }
            catch (EnrichmentException)
            {
                return false; // The table comes after the batch's end.
            }
        });
        Assert.Equal(1L, (await host.Client.ReadRowsAsync("sizes").FirstAsync()).Values[1]);
        Assert.Contains(await host.Client.GetTimelineAsync(host.Batch.Id, 1), entry => entry.What == "attempt completed");
    }

    [Fact]
    public async Task Of_many_claims_at_once_each_item_is_handed_out_once()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), [.. Enumerable.Range(1, 60).Select(n => $"Company {n}")]);

        var handed = await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            List<int> items = [];
            while (await host.TryClaimAsync(limit: 3, worker: $"test/{worker}") is { } claimed)
            {
                items.AddRange(await host.CompleteAsync(claimed));
            }

            return items;
        }));

        // One that lost a race finds the rest later.
        while (await host.TryClaimAsync(limit: 60) is { } left)
        {
            handed = [.. handed, [.. await host.CompleteAsync(left)]];
        }

        Assert.Equal(Enumerable.Range(1, 60), handed.SelectMany(items => items).Order());
        await host.EndAsync();
    }

    [Fact]
    public async Task An_attempt_is_on_record_before_anybody_can_call()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");

        await host.ClaimAsync();

        Assert.Equal(Status.Queued, (await host.StateAsync(1)).Status);
        var entry = Assert.Single(await host.Client.GetTimelineAsync(host.Batch.Id, 1), entry => entry.Attempt == 1);
        Assert.Equal("attempt started", entry.What);
        Assert.Null(await host.TryClaimAsync());
    }

    [Fact]
    public async Task Each_outcome_becomes_what_it_becomes_of_a_step_in_dotnet()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(maxTries: 2), "found", "not found", "skipped", "failed", "outcome unknown", "retried", "limited", "misconfigured");
        var handed = await host.ClaimAsync();
        var lease = handed.Lease;

        Assert.Equal([1, 2], await host.SayAsync("complete", lease, [new { item = 1, attempt = 1, result = new { a = 1 } }, new { item = 2, attempt = 1, reason = "no such company" }]));
        Assert.Equal([3], await host.SayAsync("skip", lease, [new { item = 3, attempt = 1, reason = "nothing to do" }]));
        Assert.Equal([4, 5, 8], await host.SayAsync("fail", lease, [
            new { item = 4, attempt = 1, reason = "400" }, new { item = 5, attempt = 1, reason = "timed out", @class = "outcomeUnknown" }, new { item = 8, attempt = 1, reason = "401", @class = "configuration" }]));
        Assert.Equal([6, 7], await host.SayAsync("defer", lease, [
            new { item = 6, attempt = 1, reason = "503" }, new { item = 7, attempt = 1, reason = "429", countsTry = false, afterSeconds = 20 }]));

        Assert.Equal(
            [
                (Status.Completed, 1, null, null), (Status.Completed, 1, null, null), (Status.Skipped, 0, null, "nothing to do"), (Status.Failed, 1, ErrorClass.Permanent, "400"),
                (Status.Failed, 1, ErrorClass.OutcomeUnknown, "timed out"), (Status.Pending, 1, ErrorClass.Transient, "503"), (Status.Pending, 0, ErrorClass.RateLimited, "429"),
                (Status.Failed, 1, ErrorClass.Configuration, "401"),
            ],
            (await host.Client.ReadStatesAsync(host.Batch.Id).ToListAsync()).Select(state =>
                (state.Status, (int)state.Tries, state.ErrorClass, state.Error)));
        Assert.Equal(
            [StepOutcomeKind.Completed, StepOutcomeKind.NotFound],
            (await host.Client.ReadResultsAsync(host.Batch.Id).ToListAsync()).Select(result => result.Kind));
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        var again = await host.ClaimAsync();
        var retried = Assert.Single(again.Items);
        Assert.Equal(
            (6, 2, handed.Items.Single(item => item.Item == 6).IdempotencyKey),
            (retried.Item, retried.Attempt, retried.IdempotencyKey));
        Assert.Equal(
            [6],
            await host.SayAsync(
                "defer",
                again,
                item => new
                {
                    item.Item,
                    item.Attempt,
                    reason = "503 again",
                }));
        var given = await host.StateAsync(6);
        Assert.Equal((Status.Failed, "Given up after 2 tries: 503 again"), (given.Status, given.Error));
        Assert.Null(await host.TryClaimAsync());
        host.Clock.Advance(TimeSpan.FromSeconds(20));
        await host.CompleteAsync(await host.ClaimAsync());
        Assert.Equal(BatchStatus.CompletedWithFailures, (await host.EndAsync()).Status);
    }

    [Fact]
    public async Task A_result_that_may_not_be_stored_fails_its_item_and_no_other()
    {
        string[] results = ["""{"a":"\u0000"}""", """{"a":"\ud800"}""", """{"a":1,"a":2}""", """{"a":1e999}""", new string('[', 100) + new string(']', 100), "7", """{"a":1}"""];
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), [.. results.Select((_, index) => $"Company {index}")]);
        var handed = await host.ClaimAsync();
        var items = string.Join(',', results.Select((result, index) => $$"""{"item":{{index + 1}},"attempt":1,"result":{{result}}}"""));

        using var answer = await host.Http.PostAsync("/workers/complete", new StringContent($$"""{"lease":"{{handed.Lease}}","items":[{{items}}]}""", Encoding.UTF8, "application/json"));

        Assert.Equal("""{"written":[1,2,3,4,5,6,7]}""", await answer.Content.ReadAsStringAsync());
        var states = await host.Client.ReadStatesAsync(host.Batch.Id).ToListAsync();
        Assert.All(
            states.SkipLast(1),
            state => Assert.Equal((Status.Failed, ErrorClass.InvalidOutput), (state.Status, state.ErrorClass!.Value)));
        Assert.Equal(Status.Completed, states[^1].Status);
        await host.EndAsync();
    }

    [Theory]
    [InlineData(Effects.Review)]
    [InlineData(Effects.SafeToRepeat)]
    [InlineData(Effects.Pure)]
    public async Task A_worker_that_is_lost_is_a_lost_host_and_what_it_says_later_changes_nothing(Effects effects)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(effects: effects), "Globex", "Initech");
        var lost = await host.ClaimAsync(leaseSeconds: 30);
        host.Clock.Advance(TimeSpan.FromSeconds(31));
        await Wait.UntilAsync(async () => (await host.StateAsync(1)).Attempt == 1);

        Assert.Empty(await host.SayAsync("complete", lost, item => new { item.Item, item.Attempt, result = new { late = true } }));
        Assert.Equal(HttpStatusCode.Conflict, await host.StatusAsync("/workers/renew", new { lease = lost.Lease }));
        Assert.Equal(0, (await host.PostAsync("/workers/release", new { lease = lost.Lease })).GetProperty("released").GetInt32());
        if (effects == Effects.Review)
        {
            Assert.Equal(
                (Status.Failed, ErrorClass.OutcomeUnknown),
                ((await host.StateAsync(1)).Status, (await host.StateAsync(1)).ErrorClass!.Value));
        }
        else
        {
            // In halves, as with any lost lease.
            Handed[] again = [await host.ClaimAsync(), await host.ClaimAsync()];
            Assert.Equal([2, 2], again.SelectMany(half => half.Items).Select(item => item.Attempt));
            Assert.Equal(
                lost.Items.Select(item => item.IdempotencyKey).Order(),
                again.SelectMany(half => half.Items).Select(item => item.IdempotencyKey).Order());
            Assert.Null(await host.TryClaimAsync());
            Assert.Empty(await host.SayAsync("complete", lost, item => new { item.Item, item.Attempt, result = new { late = true } }));
            Assert.Equal(0, (await host.PostAsync("/workers/release", new { lease = lost.Lease })).GetProperty("released").GetInt32());
            Assert.Contains(await host.Client.GetTimelineAsync(host.Batch.Id, 1), entry => entry is { Attempt: 2, What: "attempt started" });
            Assert.DoesNotContain(await host.Client.GetTimelineAsync(host.Batch.Id, 1), entry => entry.Attempt == 2 && entry.What != "attempt started");
            Assert.Empty(await host.Client.ReadResultsAsync(host.Batch.Id).ToListAsync());
            Assert.Equal([1, 2], (await host.CompleteAsync(again[0])).Concat(await host.CompleteAsync(again[1])).Order());
        }

        await host.EndAsync();
    }

    [Fact]
    public async Task A_lease_that_is_renewed_outlives_its_time()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var handed = await host.ClaimAsync(leaseSeconds: 30);
        for (var beat = 0; beat < 5; beat++)
        {
            host.Clock.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(HttpStatusCode.NoContent, await host.StatusAsync("/workers/renew", new { lease = handed.Lease, leaseSeconds = 30 }));
        }

        Assert.Equal([1], await host.CompleteAsync(handed));
        Assert.Equal(HttpStatusCode.Conflict, await host.StatusAsync("/workers/renew", new { lease = handed.Lease }));
        await host.EndAsync();
    }

    [Fact]
    public async Task A_released_item_costs_no_try_and_is_free_at_once()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech", "Umbrella");
        var handed = await host.ClaimAsync();
        Assert.Equal([2], await host.SayAsync("complete", handed.Lease, [new { item = 2, attempt = 1, result = new { a = 1 } }]));

        Assert.Equal(2, (await host.PostAsync("/workers/release", new { lease = handed.Lease })).GetProperty("released").GetInt32());

        var again = await host.ClaimAsync(worker: "test/2");
        Assert.Equal([(1, 2), (3, 2)], again.Items.Select(item => (item.Item, item.Attempt)));
        Assert.Equal(0, (await host.StateAsync(1)).Tries);
        await host.CompleteAsync(again);
        await host.EndAsync();
    }

    [Fact]
    public async Task An_outcome_is_not_written_twice()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var handed = await host.ClaimAsync();
        Assert.Equal([1], await host.SayAsync("complete", handed.Lease, [new { item = 1, attempt = 1, result = new { answer = "first" } }]));

        Assert.Equal([2], await host.SayAsync("complete", handed, item => new { item.Item, item.Attempt, result = new { answer = "second" } }));

        Assert.Empty(await host.SayAsync("fail", handed, item => new { item.Item, item.Attempt, reason = "third" }));
        Assert.Equal(["""{"answer":"first"}""", """{"answer":"second"}"""], (await host.Client.ReadResultsAsync(host.Batch.Id).ToListAsync()).Select(result => Encoding.UTF8.GetString(result.Data.Span)));
        await host.EndAsync();
    }

    [Fact]
    public async Task Nothing_can_be_said_of_an_attempt_that_was_not_handed_out()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var handed = await host.ClaimAsync();
        Assert.Equal([1], await host.SayAsync("defer", handed.Lease, [new { item = 1, attempt = 1, reason = "503" }]));

        Assert.Empty(await host.SayAsync("complete", handed.Lease, [new { item = 1, attempt = 2, result = new { forged = true } }]));

        Assert.Equal([2], await host.SayAsync("complete", handed.Lease, [new { item = 2, attempt = 1, result = new { a = 1 } }]));
        Assert.Equal((Status.Pending, 1), ((await host.StateAsync(1)).Status, (await host.StateAsync(1)).Attempt));
        Assert.Empty(await host.Engine.ExamineAsync());
    }

    [Fact]
    public async Task Where_a_condition_does_not_hold_nothing_is_handed_out()
    {
        await using var host = await WorkersHost.StartAsync(
            [WorkersHost.Step()], p => p.Step("python.size", s => s.When(Condition.Contains("company.name", "inc"))), "Company Name\nGlobex Inc\nInitech\nUmbrella Inc\n");

        var handed = await host.ClaimAsync();

        Assert.Equal([1, 3], handed.Items.Select(item => item.Item));
        Assert.Equal(Status.Skipped, (await host.StateAsync(2)).Status);
        await host.CompleteAsync(handed);
        await host.EndAsync();
    }

    [Fact]
    public async Task A_step_or_version_that_nobody_has_is_refused_with_the_nearest_name()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");

        Assert.Contains("only 1.0.0", await RefusedAsync(host, new { step = "python.size", version = "1.0.1", worker = "w" }), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'python.size'?", await RefusedAsync(host, new { step = "python.sise", worker = "w" }), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await host.StatusAsync("/workers/claim", new { step = "python.size", version = "1.0.0", worker = "w" }));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"limits":{"rate":1000,"concurrency":10}}""")]
    public async Task Items_of_one_company_are_one_task_and_its_answer_serves_them_and_later_batches(string settings)
    {
        const string People = "Company Name,Company Domain\nAnn,acme.com\nBob,www.acme.com\nEve,\nAda,nobody.com\nJoe,https://nobody.com/\n";
        var step = WorkersHost.Step() with { Reads = ["company.domain"], Entity = new("company", ["company.domain"]), Settings = JsonElement.Parse(settings) };
        await using var host = await WorkersHost.StartAsync([step], p => p.Step("python.size"), People);

        List<string?> asked = [];
        while (asked.Count < 2)
        {
            var handed = await host.ClaimAsync();
            Assert.NotEqual(host.Batch.Id, handed.Batch);
            asked.AddRange(handed.Items.Select(Domain));
            await host.SayAsync("complete", handed, item => new { item.Item, item.Attempt, result = Domain(item)!.Contains("nobody", StringComparison.Ordinal) ? null : new Dictionary<string, object> { ["company.size"] = 7 } });
        }

        await host.EndAsync();
        var later = await host.Client.LaunchAsync((await host.Client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(People.Replace("Ann", "Zoe", StringComparison.Ordinal))), "apollo_scrape")).Upload.Id, new() { Pipeline = "python" });
        await Wait.UntilAsync(async () => (await host.Client.GetBatchAsync(later.Id)).Status == BatchStatus.Completed);

        Assert.Equal(2, asked.Count);
        Assert.Null(await host.TryClaimAsync());
        foreach (var batch in new[] { host.Batch.Id, later.Id })
        {
            Assert.Equal(
                [(Status.Completed, null), (Status.Completed, null), (Status.Skipped, "company.domain contains no key of a company; the step was skipped."), (Status.Completed, null), (Status.Completed, null)],
                (await host.Client.ReadStatesAsync(batch).ToListAsync()).Select(state => (state.Status, state.Error)));
            Assert.Equal(
                [StepOutcomeKind.Completed, StepOutcomeKind.Completed, StepOutcomeKind.NotFound, StepOutcomeKind.NotFound],
                (await host.Client.ReadResultsAsync(batch).ToListAsync()).Select(result => result.Kind));
        }

        static string? Domain(ExternalTaskItem item) => item.Record["company.domain"].GetString();
    }

    [Theory]
    [InlineData("claim", """{"step":"python.sise","worker":"w"}""")]
    [InlineData("claim", """{"step":"python.size"}""")]
    [InlineData("claim", """{"step":"python.size","worker":""}""")]
    [InlineData("claim", """{"step":"python.size","worker":"w","limit":0}""")]
    [InlineData("claim", """{"step":"python.size","worker":"w","leaseSeconds":0.5}""")]
    [InlineData("claim", """{"step":"python.size","worker":"w","leaseseconds ":60}""")]
    [InlineData("complete", """{"lease":"1.2.3","items":[]}""")]
    [InlineData("complete", """{"lease":"0.99.1.1.1.1.0.w","items":[]}""")]
    [InlineData("complete", """{"lease":"LEASE","items":[{"item":1,"attempt":1},{"item":1,"attempt":1}]}""")]
    [InlineData("complete", """{"lease":"LEASE","items":[{"item":1,"attempt":1,"resultt":{}}]}""")]
    [InlineData("complete", """{"lease":"LEASE","items":[null]}""")]
    [InlineData("fail", """{"lease":"LEASE","items":[{"item":1,"attempt":1}]}""")]
    [InlineData("fail", """{"lease":"LEASE","items":[{"item":1,"attempt":1,"reason":"r","class":"transient"}]}""")]
    [InlineData("renew", """{"lease":"LEASE","leaseSeconds":7200}""")]
    [InlineData("renew", "no JSON")]
    [InlineData("release", "null")]
    public async Task An_unsound_request_is_refused_in_words_and_does_nothing(string path, string body)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var lease = body.Contains("LEASE", StringComparison.Ordinal) ? (await host.ClaimAsync()).Lease : "";

        using var answer = await host.Http.PostAsync($"/workers/{path}", new StringContent(body.Replace("LEASE", lease, StringComparison.Ordinal), Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty(JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!);
        Assert.Equal(lease.Length == 0 ? Status.Pending : Status.Queued, (await host.StateAsync(1)).Status);
    }

    private static async Task<string> RefusedAsync(WorkersHost host, object claim)
    {
        using var answer = await host.Http.PostAsJsonAsync("/workers/claim", claim);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!;
    }
}
