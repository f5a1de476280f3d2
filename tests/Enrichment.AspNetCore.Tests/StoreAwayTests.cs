using System.Collections.Concurrent;
using System.Net;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests;

/// <summary>A receiver whose PostgreSQL goes away and comes back.</summary>
public sealed class StoreAwayTests
{
    [Fact]
    public async Task A_delivery_is_stored_once_after_the_database_was_away_and_the_vendor_came_again()
    {
        await using var cluster = await PostgresCluster.StartAsync();
        var call = new TaskCompletionSource<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(call.SetResult),
            ["Globex"],
            describe: e => e.UsePostgreSql(cluster.ConnectionString));
        var batch = await receiver.WorkAsync(async () => await call.Task);
        var address = receiver.AddressOf(await call.Task);

        await cluster.StopImmediatelyAsync();
        for (var i = 0; i < 3; i++)
        {
            using var away = await DeliverAsync();
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(5)), (away.StatusCode, away.Headers.RetryAfter?.Delta));
        }

        await cluster.StartAgainAsync();
        using var back = await DeliverAsync();
        Assert.Equal(HttpStatusCode.Accepted, back.StatusCode);
        var stored = Assert.Single(await receiver.InboxAsync(batch));
        Assert.Equal(("msg_1", DeliveryState.Received, 1), (stored.Message, stored.State, stored.Times));

        await receiver.Engine.RunUntilDrainedAsync();
        Assert.Equal(Status.Completed, Assert.Single(await receiver.StatesAsync(batch)).Status);
        Assert.Empty(await receiver.Engine.ExamineAsync());

        async Task<HttpResponseMessage> DeliverAsync()
        {
            using var request = Signed.Request(address, Signed.Answer("one"), id: "msg_1");
            return await receiver.Http.SendAsync(request);
        }
    }

    [Fact]
    public async Task Deliveries_are_held_as_long_as_a_lease()
    {
        var holds = new ConcurrentBag<TimeSpan>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(VendorStep.Script(_ => { }), ["Globex"], describe: e =>
        {
            e.ConfigureWorker(new WorkerOptions { Lease = TimeSpan.FromSeconds(77) });
            WatchedStore.PutBefore(e, real => new(real) { Holds = holds.Add });
        });
        await receiver.WorkAsync(() => Wait.UntilAsync(() => !holds.IsEmpty));

        Assert.All(holds, hold => Assert.Equal(TimeSpan.FromSeconds(77), hold));
    }
}
