using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.Providers.Http;
using Enrichment.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Enrichment.Providers.Lookup.Tests;

/// <summary>
/// A lookup as a document describes it, its settings bound and its calls made as the engine does. Its clock stands at the first instant of
/// 2026.
/// </summary>
internal sealed class TryLookup
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly IBulkStep step;
    private readonly object options;
    private readonly TimeSpan timeout;

    private TryLookup(IBulkStep step, object options, TimeSpan timeout, Log log) =>
        (this.step, this.options, this.timeout, Logged) = (step, options, timeout, log.Lines);

    public FakeClock Clock { get; } = new();

    /// <summary>What an operator was told.</summary>
    public IReadOnlyList<string> Logged { get; }

    public static StepDescriptor Describe(string kind, string? options = null) => HttpVendors.Parse(
        Encoding.UTF8.GetBytes($$"""
            {
              "step": "known.company", "version": "1.0.0", "kind": "{{kind}}",
              "reads": ["company.domain", "company.name", "person.email"],
              "produces": ["company.size", "company.industry", "company.extra", "known.outcome", "known.source", "known.at", "known.path=/at"]
              {{(options is null ? "" : $", \"options\": {options}")}}
            }
            """),
        "known.json",
        Lookups.Kinds);

    public static TryLookup Of(string kind, string options, TimeSpan? timeout = null)
    {
        Assert.Empty(Problems(kind, options, out var bound, out var descriptor));
        var log = new Log();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(log)).BuildServiceProvider();
        return new((IBulkStep)descriptor.Factory!(services), bound, timeout ?? TimeSpan.FromSeconds(60), log);
    }

    public static IReadOnlyList<string> Problems(string kind, string options) => Problems(kind, options, out _, out _);

    /// <summary>Asks for one company.</summary>
    public async Task<StepOutcome> AskAsync(string? domain, CancellationToken cancellationToken = default) =>
        (await AskAsync([new() { ["company.domain"] = domain }], cancellationToken))[0];

    /// <summary>Asks for many with one call.</summary>
    public async Task<IReadOnlyList<StepOutcome>> AskAsync(
        IReadOnlyList<Dictionary<string, string?>> records,
        CancellationToken cancellationToken = default)
    {
        var contexts = records.Select((record, index) => new StepContext(new Record(record), options)
        {
            IdempotencyKey = index.ToString("x32", CultureInfo.InvariantCulture), TimeProvider = Clock, Timeout = timeout,
        }).ToList();
        var outcomes = await step.ExecuteAsync(contexts, cancellationToken);
        Assert.Equal(records.Count, outcomes.Count);
        return [.. contexts.Select(context => outcomes[context.IdempotencyKey])];
    }

    /// <summary>A result in JSON's own notation; for any other outcome its kind, class and reason.</summary>
    public static string Said(StepOutcome outcome) => outcome.Kind == StepOutcomeKind.Completed
        ? Encoding.UTF8.GetString(outcome.Result.Span)
        : $"{outcome.Kind}{(outcome.ErrorClass is null ? "" : $" {outcome.ErrorClass}")}: {outcome.Reason}";

    private static IReadOnlyList<string> Problems(string kind, string options, out object bound, out StepDescriptor descriptor)
    {
        descriptor = Describe(kind);
        bound = JsonSerializer.Deserialize(options, descriptor.OptionsType!, Json)!;
        var manifest = descriptor.Manifest;
        var context = new ValidationContext(bound);
        context.InitializeServiceProvider(type => type == typeof(StepManifest) ? manifest : null);
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(bound, context, found, validateAllProperties: true);
        return [.. found.Select(result => result.ErrorMessage!)];
    }

    private sealed class Log : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add($"{logLevel}: {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }

    private sealed class Record(Dictionary<string, string?> fields) : EnrichmentRecord
    {
        public override JsonElement? Value(string field) =>
            fields.GetValueOrDefault(field) is { } value ? JsonSerializer.SerializeToElement(value) : null;

        public override string? Column(string header) => null;
    }
}
