using Enrichment.Cli.Files;
using Microsoft.Extensions.Logging;

namespace Enrichment.Cli;

/// <summary>
/// The engine's log, one line each on standard error. No scopes, no stack traces: <c>ENRICHMENT_DEBUG=1</c> adds them.
/// </summary>
internal sealed class StandardErrorLog : ILoggerProvider, ILogger
{
    private static readonly bool Debug = Environment.GetEnvironmentVariable("ENRICHMENT_DEBUG") == "1";

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Console.Error.WriteLine(
            $"enrich: {(logLevel >= LogLevel.Warning ? $"{logLevel}: " : "")}{Visible.Line(formatter(state, exception))}"
            + (exception is null ? "" : Debug ? $"\n{Visible.Text(exception.ToString())}" : $" ({Visible.Line(exception.Message)})"));

    public void Dispose()
    {
    }
}
