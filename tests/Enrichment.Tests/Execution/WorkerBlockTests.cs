using System.Text.Json;
using Enrichment.External;
using Microsoft.Extensions.Time.Testing;

namespace Enrichment.Tests.Execution;

public class WorkerBlockTests
{
    private readonly FakeTimeProvider clock = new();

    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(40, 0.06)]
    [InlineData(100, 0)]
    [InlineData(3000, 0)]
    public void Time_before_the_answer_is_taken_off_and_a_longer_one_moves_all_calls_alike(int milliseconds, double first)
    {
        var block = new WorkerBlock(
            new(1, 3, TimeSpan.FromMilliseconds(100), TimeSpan.Zero),
            new() { Rate = 50, Burst = 10 },
            clock.GetTimestamp(),
            clock);
        clock.Advance(TimeSpan.FromMilliseconds(milliseconds));

        var items = block.Hand([
            .. Enumerable.Range(1, 3).Select(item => new ExternalTaskItem(item, 1, "key", new Dictionary<string, JsonElement>())),
        ]);

        // Each may be late by half of the burst's time, 100 ms; half of that is the worker's.
        Assert.Equal(
            [first, first + 0.02, first + 0.04],
            items.Select(item => item.CallAfterSeconds!.Value),
            (one, other) => Math.Abs(one - other) < 1e-9);
        Assert.All(items, item => Assert.Equal(0.05, item.CallBySeconds!.Value - item.CallAfterSeconds!.Value, 9));
    }
}
