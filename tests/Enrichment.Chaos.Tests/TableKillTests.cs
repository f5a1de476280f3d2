using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>kill -9 of a host while it fills a typed table.</summary>
public sealed class TableKillTests
{
    private const int Items = 4000;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_host_that_is_killed_while_it_fills_a_table_leaves_it_to_the_next(string kind)
    {
        await using var store = await ChaosStore.CreateAsync(kind);
        var run = new TableRun(store, ChaosEngine.Quick);
        await run.MigrateAsync();
        for (var hits = 0; hits < 3 * Size.Factor;)
        {
            await using var worker = await WorkerProcess.StartWithTableAsync(store);

            // The first kill hits the making of the table; each later one a batch that comes into it, once what the kill before has left is
            // shown.
            await run.EndAsync(worker);
            hits += await KillAsync(store, run, worker) ? 1 : 0;
        }

        await using var last = await WorkerProcess.StartWithTableAsync(store);
        await run.EndAsync(last);
        Assert.Equal(0, await last.TerminateAsync());
        await run.AuditAsync();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_host_that_is_killed_while_it_builds_a_change_leaves_it_to_the_next(string kind)
    {
        await using var store = await ChaosStore.CreateAsync(kind);
        var run = new TableRun(store, ChaosEngine.Quick);
        await run.MigrateAsync();
        await using (var first = await WorkerProcess.StartWithTableAsync(store))
        {
            for (var batch = 0; batch < Size.ChangedBatches; batch++)
            {
                await run.LaunchAsync(Items);
            }

            await run.EndAsync(first);
            Assert.Equal(0, await first.TerminateAsync());
        }

        for (var hits = 0; hits < Size.ChangedBatches && (hits == 0 || await run.IsBuildingAsync());)
        {
            await using var worker = await WorkerProcess.StartWithChangeAsync(store);
            hits += await KillBuildingAsync(store, run, worker) ? 1 : 0;
            Assert.True(hits > 0 || await run.IsBuildingAsync(), "The change was built before the first kill.");
        }

        await using var last = await WorkerProcess.StartWithChangeAsync(store);
        await Wait.UntilAsync(async () => !await run.IsBuildingAsync() && await run.CountVersionsAsync() == 2, "the change is live", () => last.Log);
        await run.EndAsync(last);
        Assert.Equal(0, await last.TerminateAsync());
        run.Table = ChaosEngine.Changed;
        await run.AuditAsync();
    }

    /// <summary>Kills the worker in the middle of a transaction that builds a change.</summary>
    /// <returns>Whether it was still to be built afterwards.</returns>
    private static async Task<bool> KillBuildingAsync(ChaosStore store, TableRun run, WorkerProcess worker)
    {
        await Wait.UntilAsync(
            async () =>
            {
                if (!await run.IsBuildingAsync())
                {
                    return await run.CountVersionsAsync() == 2;
                }

                worker.Send(Signals.Stop);
                if (await run.IsBuildingAsync() && await store.IsBeingFilledAsync())
                {
                    await worker.KillAsync();
                    return true;
                }

                worker.Send(Signals.Continue);
                return false;
            },
            "a worker was in the middle of building the change",
            () => worker.Log);
        return await run.IsBuildingAsync();
    }

    /// <summary>Kills the worker in the middle of a transaction that fills the table, which a fresh batch makes it do.</summary>
    /// <returns>Whether the table was still to be filled afterwards. A kill that came too late does not count.</returns>
    private static async Task<bool> KillAsync(ChaosStore store, TableRun run, WorkerProcess worker)
    {
        await Wait.UntilAsync(
            async () =>
            {
                // Launched anew whenever the worker was faster than the look.
                if (!await run.IsUnfinishedAsync())
                {
                    await run.LaunchAsync(Items);
                }

                if (!await run.IsTableBehindAsync())
                {
                    return false;
                }

                // Stopped first, so that it is killed where it was seen, however long the look takes.
                worker.Send(Signals.Stop);
                if (await run.IsTableBehindAsync() && await store.IsBeingFilledAsync())
                {
                    await worker.KillAsync();
                    return true;
                }

                worker.Send(Signals.Continue);
                return false;
            },
            "a worker was in the middle of filling the table",
            () => worker.Log);
        return await run.IsTableBehindAsync();
    }
}
