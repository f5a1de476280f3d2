using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests.Workers;

/// <summary>What a vendor allows, kept with workers that know nothing but HTTP.</summary>
public sealed class WorkerApiLimitTests
{
    [Fact]
    public async Task A_limited_claim_says_when_its_calls_may_leave_and_an_empty_one_when_to_ask_again()
    {
        await using var host = await WorkersHost.StartAsync(
            WorkersHost.Step() with
            {
                Settings = JsonElement.Parse("""{"limits":{"rate":2,"burst":2},"region":"eu"}"""),
            },
            "Globex",
            "Initech",
            "Umbrella",
            "Hooli");

        var handed = await host.ClaimAsync(limit: 2);

        // From the store's moment on, by its clock that stands still, less what its answer took by one that goes.
        Assert.Equal("""{"region":"eu"}""", handed.Settings?.GetRawText());
        Assert.Equal(2, handed.Items.Count);
        Assert.Equal((0D, 0.25), (handed.Items[0].CallAfterSeconds, handed.Items[0].CallBySeconds));
        Assert.Equal((0.5, 0.75), (handed.Items[1].CallAfterSeconds, handed.Items[1].CallBySeconds));
        using var nothing = await host.Http.PostAsJsonAsync("/workers/claim", new { step = "python.size", worker = "test/2" });
        Assert.Equal((HttpStatusCode.NoContent, TimeSpan.FromSeconds(1)), (nothing.StatusCode, nothing.Headers.RetryAfter?.Delta));
        Assert.Equal("rate_limit", (await host.StateAsync(3)).Reason);

        Assert.Equal([1, 2], await host.CompleteAsync(handed));
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.CompleteAsync(await host.ClaimAsync());
        await host.EndAsync();
    }

    [Fact]
    public async Task A_pause_that_a_vendor_asks_of_a_worker_holds_back_the_calls_of_hosts_too()
    {
        await using var host = await WorkersHost.StartAsync(
            [],
            p => p.Step("test.held"),
            "Company Name\nGlobex\nInitech\n",
            e =>
                e.AddStep<HeldStep>()
                    .ConfigureWorker(
                        new()
                        {
                            MaxConcurrentClaims = 1,
                            MaxConcurrentCalls = 1,
                            PollInterval = TimeSpan.FromMilliseconds(10),
                        }));
        await HeldStep.Called.Task.WaitAsync(Wait.Patience, TimeProvider.System);

        // The host has one of two; the worker the other.
        var handed = await host.ClaimAsync(step: "test.held");
        Assert.Single(handed.Items);
        Assert.Equal(HttpStatusCode.NoContent, await host.StatusAsync("/workers/claim", new { step = "test.held", worker = "w" }));
        Assert.Single(
            await host.SayAsync(
                "defer",
                handed,
                item => new
                {
                    item.Item,
                    item.Attempt,
                    reason = "429",
                    countsTry = false,
                    afterSeconds = 60,
                }));
        HeldStep.Answer.SetResult();

        var limited = await host.StateAsync(handed.Items[0].Item);
        Assert.Equal((Status.Pending, 0, "rate_limit"), (limited.Status, limited.Tries, limited.Reason));
        var limit = Assert.Single(await host.Engine.Store.ReadLimitsAsync(host.Batch.Key, default));
        Assert.Equal(("acme/test.held", "rate_limit"), (limit.Name, limit.Reason));
        Assert.InRange(limit.Until!.Value - host.Clock.GetUtcNow(), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(62));
    }

    [Fact]
    public async Task A_worker_says_that_an_account_is_used_up_and_nothing_is_handed_out_for_it()
    {
        await using var host = await WorkersHost.StartAsync(WorkersHost.Step(), "Globex", "Initech");
        var handed = await host.ClaimAsync(limit: 1);

        Assert.Single(await host.SayAsync("defer", handed, item => new { item.Item, item.Attempt, reason = "402", outOfCredits = true }));

        Assert.Equal(HttpStatusCode.NoContent, await host.StatusAsync("/workers/claim", new { step = "python.size", worker = "w" }));
        Assert.Equal(("vendor_credits", 0), await host.StateAsync(2) is var state ? (state.Reason, (int)state.Tries) : default);
        await host.Engine.Client("acme").ResumeAccountAsync("acme/python.size");
        Assert.Equal(2, (await host.ClaimAsync()).Items.Count);
    }
}
