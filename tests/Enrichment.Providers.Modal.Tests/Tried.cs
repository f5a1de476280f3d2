using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Enrichment.Providers.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.Providers.Modal.Tests;

/// <summary>A step by itself: with settings as the engine merges and binds them, and attempts as it makes them.</summary>
internal sealed class Tried
{
    public const string Key = "000102030405060708090a0b0c0d0e0f";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly StepManifest manifest;
    private readonly IEnrichmentStep step;

    /// <param name="step">The step.</param>
    /// <param name="settings">What a pipeline says of it.</param>
    /// <param name="time">The clock of its calls.</param>
    public Tried(StepDescriptor step, string settings, TimeProvider? time = null)
    {
        manifest = step.Manifest;
        using var services = new ServiceCollection().AddSingleton(new OutboundHttp(Local, time)).BuildServiceProvider();
        this.step = step.Factory!(services);
        Options = JsonSerializer.Deserialize(
            Resolved(Over(JsonNode.Parse(manifest.Settings!.Value.GetRawText())!.AsObject(), JsonNode.Parse(settings)!.AsObject())),
            step.OptionsType!,
            Json)!;
        var problems = new List<ValidationResult>();
        var context = new ValidationContext(Options);
        context.InitializeServiceProvider(type => type == typeof(StepManifest) ? manifest : null);
        Assert.True(Validator.TryValidateObject(Options, context, problems, validateAllProperties: true), string.Join("; ", problems));
    }

    public static OutboundHttpOptions Local { get; } = new() { Allow = ["127.0.0.0/8"], Retries = 0 };

    /// <summary>A function of two fields, of which one may be missing.</summary>
    public static ModalFunction Size { get; } =
        new()
        {
            Step = "acme.size",
            Reads = ["company.domain", "company.name?"],
            Produces = ["company.employee_count"],
        };

    public object Options { get; }

    public Task<StepOutcome> CallAsync(params (string Field, object? Value)[] fields) =>
        CallAsync(new("https://leads.example.com/callbacks/token"), fields);

    public Task<StepOutcome> CallAsync(Uri? callback, params (string Field, object? Value)[] fields) =>
        Half<IEnrichmentStep>()
            .ExecuteAsync(
                new(new FieldRecord(fields), Options)
                {
                    IdempotencyKey = Key,
                    CallbackToken = "token",
                    CallbackUrl = callback,
                    Timeout = manifest.Timeout,
                },
                default)
            .AsTask();

    public Task<StepOutcome> PollAsync(string? reference) =>
        Half<IPollingStep>().PollAsync(new(Options) { IdempotencyKey = Key, Reference = reference }, default).AsTask();

    public StepOutcome Receive(string body) =>
        Half<ICallbackReceiver>()
            .Receive(
                new(Options) { IdempotencyKey = Key },
                new(new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body), DateTimeOffset.UnixEpoch));

    public T Half<T>()
        where T : class, IEnrichmentStep => Assert.IsAssignableFrom<T>(step);

    public static string Result(StepOutcome outcome)
    {
        Assert.True(outcome.Kind == StepOutcomeKind.Completed, $"{outcome.Kind}: {outcome.Reason}");
        return Encoding.UTF8.GetString(outcome.Result.Span);
    }

    public static void AssertJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"Expected {expected}, got {actual}.");

    /// <summary>RFC 7396.</summary>
    private static JsonObject Over(JsonObject weaker, JsonObject stronger)
    {
        foreach (var (name, value) in stronger)
        {
            if (value is null)
            {
                weaker.Remove(name);
            }
            else
            {
                weaker[name] = value is JsonObject over && weaker[name] is JsonObject below ? Over(below, over) : value.DeepClone();
            }
        }

        return weaker;
    }

    private static JsonObject Resolved(JsonObject settings) =>
        JsonNode.Parse(settings.ToJsonString().Replace("secret:", "the ", StringComparison.Ordinal))!.AsObject();

    private sealed class FieldRecord(IEnumerable<(string Field, object? Value)> fields) : EnrichmentRecord
    {
        private readonly Dictionary<string, JsonElement> values = fields.ToDictionary(
            field => field.Field,
            field => JsonSerializer.SerializeToElement(field.Value));

        public override JsonElement? Value(string field) => values.TryGetValue(field, out var value) ? value : null;

        public override string? Column(string header) => null;
    }
}
