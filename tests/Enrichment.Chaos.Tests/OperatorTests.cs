using Enrichment.Chaos.Worker;

namespace Enrichment.Chaos.Tests;

/// <summary>Operators, each a process of its own, who pause, resume, cancel and retry batches against workers that commit.</summary>
public sealed class OperatorTests
{
    private const int Batches = 3;
    private const int Items = 600;

    // Each that took effect.
    private static readonly int Acts = 60 * Size.Factor;

    [Theory]
    [InlineData("sqlite", 1)]
    [InlineData("postgres", 2)]
    public async Task Batches_that_operators_fight_over_end_with_every_paid_call_made_once(string kind, int workers)
    {
        await using var store = await ChaosStore.CreateAsync(kind);
        var run = new TableRun(store, ChaosEngine.Paid);
        await run.MigrateAsync();
        for (var batch = 0; batch < Batches; batch++)
        {
            await run.LaunchAsync(Items);
        }

        var working = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => WorkerProcess.StartWithTableAsync(store)));
        var operators = await Task.WhenAll(Enumerable.Range(1, 2).Select(seed => WorkerProcess.StartOperatorAsync(store, seed, Acts)));
        try
        {
            foreach (var each in operators)
            {
                Assert.True(await each.ExitAsync() == 0, each.Log);
            }

            await run.ResumeAsync();
            await run.EndAsync(working);
            foreach (var worker in working)
            {
                Assert.Equal(0, await worker.TerminateAsync());
            }
        }
        finally
        {
            foreach (var process in working.Concat(operators))
            {
                await process.DisposeAsync();
            }
        }

        await run.AuditAsync();
        await AuditCallsAsync(store);
    }

    /// <summary>No attempt and no key was used for two calls, and every call has its attempt.</summary>
    private static async Task AuditCallsAsync(ChaosStore store)
    {
        var calls = Ledger.Read(store.Folder);
        var attempts = (await store.QueryAsync("select b.id, a.item, a.attempt from attempts a join batches b on b.batch = a.batch"))
            .Select(row => $"{Guid.Parse($"{row[0]}")} {row[1]} {row[2]}").ToHashSet();
        Assert.NotEmpty(calls);
        Assert.Equal(calls.Count, calls.Select(call => call.Key).Distinct().Count());
        Assert.Equal(calls.Count, calls.Select(call => (call.Batch, call.Item, call.Attempt)).Distinct().Count());
        Assert.All(calls, call => Assert.Contains($"{call.Batch} {call.Item} {call.Attempt}", attempts));
    }
}
