using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>An engine whose store fails while the answers of a paid, a repeatable and a pure step are in hand.</summary>
internal sealed class FaultBench : IAsyncDisposable
{
    public const int Rows = 30;

    private static readonly string[] Pipelines = ["paid", "safe", "pure"];

    private readonly EnrichmentEngine engine;
    private readonly FaultLog log;
    private readonly Vendor vendor = new();

    /// <param name="store">Chooses the store.</param>
    public FaultBench(Action<EnrichmentBuilder> store)
    {
        log = new();
        engine = EnrichmentEngine.Create(
            e =>
            {
                store(e);
                e.Services.AddSingleton(vendor);
                e.AddStep<PaidStep>()
                    .AddStep<SafeStep>()
                    .AddStep<PureStep>()
                    .ConfigureWorker(
                        new()
                        {
                            MaxConcurrentClaims = 3,
                            CommitDelay = TimeSpan.Zero,
                            PollInterval = TimeSpan.FromMilliseconds(20),
                            SweepInterval = TimeSpan.FromMilliseconds(100),
                        });
                foreach (var pipeline in Pipelines)
                {
                    e.AddPipeline(pipeline, p => p.Step($"fault.{pipeline}"));
                }
            },
            logging => logging.AddProvider(log));
    }

    public EnrichmentEngine Engine => engine;

    public Task MigrateAsync() => engine.MigrateAsync();

    /// <summary>Runs all three pipelines while the store fails. Returns the states that they end with.</summary>
    /// <param name="fail">Runs before the first answer is given.</param>
    /// <param name="heal">Runs when writes have failed.</param>
    /// <param name="release">
    /// Runs in the place of <paramref name="heal"/> as soon as the store fails, where its writes wait instead of failing.
    /// </param>
    public async Task<List<ItemState>> RunAsync(Func<Task> fail, Func<Task> heal, Func<Task>? release = null)
    {
        var client = engine.Client("acme");
        var upload = await client.StageAsync(TestEngine.Companies(Rows));
        List<Batch> batches = [];
        foreach (var pipeline in Pipelines)
        {
            batches.Add(await client.LaunchAsync(upload.Id, new() { Pipeline = pipeline, Key = $"{pipeline} {Guid.NewGuid()}" }));
        }

        var failing = new TaskCompletionSource();
        vendor.Expect(async () =>
        {
            log.Forget();
            await fail();
            failing.SetResult();
        });
        var running = engine.RunUntilDrainedAsync();
        await Task.WhenAny(running, release is null ? Task.WhenAll(failing.Task, log.FailedAsync(3)) : failing.Task);
        await (release ?? heal)();
        await running.WaitAsync(Wait.Patience);

        List<ItemState> states = [];
        foreach (var batch in batches)
        {
            states.AddRange(await client.ReadStatesAsync(batch.Id).ToListAsync());
        }

        Assert.Equal(3 * Rows, states.Count);
        Assert.Equal(Enumerable.Repeat(1, 3 * Rows), vendor.Calls);
        Assert.Empty(await engine.ExamineAsync());
        return states;
    }

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    /// <summary>Tells when the engine has noted that the store failed.</summary>
    private sealed class FaultLog : ILoggerProvider, ILogger
    {
        private const int StoreFailed = 6;

        private readonly Lock counting = new();
        private readonly List<(int Wanted, TaskCompletionSource Reached)> waiting = [];
        private int failures;

        public void Forget()
        {
            lock (counting)
            {
                failures = 0;
            }
        }

        public Task FailedAsync(int times)
        {
            lock (counting)
            {
                var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Add((times, reached));
                return reached.Task;
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id != StoreFailed)
            {
                return;
            }

            lock (counting)
            {
                failures++;
                foreach (var (_, reached) in waiting.Where(each => failures >= each.Wanted))
                {
                    reached.TrySetResult();
                }
            }
        }

        public void Dispose()
        {
        }
    }
}
