using System.Collections.Concurrent;

namespace Enrichment.Interop.Tests;

/// <summary>What hosts log, by the number of the event.</summary>
public sealed class HostLog : ILoggerProvider, ILogger
{
    /// <summary>A lane gave up what it had in hand.</summary>
    public const int ClaimLoopFailed = 7;

    private readonly ConcurrentQueue<(int Event, string Text)> lines = new();

    public IEnumerable<string> Of(int number) => lines.Where(line => line.Event == number).Select(line => line.Text);

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => lines.Enqueue((eventId.Id, $"{formatter(state, exception)}: {exception?.Message}"));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
        // Outlives its hosts.
    }
}
