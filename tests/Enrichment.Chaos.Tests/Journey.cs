using System.Globalization;
using System.Text;
using Enrichment.Chaos.Worker;
using Enrichment.Storage;

namespace Enrichment.Chaos.Tests;

/// <summary>One batch from its launch to the audit of everything that it left in the store and at the vendor.</summary>
public sealed class Journey
{
    private Journey(ChaosStore store, int items, Batch batch)
    {
        Store = store;
        Items = items;
        Batch = batch;
    }

    public ChaosStore Store { get; }

    public int Items { get; }

    public Batch Batch { get; }

    /// <summary>Stages as many companies and launches them; nothing works on them yet.</summary>
    /// <param name="store">An empty store.</param>
    /// <param name="items">How many.</param>
    /// <param name="pipeline">One of <see cref="ChaosEngine"/>.</param>
    /// <param name="names">Names of single companies, by item.</param>
    public static async Task<Journey> LaunchAsync(ChaosStore store, int items, string pipeline, IReadOnlyDictionary<int, string>? names = null)
    {
        using var ledger = Ledger.Open(store.Folder);
        await using var engine = ChaosEngine.Create(store.Place, ledger, claimSize: 500);
        await engine.MigrateAsync();
        var csv = new StringBuilder("Company Name,Website\n");
        for (var item = 1; item <= items; item++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{names?.GetValueOrDefault(item) ?? $"Company {item}"},https://company-{item}.example.com\n");
        }

        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "apollo_scrape");
        return new(store, items, await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = pipeline }));
    }

    /// <summary>How many states have ended, over all stages.</summary>
    public Task<long> DoneAsync() => Store.NumberAsync("select coalesce(sum(completed + failed + skipped), 0) from ranges");

    /// <summary>Waits until a process is in the middle of an interval and at least so many states have ended.</summary>
    public Task<HeldInterval> MidRunAsync(WorkerProcess worker, long done) => Until.FoundAsync(
        $"process {worker.Id} holds an interval with rows both done and open, and {done} states have ended",
        async () =>
        {
            Assert.False(worker.HasExited, $"The worker has ended:\n{worker.Log}");
            Assert.False(await EndedAsync(), $"The batch ended before every fault had been put in: the run shows too little. {await DoneAsync()} states have ended.");
            return await DoneAsync() >= done ? (await HeldInterval.ReadAsync(Store, worker.Id)).FirstOrDefault(interval => interval.IsMidRun) : null;
        },
        () => worker.Log);

    /// <summary>Does something to the batch as an operator would, through an engine of its own.</summary>
    public async Task OperateAsync(Func<EnrichmentClient, Guid, Task> operation)
    {
        using var ledger = Ledger.Open(Store.Folder);
        await using var engine = ChaosEngine.Create(Store.Place, ledger, claimSize: 500);
        await operation(engine.Client("acme"), Batch.Id);
    }

    /// <summary>Waits until the batch has ended.</summary>
    public Task EndAsync(params WorkerProcess[] workers) => Until.TrueAsync("the batch has ended", EndedAsync, () => string.Join("\n\n", workers.Select(worker => worker.Log)));

    /// <summary>Everything that must be so after any run of <see cref="ChaosEngine.Work"/>: complete, sound, nothing missing, nothing doubled, every call accounted for.</summary>
    public async Task AuditAsync()
    {
        Assert.Equal((long)BatchStatus.Completed, await Store.NumberAsync("select status from batches"));
        Assert.Empty(await ExamineAsync());
        Assert.Equal([Items, Items], (await Store.QueryAsync("select count(*) from workflow_states where status = 3 group by stage order by stage")).Select(row => Convert.ToInt32(row[0], CultureInfo.InvariantCulture)));
        Assert.Equal([Items, Items], (await Store.QueryAsync("select count(*) from enrichment_results group by stage order by stage")).Select(row => Convert.ToInt32(row[0], CultureInfo.InvariantCulture)));
        Assert.Empty(await Store.QueryAsync("select batch, stage, item from enrichment_results group by batch, stage, item having count(*) > 1"));
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
        using var ledger = Ledger.Open(Store.Folder);
        await using var engine = ChaosEngine.Create(Store.Place, ledger, claimSize: 500);
        return await engine.ExamineAsync();
    }

    private async Task AuditCallsAsync()
    {
        var calls = Ledger.Read(Store.Folder);
        var attempts = (await Store.QueryAsync("select item, attempt from attempts where stage = 2"))
            .Select(row => (Convert.ToInt32(row[0], CultureInfo.InvariantCulture), Convert.ToInt32(row[1], CultureInfo.InvariantCulture)))
            .ToHashSet();
        Assert.DoesNotContain(calls, call => !attempts.Contains((call.Item, call.Attempt)));
        Assert.Equal(calls.Count, calls.Select(call => (call.Item, call.Attempt)).Distinct().Count());
        Assert.Equal(Items, calls.Select(call => call.Item).Distinct().Count());
        Assert.Equal(Items, calls.Select(call => call.Key).Distinct().Count());
        Assert.Equal(Items, calls.Select(call => (call.Item, call.Key)).Distinct().Count());
    }

    private async Task<bool> EndedAsync() => await Store.NumberAsync("select count(*) from batches where status in (3, 4, 5)") > 0;
}
