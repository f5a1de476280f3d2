using System.Text;
using System.Text.Json;
using Enrichment.Providers.Http;

namespace Enrichment.Providers.Clay.Tests;

/// <summary>Attempts and deliveries as the engine makes them.</summary>
internal static class Attempts
{
    public static OutboundHttp Http { get; } = new(new() { Allow = ["127.0.0.0/8"], Retries = 0 });

    public static StepContext Context(ClayOptions options, params (string Field, string? Value)[] fields) =>
        new(new FieldRecord(fields), options)
        {
            IdempotencyKey = "000102030405060708090a0b0c0d0e0f",
            CallbackToken = "the-token",
            CallbackUrl = new("https://leads.example.com/callbacks/the-token"),
        };

    public static CallbackDelivery Delivery(string body) =>
        new(new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body), DateTimeOffset.UnixEpoch);

    public static StepOutcome Receive(ClayStep step, string body) =>
        step.Receive(new AttemptContext(new ClayOptions { WebhookUrl = "https://clay.example/" }), Delivery(body));

    public static JsonElement Result(StepOutcome outcome)
    {
        Assert.True(outcome.Kind == StepOutcomeKind.Completed, $"{outcome.Kind}: {outcome.Reason}");
        return JsonElement.Parse(outcome.Result.Span);
    }

    /// <summary>A field of the result in JSON's own notation.</summary>
    public static string Field(StepOutcome outcome, string field) => Result(outcome).GetProperty(field).GetRawText();

    private sealed class FieldRecord(IEnumerable<(string Field, string? Value)> fields) : EnrichmentRecord
    {
        private readonly Dictionary<string, string?> values = fields.ToDictionary(field => field.Field, field => field.Value);

        public override JsonElement? Value(string field) =>
            values.GetValueOrDefault(field) is { } value ? JsonSerializer.SerializeToElement(value) : null;

        public override string? Column(string header) => null;
    }
}
