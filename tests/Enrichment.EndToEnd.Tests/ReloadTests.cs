using System.Collections.Concurrent;
using Enrichment.Hosting;
using Enrichment.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A configuration that changes while the host runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly ManualResetEventSlim answer = new();
    private readonly Told told = new();
    private int inFlight;
    private int most;

    [Fact]
    public async Task More_calls_go_out_at_once_when_the_configuration_allows_more()
    {
        using var host = Build(("Worker:MaxConcurrentCalls", "1"), ("Worker:MaxConcurrentClaims", "1"));
        await host.StartAsync();
        var client = host.Services.GetRequiredService<EnrichmentEngine>().Client("acme");
        var batch = await client.LaunchAsync(TestEngine.Companies(8), "scripted");
        await Wait.UntilAsync(() => Volatile.Read(ref inFlight) == 1);

        Reload(host, ("Worker:MaxConcurrentCalls", "3"), ("Worker:MaxConcurrentClaims", "4"));

        await Wait.UntilAsync(() => Volatile.Read(ref inFlight) == 3);
        Assert.Equal((3, 4), (Options(host).MaxConcurrentCalls, Options(host).MaxConcurrentClaims));
        answer.Set();
        Assert.Equal(BatchStatus.Completed, (await client.EndOfAsync(batch)).Status);
        Assert.Equal(3, most);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_change_with_problems_is_refused_as_a_whole_and_the_log_lists_them_all()
    {
        using var host = Build(("Worker:MaxConcurrentCalls", "5"));
        await host.StartAsync();
        var before = Options(host);

        Reload(
            host,
            ("Worker:MaxConcurrentCalls", "7"),
            ("Worker:MaxConcurrentClaims", "0"),
            ("Worker:PollInterval", "soon"),
            ("Callbacks:BodyTimeout", "1.00:00:00"));

        Assert.Same(before, Options(host));
        Assert.Equal(
            """
            The changed configuration cannot be used, and the options stay as they were:
            Enrichment:Worker:PollInterval: expected a time such as 00:00:30, or 90.00:00:00 for 90 days, got 'soon'.
            Enrichment:Worker:MaxConcurrentClaims: expected 1 to 64, got 0.
            Enrichment:Callbacks:BodyTimeout: expected 1 second to 5 minutes, got 1.00:00:00.
            """.ReplaceLineEndings("\n"),
            Assert.Single(told.Of(49)).ReplaceLineEndings("\n"));
        await host.StopAsync();
    }

    [Fact]
    public async Task An_option_that_is_read_at_the_start_only_waits_for_the_next_start_and_the_log_says_so()
    {
        using var host = Build(("Worker:Lease", "00:00:30"));
        await host.StartAsync();

        Reload(host, ("Worker:Lease", "00:01:00"), ("Worker:ClaimSize", "50"));

        Assert.Equal((TimeSpan.FromSeconds(30), 50), (Options(host).Lease, Options(host).ClaimSize));
        Assert.Single(told.Of(50));
        Assert.Single(told.Of(51));
        await host.StopAsync();
    }

    public void Dispose()
    {
        answer.Set();
        answer.Dispose();
    }

    private static WorkerOptions Options(IHost host) => host.Services.GetRequiredService<EngineOptions>().Worker;

    private static void Reload(IHost host, params (string Key, string Value)[] changed)
    {
        var root = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        var memory = root.Providers.OfType<MemoryConfigurationProvider>().Last();
        foreach (var (key, value) in changed)
        {
            memory.Set($"Enrichment:{key}", value);
        }

        root.Reload();
    }

    private IHost Build(params (string Key, string Value)[] configured)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(told);
        builder.Configuration.AddInMemoryCollection(
            configured.Select(pair => KeyValuePair.Create($"Enrichment:{pair.Key}", (string?)pair.Value)));
        builder.Services.AddEnrichment(e => e
            .UseSqlite(":memory:")
            .AddStep<ScriptedStep>()
            .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                var now = Interlocked.Increment(ref inFlight);
                InterlockedMax(now);
                answer.Wait();
                Interlocked.Decrement(ref inFlight);
                return context.Named();
            }))))
            .Configure(builder.Configuration.GetSection("Enrichment"))
            .AddWorker(TestEngine.Quick));
        return builder.Build();
    }

    private void InterlockedMax(int now)
    {
        for (var known = Volatile.Read(ref most); known < now;)
        {
            known = Interlocked.CompareExchange(ref most, now, known);
        }
    }

    private sealed class Told : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<(int Id, string Text)> lines = [];

        public IEnumerable<string> Of(int id) => lines.Where(line => line.Id == id).Select(line => line.Text);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
