using System.Collections.Concurrent;
using System.Text;
using Enrichment.TestKit;

namespace Enrichment.AspNetCore.Tests;

/// <summary>What a vendor is told, and whom its answer is taken to be for.</summary>
public sealed class AcknowledgementTests
{
    [Fact]
    public async Task No_delivery_is_acknowledged_before_it_is_stored()
    {
        var calls = new ConcurrentQueue<StepContext>();
        var broken = true;
        await using var receiver = await Receiver.StartAsync<VendorStep>(
            VendorStep.Script(calls.Enqueue), ["Globex"], describe: e => WatchedStore.PutBefore(e, real => new(real)
            {
                Receives = _ =>
                {
                    if (Volatile.Read(ref broken))
                    {
                        throw new IOException("The store is out of reach.");
                    }
                },
            }));
        await WithCallsOutAsync(receiver, calls, 1, async () =>
        {
            var call = Assert.Single(calls);
            Assert.Equal(503, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(call), Signed.Answer("one"), id: "msg_1")));
            Assert.Empty(await receiver.InboxOfAllAsync());

            Volatile.Write(ref broken, false);
            Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(call), Signed.Answer("one"), id: "msg_1")));
            Assert.Equal(1, Assert.Single(await receiver.InboxOfAllAsync()).Times);
        });
    }

    [Fact]
    public async Task The_address_alone_says_whose_answer_a_delivery_is()
    {
        var calls = new ConcurrentQueue<StepContext>();
        await using var receiver = await Receiver.StartAsync<VendorStep>(VendorStep.Script(calls.Enqueue), ["Globex", "Initech"]);
        var batch = await WithCallsOutAsync(receiver, calls, 2, async () =>
        {
            foreach (var call in calls)
            {
                var other = calls.Single(another => another.Item != call.Item);
                var body = $$"""{"token":"{{other.CallbackToken}}","item":{{other.Item}},"answer":"{{call.Name()}}"}""";
                Assert.Equal(202, await receiver.DeliverAsync(Signed.Request(receiver.AddressOf(call), body)));
            }
        });

        var results = await receiver.Engine.Store.ReadResultsAsync(batch.Key, default).ToListAsync();
        Assert.Equal(
            ["1 {\"company.answer\":\"Globex\"}", "2 {\"company.answer\":\"Initech\"}"],
            results.Select(result => $"{result.Item} {Encoding.UTF8.GetString(result.Data.Span)}").Order());
    }

    /// <summary>Runs a batch, does something when its calls are out, and waits for its end.</summary>
    private static async Task<Batch> WithCallsOutAsync(Receiver receiver, ConcurrentQueue<StepContext> calls, int count, Func<Task> then)
    {
        var batch = await receiver.WorkAsync(async () =>
        {
            await Wait.UntilAsync(() => calls.Count >= count);
            await then();
        });
        await receiver.Engine.RunUntilDrainedAsync();
        Assert.All(await receiver.StatesAsync(batch), state => Assert.Equal(Status.Completed, state.Status));
        return batch;
    }
}
