using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Hosting;
using Enrichment.Pipelines;
using Enrichment.Storage;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>What an external worker may rely on, said over real HTTP to a host that works meanwhile.</summary>
public sealed class WorkerApiTests
{
    private static readonly Projection Sizes = Projection.Define(
        "sizes",
        p => p.Text("company", s => s.Field("company.name")).Integer("size", s => s.Field("company.size")));

    [Theory]
    [InlineData("fetch")]
    [InlineData("complete")]
    [InlineData("skip")]
    [InlineData("fail")]
    [InlineData("defer")]
    [InlineData("extend")]
    public async Task Nobody_fetches_or_reports_anything_without_the_policy(string path)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        host.Http.DefaultRequestHeaders.Remove("key");

        Assert.Equal(
            HttpStatusCode.Unauthorized,
            await host.StatusAsync($"/workers/{path}", new { step = "python.size", worker = "stranger" }));
        host.Http.DefaultRequestHeaders.Add("key", "operator");
        Assert.Equal(
            HttpStatusCode.Forbidden,
            await host.StatusAsync($"/workers/{path}", new { step = "python.size", worker = "stranger" }));
        Assert.Equal(0L, await host.Client.ReadResultsAsync(host.Batch.Id).CountAsync());
    }

    [Fact]
    public async Task A_batch_without_a_step_of_dotnet_goes_through_its_stages_to_its_table()
    {
        StepManifest[] steps =
        [
            WorkersHost.Step("python.clean") with { Produces = [new("company.name", "/clean/name")] },
            WorkersHost.Step() with
            {
                Reads = ["company.name", "company.country"],
                Settings = JsonElement.Parse("""{"region":"eu","key":"secret:ACME"}"""),
            },
        ];
        await using var host = await WorkersHost.StartAsync(
            steps,
            p => p.Step("python.clean").Step("python.size"),
            "Company Name\n globex \nInitech\n",
            e => e.AddProjection(Sizes));

        var first = await host.FetchAllAsync(2, "python.clean");
        Assert.All(first, task => Assert.Equal((host.Batch.Id, 1, "1.0.0"), (task.Batch, task.Stage, task.Version)));
        Assert.Equal([(1, 1, " globex "), (2, 1, "Initech")], first.Select(task => (task.Item, task.Attempt, Name(task))));
        Assert.Empty(
            await host.ReportAsync(
                "complete",
                first,
                task => new { task.Task, result = new { clean = new { name = Name(task)!.Trim().ToUpperInvariant() } }, cost = 1.5 }));
        var second = await host.FetchAllAsync(2);

        Assert.Equal(["GLOBEX", "INITECH"], second.Select(Name));
        Assert.All(second, task => Assert.Equal(["company.name"], task.Record.EnumerateObject().Select(field => field.Name)));
        Assert.Equal("""{"key":"secret:ACME","region":"eu"}""", second[0].Settings?.GetRawText());
        Assert.Equal(4, first.Concat(second).Select(task => task.IdempotencyKey).Distinct().Count());
        Assert.Empty(await host.CompleteAsync(second));
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
    public async Task Of_many_fetches_at_once_each_task_is_given_once()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), [.. Enumerable.Range(1, 60).Select(n => $"Company {n}")]);
        var items = new System.Collections.Concurrent.ConcurrentBag<int>();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async worker =>
        {
            while (items.Count < 60)
            {
                var tasks = await host.TryFetchAsync(limit: 3, worker: $"test/{worker}");
                foreach (var task in tasks)
                {
                    items.Add(task.Item);
                }

                await host.CompleteAsync(tasks);
            }
        }));

        Assert.Equal(Enumerable.Range(1, 60), items.Order());
        await host.EndAsync();
    }

    [Fact]
    public async Task An_attempt_is_on_record_and_the_state_waits_for_a_worker_before_anybody_can_call()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");

        await host.FetchAsync();

        Assert.Equal((Status.InProgress, "worker"), await host.StateAsync(1) is var state ? (state.Status, state.Reason) : default);
        Assert.Contains(
            await host.Client.GetTimelineAsync(host.Batch.Id, 1),
            entry => entry is { Attempt: 1, What: "attempt started" });
        Assert.Empty(await host.TryFetchAsync());
    }

    [Fact]
    public async Task A_result_that_may_not_be_stored_fails_its_item_and_no_other()
    {
        string[] results =
        [
            """{"a":"\u0000"}""", """{"a":"\ud800"}""", """{"a":1,"a":2}""", """{"a":1e999}""",
            """{"a":""" + new string('[', 100) + new string(']', 100) + "}", """{"a":1}""",
        ];
        await using var host = await WorkersHost.StartAsync(
            WorkersHost.Step(),
            [.. results.Select((_, index) => $"Company {index}")]);
        var fetched = await host.FetchAllAsync(results.Length);
        var tasks = string.Join(',', fetched.Zip(results, (task, result) => $$"""{"task":"{{task.Task}}","result":{{result}}}"""));

        using var answer = await host.Http.PostAsync(
            "/workers/complete",
            new StringContent($$"""{"tasks":[{{tasks}}]}""", Encoding.UTF8, "application/json"));

        Assert.Equal("""{"refused":[]}""", await answer.Content.ReadAsStringAsync());
        await host.EndAsync();
        var states = await host.Client.ReadStatesAsync(host.Batch.Id).ToListAsync();
        Assert.All(
            states.SkipLast(1),
            state => Assert.Equal((Status.Failed, ErrorClass.InvalidOutput), (state.Status, state.ErrorClass!.Value)));
        Assert.Equal(Status.Completed, states[^1].Status);
    }

    [Fact]
    public async Task The_first_report_of_a_task_counts_however_often_it_is_reported()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var task = Assert.Single(await host.FetchAsync()).Task;

        await Task.WhenAll(
            Enumerable.Range(0, 8).Select(n => host.ReportAsync("complete", [new { task, result = new { answer = n } }])));

        await host.EndAsync();
        Assert.Single(await host.Client.ReadResultsAsync(host.Batch.Id).ToListAsync());
        Assert.Equal([task], await host.ReportAsync("fail", [new { task, reason = "late" }]));
        Assert.Equal(Status.Completed, (await host.StateAsync(1)).Status);
    }

    [Fact]
    public async Task Where_a_condition_does_not_hold_nothing_is_handed_out()
    {
        await using var host = await WorkersHost.StartAsync(
            [WorkersHost.Step()],
            p => p.Step("python.size", s => s.When(Condition.Contains("company.name", "inc"))),
            "Company Name\nGlobex Inc\nInitech\nUmbrella Inc\n");

        var tasks = await host.FetchAllAsync(2);

        Assert.Equal([1, 3], tasks.Select(task => task.Item));
        Assert.Equal(Status.Skipped, (await host.StateAsync(2)).Status);
        await host.CompleteAsync(tasks);
        await host.EndAsync();
    }

    [Fact]
    public async Task A_step_or_version_that_nobody_has_is_refused_with_the_nearest_name()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");

        Assert.Contains(
            "only 1.0.0",
            await RefusedAsync(host, new { step = "python.size", version = "1.0.1", worker = "w" }),
            StringComparison.Ordinal);
        Assert.Contains(
            "Did you mean 'python.size'?",
            await RefusedAsync(host, new { step = "python.sise", worker = "w" }),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await host.StatusAsync("/workers/fetch", new { step = "python.size", version = "1.0.0", worker = "w" }));

        // Nothing is kept of a name that a worker made up.
        var store = host.Services.GetRequiredService<IEnrichmentStore>();
        var demand = await store.ReadDemandAsync((host.Batch.Key, 1), "python.sise", "1.0.0", "acme", 10, TimeSpan.FromHours(1), default);
        Assert.Equal(0, demand.Wanted);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"limits":{"rate":1000,"burst":100000,"concurrency":10}}""")]
    public async Task Items_of_one_company_are_one_task_and_its_answer_serves_them_and_later_batches(string settings)
    {
        const string People = "Company Name,Company Domain\nAnn,acme.com\nBob,www.acme.com\nEve,\nAda,nobody.com\nJoe,https://nobody.com/\n";
        var step = WorkersHost.Step() with
        {
            Reads = ["company.domain"],
            Entity = new("company", ["company.domain"]),
            Settings = JsonElement.Parse(settings),
        };
        await using var host = await WorkersHost.StartAsync([step], p => p.Step("python.size"), People);

        List<string?> asked = [];
        await host.AdvanceUntilAsync(
            async () =>
            {
                var tasks = await host.TryFetchAsync(lockSeconds: 3600);
                Assert.All(tasks, task => Assert.NotEqual(host.Batch.Id, task.Batch));
                asked.AddRange(tasks.Select(Domain));
                await host.ReportAsync(
                    "complete",
                    tasks,
                    task => new
                    {
                        task.Task,
                        result = Domain(task)!.Contains("nobody", StringComparison.Ordinal)
                            ? null
                            : new Dictionary<string, object> { ["company.size"] = 7 },
                    });
                return asked.Count == 2;
            },
            TimeSpan.FromMilliseconds(10));

        await host.EndAsync();
        var again = new MemoryStream(Encoding.UTF8.GetBytes(People.Replace("Ann", "Zoe", StringComparison.Ordinal)));
        var later = await host.Client.LaunchAsync(
            (await host.Client.UploadAsync(again, "apollo_scrape")).Upload.Id,
            new() { Pipeline = "python" });
        await Wait.UntilAsync(async () => (await host.Client.GetBatchAsync(later.Id)).Status == BatchStatus.Completed);

        Assert.Empty(await host.TryFetchAsync());
        foreach (var batch in new[] { host.Batch.Id, later.Id })
        {
            Assert.Equal(
                [
                    Status.Completed, Status.Completed, Status.Skipped, Status.Completed, Status.Completed,
                ],
                (await host.Client.ReadStatesAsync(batch).ToListAsync()).Select(state => state.Status));
            Assert.Equal(
                [StepOutcomeKind.Completed, StepOutcomeKind.Completed, StepOutcomeKind.NotFound, StepOutcomeKind.NotFound],
                (await host.Client.ReadResultsAsync(batch).ToListAsync()).Select(result => result.Kind));
        }

        static string? Domain(FetchedTask task) => task.Record.GetProperty("company.domain").GetString();
    }

    [Theory]
    [InlineData("complete")]
    [InlineData("skip")]
    [InlineData("fail")]
    [InlineData("defer")]
    [InlineData("extend")]
    public async Task A_request_names_at_most_a_thousand_tasks(string path)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var task = (await host.FetchAsync())[0].Task;
        object named = path switch
        {
            "extend" => task,
            "complete" => new { task },
            _ => new { task, reason = "r" },
        };

        using var answer = await host.Http.PostAsJsonAsync($"/workers/{path}", new { tasks = Enumerable.Repeat(named, 1001) });

        Assert.Equal(
            (HttpStatusCode.BadRequest, "$.tasks: expected at most 1000 tasks, got 1001. Send the rest in further requests."),
            (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()));
        Assert.Empty(await host.Client.ReadDeliveriesAsync(host.Batch.Id).ToListAsync());
        Assert.Empty(await host.ReportAsync("complete", Enumerable.Repeat(new { task }, 1000)));
    }

    [Theory]
    [InlineData("fetch", """{"step":"python.sise","worker":"w"}""")]
    [InlineData("fetch", """{"step":"python.size"}""")]
    [InlineData("fetch", """{"step":"python.size","worker":""}""")]
    [InlineData("fetch", """{"step":"python.size","worker":"w","limit":0}""")]
    [InlineData("fetch", """{"step":"python.size","worker":"w","lockSeconds":0.5}""")]
    [InlineData("fetch", """{"step":"python.size","worker":"w","lockseconds ":60}""")]
    [InlineData("complete", """{"tasks":[{"task":"TASK","resultt":{}}]}""")]
    [InlineData("complete", """{"tasks":[null]}""")]
    [InlineData("fail", """{"tasks":[{"task":"TASK"}]}""")]
    [InlineData("fail", """{"tasks":[{"task":"TASK","reason":"r","class":"transient"}]}""")]
    [InlineData("extend", """{"tasks":["TASK"],"lockSeconds":7200}""")]
    [InlineData("extend", """{"tasks":["TASK",null]}""")]
    [InlineData("extend", "no JSON")]
    [InlineData("extend", "null")]
    public async Task An_unsound_request_is_refused_in_words_and_does_nothing(string path, string body)
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex");
        var task = body.Contains("TASK", StringComparison.Ordinal) ? (await host.FetchAsync())[0].Task : "";

        using var answer = await host.Http.PostAsync(
            $"/workers/{path}",
            new StringContent(body.Replace("TASK", task, StringComparison.Ordinal), Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty(JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!);
        Assert.Empty(await host.Client.ReadDeliveriesAsync(host.Batch.Id).ToListAsync());
    }

    private static string? Name(FetchedTask task) => task.Record.GetProperty("company.name").GetString();

    private static async Task<string> RefusedAsync(WorkersHost host, object fetch)
    {
        using var answer = await host.Http.PostAsJsonAsync("/workers/fetch", fetch);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!;
    }
}
