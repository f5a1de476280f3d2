using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.TestKit;

namespace Enrichment.Chaos.Tests;

/// <summary>Work from its launch to the audit of everything that it left in the store and at the vendor.</summary>
public sealed class Journey
{
    private readonly Supply supply;

    private Journey(ChaosStore store, string pipeline, IReadOnlyDictionary<int, string>? names)
    {
        Store = store;
        supply = new(pipeline, (batch, items) => File(batch, items, names), Size.FreshItems);
    }

    public ChaosStore Store { get; }

    /// <summary>The items of the first batch, by which the faults are spread.</summary>
    public int First => supply.First;

    /// <summary>The items of all batches.</summary>
    public int Items => supply.Items;

    /// <summary>Stages as many companies and launches them; nothing works on them yet.</summary>
    /// <param name="store">An empty store.</param>
    /// <param name="items">How many.</param>
    /// <param name="pipeline">One of <see cref="ChaosEngine"/>.</param>
    /// <param name="names">Names of single companies, by item.</param>
    public static async Task<Journey> LaunchAsync(
        ChaosStore store,
        int items,
        string pipeline,
        IReadOnlyDictionary<int, string>? names = null)
    {
        var journey = new Journey(store, pipeline, names);
        await journey.WithEngineAsync(async engine =>
        {
            await engine.MigrateAsync();
            await journey.supply.LaunchAsync(engine, items);
        });
        return journey;
    }

    /// <summary>How many states have ended, over all stages.</summary>
    public Task<long> DoneAsync() => Store.NumberAsync("select coalesce(sum(completed + failed + skipped), 0) from ranges");

    /// <summary>
    /// Waits until one of some processes is in the middle of an interval and at least so many states have ended. Launches fresh work before
    /// the old runs out.
    /// </summary>
    /// <returns>The process, the first of those that are asked for.</returns>
    public Task<WorkerProcess> MidRunAsync(long done, params WorkerProcess[] workers) => Wait.UntilFoundAsync(
        async () =>
        {
            Assert.All(workers, worker => Assert.False(worker.HasExited, $"The worker has ended:\n{worker.Log}"));
            if (await supply.RunsLowAsync(Store))
            {
                await WithEngineAsync(engine => supply.LaunchAsync(engine));
            }

            return await DoneAsync() >= done ? await FirstMidRunAsync(workers) : null;
        },
        $"a process holds an interval with rows both done and open, and {done} states have ended",
        () => Log(workers));

    /// <summary>Whether a process holds an interval with rows both done and open.</summary>
    /// <param name="worker">The process.</param>
    /// <param name="live">Only if its lease's time is not over.</param>
    public async Task<bool> IsMidRunAsync(WorkerProcess worker, bool live = true) =>
        (await HeldInterval.ReadAsync(Store, worker.Id, live)).Any(interval => interval.IsMidRun);

    /// <summary>Holds all batches, or lets them go on.</summary>
    public Task HoldAsync(bool held) => WithEngineAsync(engine => Supply.HoldAsync(Store, engine, held));

    /// <summary>Waits until all batches have ended.</summary>
    public Task EndAsync(params WorkerProcess[] workers) => Wait.UntilAsync(HasEndedAsync, "the batches have ended", () => Log(workers));

    /// <summary>Whether all batches have ended.</summary>
    public async Task<bool> HasEndedAsync() => await Store.NumberAsync("select count(*) from batches where status not in (3, 4, 5)") == 0;

    /// <summary>
    /// Everything that must be so after any run of <see cref="ChaosEngine.Work"/>: complete, sound, nothing missing, nothing doubled, every
    /// call accounted for.
    /// </summary>
    public async Task AuditAsync()
    {
        Assert.Equal(supply.Batches, await Store.NumberAsync($"select count(*) from batches where status = {(int)BatchStatus.Completed}"));
        Assert.Empty(await ExamineAsync());
        Assert.Equal(
            [Items, Items],
            (await Store.QueryAsync("select count(*) from workflow_states where status = 3 group by stage order by stage")).Select(row =>
                Convert.ToInt32(row[0], CultureInfo.InvariantCulture)));
        Assert.Equal(
            [Items, Items],
            (await Store.QueryAsync("select count(*) from enrichment_results group by stage order by stage")).Select(row =>
                Convert.ToInt32(row[0], CultureInfo.InvariantCulture)));
        Assert.Empty(
            await Store.QueryAsync("select batch, stage, item from enrichment_results group by batch, stage, item having count(*) > 1"));
        Assert.Equal(0, await Store.NumberAsync("select count(*) from leases"));
        Assert.Equal(0, await Store.NumberAsync("select count(*) from attempts where outcome is null"));
        await AuditCallsAsync();
    }

    /// <summary>The items that failed, each with its error class.</summary>
    public async Task<IReadOnlyList<string>> FailedAsync() =>
        [.. (await Store.QueryAsync("select item, error_class, error from workflow_states where status = 4 order by item"))
            .Select(row => $"{row[0]} {(ErrorClass)Convert.ToInt32(row[1], CultureInfo.InvariantCulture)}: {row[2]}")];

    /// <summary>What the doctor finds, asked through an engine that saw nothing of the run.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync()
    {
        IReadOnlyList<Finding> findings = [];
        await WithEngineAsync(async engine => findings = await engine.ExamineAsync());
        return findings;
    }

    private async Task AuditCallsAsync()
    {
        var calls = Ledger.Read(Store.Folder);
        var attempts = (
            await Store.QueryAsync("select b.id, a.item, a.attempt from attempts a join batches b on b.batch = a.batch where a.stage = 2"))
            .Select(row =>
                (
                    Guid.Parse($"{row[0]}"),
                    Convert.ToInt32(row[1], CultureInfo.InvariantCulture),
                    Convert.ToInt32(row[2], CultureInfo.InvariantCulture)))
            .ToHashSet();
        Assert.DoesNotContain(calls, call => !attempts.Contains((call.Batch, call.Item, call.Attempt)));
        Assert.Equal(calls.Count, calls.Select(call => (call.Batch, call.Item, call.Attempt)).Distinct().Count());
        Assert.Equal(Items, calls.Select(call => (call.Batch, call.Item)).Distinct().Count());
        Assert.Equal(Items, calls.Select(call => call.Key).Distinct().Count());
        Assert.Equal(Items, calls.Select(call => (call.Batch, call.Item, call.Key)).Distinct().Count());
    }

    private async Task<WorkerProcess?> FirstMidRunAsync(IEnumerable<WorkerProcess> workers)
    {
        foreach (var worker in workers)
        {
            if (await IsMidRunAsync(worker))
            {
                return worker;
            }
        }

        return null;
    }

    private async Task WithEngineAsync(Func<EnrichmentEngine, Task> act)
    {
        using var ledger = Ledger.Open(Store.Folder);
        await using var engine = ChaosEngine.Create(Store.Place, ledger, claimSize: 500);
        await act(engine);
    }

    private static string File(int batch, int items, IReadOnlyDictionary<int, string>? names)
    {
        var csv = new StringBuilder("Company Name,Website\n");
        for (var item = 1; item <= items; item++)
        {
            csv.Append(
                CultureInfo.InvariantCulture,
                $"{names?.GetValueOrDefault(item) ?? $"Company {batch}-{item}"},https://company-{batch}-{item}.example.com\n"
            );
        }

        return csv.ToString();
    }

    private static string Log(IEnumerable<WorkerProcess> workers) => string.Join("\n\n", workers.Select(worker => worker.Log));
}
