using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class FairSchedulerTests
{
    [Fact]
    public async Task A_batch_of_ten_ends_while_another_client_holds_all_claims_that_one_may_have()
    {
        using var release = new ManualResetEventSlim();
        using var held = new CountdownEvent(2);
        await using var engine = await StartAsync(new() { MaxConcurrentClaims = 2, ClaimSize = 1, MaxConcurrentCalls = 3 }, context =>
        {
            if (context.Is("slow"))
            {
                held.Signal();
                release.Wait();
            }

            return context.Named();
        });
        await engine.WhileWorkingAsync(
            async () =>
            {
                await LaunchAsync(engine, "acme", Enumerable.Repeat("slow", 2).Concat(Enumerable.Repeat("more", 2_000)));
                Assert.True(held.Wait(Wait.Patience));

                var (client, small) = await LaunchAsync(engine, "globex", Enumerable.Repeat("quick", 10));
                Assert.Equal(BatchStatus.Completed, (await client.EndOfAsync(small)).Status);
            },
            release.Set);

        Assert.Empty(await engine.ExamineAsync());
    }

    [Fact]
    public async Task A_priority_is_given_at_launch_and_changed_later()
    {
        await using var engine = await StartAsync(new(), context => context.Named());
        var (client, batch) = await LaunchAsync(engine, "acme", ["a"], new() { Priority = 30 });
        Assert.Equal(30, batch.Priority);

        await client.SetPriorityAsync(batch.Id, 100);

        Assert.Equal(100, (await client.GetBatchAsync(batch.Id)).Priority);
        Assert.Contains(
            "from 1 to 100",
            (await Assert.ThrowsAsync<EnrichmentException>(() => client.SetPriorityAsync(batch.Id, 0))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "from 1 to 100",
            (await Assert.ThrowsAsync<EnrichmentException>(() => LaunchAsync(engine, "acme", ["b"], new() { Priority = 101 }))).Message,
            StringComparison.Ordinal);
        await engine.RunUntilDrainedAsync();
        Assert.Contains(
            "has ended",
            (await Assert.ThrowsAsync<EnrichmentException>(() => client.SetPriorityAsync(batch.Id, 5))).Message,
            StringComparison.Ordinal);
    }

    private static Task<EnrichmentEngine> StartAsync(WorkerOptions options, Func<StepContext, StepOutcome> behaviour) =>
        TestEngine.StartAsync(e =>
            e.UseSqlite(":memory:")
                .AddStep<ScriptedStep>()
                .AddStep<DomainStep>()
                .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(behaviour))).Step("test.domain"))
                .ConfigureWorker(options));

    private static async Task<(EnrichmentClient Client, Batch Batch)> LaunchAsync(
        EnrichmentEngine engine,
        string slug,
        IEnumerable<string> companies,
        LaunchOptions? options = null)
    {
        var client = engine.Client(slug);
        return (client, await client.LaunchAsync(TestEngine.Companies(companies), "scripted", options));
    }
}
