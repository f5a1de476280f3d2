using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>
/// Items that kill whatever process works on them, under a supervisor that starts the next one. A class a store, so that both run at once.
/// </summary>
public abstract class PoisonTests(string kind)
{
    private const int Items = 400;

    // The slow ones stand beside the killers, so that halving ends with each of them alone beside the one that strikes.
    private static readonly Dictionary<int, string> Names = new()
    {
        [76] = KillerStep.Slow, [77] = KillerStep.Kill, [78] = KillerStep.Slow, [310] = KillerStep.FailFast,
    };

    [Fact]
    public async Task An_item_that_kills_its_host_fails_as_poison_and_all_others_finish()
    {
        await using var store = await ChaosStore.CreateAsync(kind);
        var journey = await Journey.LaunchAsync(store, Items, ChaosEngine.Deadly, Names);
        var deaths = 0;
        for (var ended = false; !ended;)
        {
            await using var worker = await WorkerProcess.StartAsync(store, claimSize: 32);
            await Wait.UntilAsync(
                async () => worker.HasExited || await journey.HasEndedAsync(),
                "the worker has died, or the batch has ended",
                () => worker.Log);
            ended = !worker.HasExited;
            deaths += ended ? 0 : 1;
            Assert.InRange(deaths, 0, 60);
            Assert.True(!ended || await worker.TerminateAsync() == 0);
        }

        Assert.InRange(deaths, 6, 60); // Each of the two was lost three times alone, and a few times in company before.
        Assert.Equal(
            [
                "77 Poison: The host was lost 3 times while it worked on this item alone: the item kills it.",
                "310 Poison: The host was lost 3 times while it worked on this item alone: the item kills it.",
            ],
            await journey.FailedAsync());
        Assert.Equal(Items, await journey.DoneAsync());
        Assert.Empty(await journey.ExamineAsync());
    }
}
