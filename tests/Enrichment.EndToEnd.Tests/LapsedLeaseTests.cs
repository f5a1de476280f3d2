using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class LapsedLeaseTests
{
    [Fact]
    public async Task A_lapsed_lease_that_was_not_taken_over_costs_neither_the_answer_nor_the_item()
    {
        var clock = new FakeClock();
        var calls = 0;
        await using var engine = await TestEngine.StartAsync(e => e
            .UseSqlite(":memory:", new() { Clock = clock })
            .AddStep<ScriptedStep>()
            .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                calls++;
                clock.Advance(TimeSpan.FromMinutes(1)); // The store's clock: the lease of 30 seconds is over before its first renewal.
                return context.Named();
            }))))
            .ConfigureWorker(new() { SweepInterval = TimeSpan.FromMinutes(10) }));
        var batch = await engine.Client("acme").LaunchAsync("Company Name\nAcme\n", "scripted");

        await engine.RunUntilDrainedAsync().WaitAsync(Wait.Patience);

        Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
        Assert.Equal(1, calls);
        Assert.Empty(await engine.ExamineAsync());
    }
}
