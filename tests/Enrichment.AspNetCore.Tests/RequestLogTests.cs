using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.AspNetCore.Tests;

/// <summary>The address of a delivery holds its token, and ASP.NET writes addresses down.</summary>
public sealed class RequestLogTests
{
    [Theory]
    [InlineData(LogLevel.Information, true, true)]
    [InlineData(LogLevel.Warning, false, true)]
    [InlineData(LogLevel.None, false, false)]
    public async Task The_settings_of_the_operations_page_keep_tokens_out_of_the_hosts_log(
        LogLevel diagnostics,
        bool inLines,
        bool inScopes)
    {
        const string token = "a-token-that-nobody-may-read";
        var log = new WrittenLog();
        var builder = WebApplication.CreateSlimBuilder();
        builder
            .Logging.ClearProviders()
            .AddProvider(log)
            .SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", diagnostics);
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddEnrichment(e => e.UseSqlite(":memory:"));
        await using var app = builder.Build();
        app.MapEnrichmentCallbacks();
        app.MapPost("/other/{token}", (ILogger<RequestLogTests> logger) => logger.LogWarning("A line of the host's own."));
        await app.StartAsync();
        await app.Services.GetRequiredService<EnrichmentEngine>().MigrateAsync();
        using var http = new HttpClient
        {
            BaseAddress = new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
        };

        await http.PostAsync($"/callbacks/{token}", new StringContent("{}"));
        await http.PostAsync($"/other/{token}", null);
        await app.StopAsync();

        Assert.NotEmpty(log.Lines);
        Assert.Equal(inLines, log.Lines.Any(line => line.Contains(token, StringComparison.Ordinal)));
        Assert.Equal(inScopes, log.Scopes.Any(scope => scope.Contains(token, StringComparison.Ordinal)));
    }

    /// <summary>Lines, and the scopes that structured logs write beside each.</summary>
    private sealed class WrittenLog : ILoggerProvider, ILogger, ISupportExternalScope
    {
        private IExternalScopeProvider scopes = new LoggerExternalScopeProvider();

        public ConcurrentQueue<string> Lines { get; } = [];

        public ConcurrentQueue<string> Scopes { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Lines.Enqueue(formatter(state, exception));
            scopes.ForEachScope(
                (scope, queue) =>
                    queue.Enqueue(
                        scope is IEnumerable<KeyValuePair<string, object?>> pairs
                            ? string.Join(' ', pairs.Select(pair => $"{pair.Key}={pair.Value}"))
                            : scope?.ToString() ?? ""),
                Scopes);
        }

        public void Dispose()
        {
        }
    }
}
