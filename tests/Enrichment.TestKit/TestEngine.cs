using System.Text;

namespace Enrichment.TestKit;

/// <summary>What tests do with an engine, whatever its store and host: start it, stage a file, launch it, run it.</summary>
public static class TestEngine
{
    /// <summary>A worker that waits for nothing.</summary>
    public static WorkerOptions Quick { get; } = new()
    {
        CommitDelay = TimeSpan.Zero, PollInterval = TimeSpan.FromMilliseconds(10), SweepInterval = TimeSpan.FromMilliseconds(50),
    };

    /// <summary>An engine whose store is migrated.</summary>
    public static async Task<EnrichmentEngine> StartAsync(Action<EnrichmentBuilder> describe)
    {
        var engine = EnrichmentEngine.Create(describe);
        await engine.MigrateAsync();
        return engine;
    }

    /// <summary>A file of companies, each name with its website.</summary>
    public static string Companies(IEnumerable<string> names) =>
        "Company Name,Website\n" + string.Concat(names.Select(name => $"{name},https://{name.Replace(' ', '-')}.example.com\n"));

    /// <summary>A file of so many companies.</summary>
    public static string Companies(int rows) => Companies(Enumerable.Range(1, rows).Select(row => $"Company {row}"));

    /// <summary>Uploads a file of the workstream <c>apollo_scrape</c>, also if it is there.</summary>
    public static async Task<Upload> StageAsync(this EnrichmentClient client, string csv) =>
        (await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "apollo_scrape", again: true)).Upload;

    /// <summary>Uploads a file and launches all of its rows.</summary>
    public static async Task<Batch> LaunchAsync(this EnrichmentClient client, string csv, string pipeline, LaunchOptions? options = null) =>
        await client.LaunchAsync((await client.StageAsync(csv)).Id, (options ?? new()) with { Pipeline = pipeline });

    /// <summary>
    /// Uploads a file, launches all of its rows, runs until nothing is left to do, and asks the doctor. Returns the batch as it ended.
    /// </summary>
    public static async Task<Batch> RunAsync(
        this EnrichmentEngine engine,
        string csv,
        string pipeline,
        LaunchOptions? options = null,
        string client = "acme",
        Action<TimeSpan>? advance = null)
    {
        var batch = await engine.Client(client).LaunchAsync(csv, pipeline, options);
        await engine.RunUntilDrainedAsync(advance ?? (_ => { }));
        if (await engine.ExamineAsync() is { Count: > 0 } findings)
        {
            throw new InvalidOperationException($"The doctor found:\n{string.Join('\n', findings)}");
        }

        return await engine.Client(client).GetBatchAsync(batch.Id);
    }

    /// <summary>
    /// Runs until nothing is left to do, on a clock that the test moves: it goes on meanwhile, so that what was put off for a moment comes
    /// back.
    /// </summary>
    /// <param name="engine">The engine.</param>
    /// <param name="advance">Moves the store's clock.</param>
    public static async Task RunUntilDrainedAsync(this EnrichmentEngine engine, Action<TimeSpan> advance)
    {
        var running = engine.RunUntilDrainedAsync();
        await Wait.UntilAsync(() =>
        {
            advance(TimeSpan.FromMilliseconds(5));
            return running.IsCompleted;
        });
        await running;
    }

    /// <summary>Lets the engine work beside what a test does, and ends it in any case.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="beside">What the test does.</param>
    /// <param name="release">Before the end: lets go what the test holds up.</param>
    public static async Task WhileWorkingAsync(this EnrichmentEngine engine, Func<Task> beside, Action? release = null)
    {
        using var stop = new CancellationTokenSource();
        var working = engine.RunAsync(stop.Token);
        try
        {
            await beside();
        }
        finally
        {
            release?.Invoke();
            await stop.CancelAsync();
            await working;
        }
    }

    /// <summary>Waits until a host that works has ended a batch. Returns it.</summary>
    public static async Task<Batch> EndOfAsync(this EnrichmentClient client, Batch batch) =>
        (await client.WatchAsync(batch.Id).LastAsync().AsTask().WaitAsync(Wait.Patience)).Batch;
}
