using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>Keeps what a host writes to its log, of a level or above.</summary>
internal sealed class HeardLog(ConcurrentQueue<string> lines, LogLevel from = LogLevel.Trace) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= from;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            lines.Enqueue(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
