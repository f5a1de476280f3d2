using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.Providers.Http.Tests.Servers;

namespace Enrichment.Providers.Http.Tests.Declared;

/// <summary>Settings as the engine binds them, and attempts as it makes them.</summary>
internal static class Try
{
    public const string Key = "000102030405060708090a0b0c0d0e0f";

    public static readonly OutboundHttpOptions Local = new() { Allow = ["127.0.0.0/8"], Retries = 0 };

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    public static T Options<T>(string json)
        where T : HttpOptions
    {
        var problems = Problems<T>(json, out var options);
        Assert.Empty(problems);
        return options;
    }

    public static IReadOnlyList<string> Problems<T>(string json, out T options)
        where T : HttpOptions
    {
        options = JsonSerializer.Deserialize<T>(json, Json)!;
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), found, validateAllProperties: true);
        return [.. found.Select(result => result.ErrorMessage!)];
    }

    public static StepContext Context(HttpOptions options, params (string Field, object? Value)[] fields) =>
        Context(options, Key, null, fields);

    public static StepContext Context(HttpOptions options, string key, TimeProvider? time, params (string Field, object? Value)[] fields) =>
        new(new FieldRecord(fields), options)
        {
            IdempotencyKey = key,
            CallbackToken = "token",
            CallbackUrl = new("https://leads.example.com/callbacks/token"),
            TimeProvider = time ?? TimeProvider.System,
        };

    public static AttemptContext Sent(HttpOptions options, string? reference) =>
        new(options) { IdempotencyKey = Key, Reference = reference };

    public static string Result(StepOutcome outcome) => System.Text.Encoding.UTF8.GetString(outcome.Result.Span);

    /// <summary>A vendor who answers each call with the next of these, the last one for ever.</summary>
    public static LocalServer Vendor(params Func<Exchange, Task>[] answers)
    {
        var calls = -1;
        return new(exchange => answers[Math.Min(Interlocked.Increment(ref calls), answers.Length - 1)](exchange));
    }

    public static LocalServer Vendor(int status, string json, params string[] headers) =>
        Vendor(exchange => exchange.JsonAsync(status, json, headers));

    private sealed class FieldRecord(IEnumerable<(string Field, object? Value)> fields) : EnrichmentRecord
    {
        private readonly Dictionary<string, JsonElement> values = fields
            .Where(field => field.Value is not null)
            .ToDictionary(field => field.Field, field => JsonSerializer.SerializeToElement(field.Value));

        public override JsonElement? Value(string field) => values.TryGetValue(field, out var value) ? value : null;

        public override string? Column(string header) => Text("column:" + header);
    }
}
