using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Enrichment;

/// <summary>A step's outcome for one item. Immutable; made by the factory methods only.</summary>
/// <remarks>
/// A result that cannot be written as JSON (NaN, a cycle) becomes <see cref="Failed"/> with <see cref="ErrorClass.InvalidOutput"/>; nothing
/// here throws for bad data.
/// </remarks>
public sealed class StepOutcome
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    private StepOutcome(StepOutcomeKind kind) => Kind = kind;

    /// <summary>Which of the answers this is.</summary>
    public StepOutcomeKind Kind { get; }

    /// <summary>The result as UTF-8 JSON, for Completed and NotFound; empty otherwise. Not yet checked by the engine's JSON gate.</summary>
    public ReadOnlyMemory<byte> Result { get; private init; }

    /// <summary>
    /// In words that an operator understands: why skipped, to be retried, failed or unknown. No secrets, no personal data.
    /// </summary>
    public string? Reason { get; private init; }

    /// <summary>The class of the fault, for Retry, RateLimited, Failed and Unknown.</summary>
    public ErrorClass? ErrorClass { get; private init; }

    /// <summary>
    /// How long to wait before the next attempt or poll, from the moment of the answer; null leaves it to the retry policy or the manifest.
    /// </summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>
    /// The vendor's name for a call that is answered later, such as a job's id: what the polls of the attempt are handed. At most 1,000
    /// characters, no secret.
    /// </summary>
    public string? Reference { get; private init; }

    /// <summary>What the call cost, in the vendor's credits; null if it says nothing.</summary>
    public decimal? Cost { get; private init; }

    /// <summary>One field and its value; null stores the field as null, which later steps read as absent.</summary>
    public static StepOutcome Completed(string field, string? value) => Completed([new(field, value)]);

    /// <summary>Several fields and their values: strings, booleans, numbers, <see cref="JsonElement"/>, or null.</summary>
    public static StepOutcome Completed(params IEnumerable<KeyValuePair<string, object?>> fields) => Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var (field, value) in fields)
        {
            writer.WritePropertyName(field);
            WriteValue(writer, value);
        }

        writer.WriteEndObject();
    });

    /// <summary>The vendor's whole answer, kept as it is. The manifest's paths say where the produced fields are in it.</summary>
    public static StepOutcome Completed(JsonElement result) => result.ValueKind == JsonValueKind.Undefined
        ? Invalid("the step completed with an undefined JsonElement")
        : new(StepOutcomeKind.Completed) { Result = JsonMarshal.GetRawUtf8Value(result).ToArray() };

    /// <summary>A value of the step's own type, written by its source-generated or reflection-based contract.</summary>
    public static StepOutcome Completed<T>(T result, JsonTypeInfo<T> contract) =>
        Write(writer => JsonSerializer.Serialize(writer, result, contract));

    /// <summary>UTF-8 JSON that the step already holds, such as a response body. Checked by the engine, not here.</summary>
    public static StepOutcome CompletedJson(ReadOnlyMemory<byte> utf8Json) => new(StepOutcomeKind.Completed) { Result = utf8Json };

    /// <summary>The vendor knows nothing of this item. An answer, not an error.</summary>
    public static StepOutcome NotFound(string? reason = null) => new(StepOutcomeKind.NotFound) { Result = EmptyObject, Reason = reason };

    /// <summary>There is nothing to do for this item, for example because a field that the step needs is absent.</summary>
    public static StepOutcome Skipped(string reason) => new(StepOutcomeKind.Skipped) { Reason = reason };

    /// <summary>Try again; costs one try. Only when no paid work was done.</summary>
    public static StepOutcome Retry(string reason, TimeSpan? after = null) =>
        new(StepOutcomeKind.Retry) { Reason = reason, RetryAfter = after, ErrorClass = Enrichment.ErrorClass.Transient };

    /// <summary>Try again when the vendor allows it; costs no try.</summary>
    /// <param name="reason">What the vendor said.</param>
    /// <param name="retryAfter">The vendor's Retry-After (RFC 9110 section 10.2.3); null leaves it to the retry policy.</param>
    public static StepOutcome RateLimited(string reason, TimeSpan? retryAfter = null) =>
        new(StepOutcomeKind.RateLimited) { Reason = reason, RetryAfter = retryAfter, ErrorClass = Enrichment.ErrorClass.RateLimited };

    /// <summary>
    /// The account with the vendor is used up. Costs no try: no call uses the account, except one from time to time that checks whether
    /// more was bought. Only when no work was done.
    /// </summary>
    public static StepOutcome OutOfCredits(string reason) =>
        new(StepOutcomeKind.RateLimited) { Reason = reason, ErrorClass = Enrichment.ErrorClass.OutOfCredits };

    /// <summary>The item fails here.</summary>
    public static StepOutcome Failed(string reason, ErrorClass errorClass = Enrichment.ErrorClass.Permanent) =>
        new(StepOutcomeKind.Failed) { Reason = reason, ErrorClass = errorClass };

    /// <summary>A call went out and its effect is not known. Repeated or put up for review by the step's <see cref="Effects"/>.</summary>
    public static StepOutcome Unknown(string reason) =>
        new(StepOutcomeKind.Unknown) { Reason = reason, ErrorClass = Enrichment.ErrorClass.OutcomeUnknown };

    /// <summary>The call was made, and a delivery will answer it; if the step can also poll, its polls are the fallback.</summary>
    /// <param name="reference">See <see cref="Reference"/>.</param>
    public static StepOutcome AwaitingCallback(string? reference = null) => new(StepOutcomeKind.AwaitingCallback) { Reference = reference };

    /// <summary>The call was made, and polls will fetch its answer; from a poll: it is not there yet.</summary>
    /// <param name="reference">See <see cref="Reference"/>; null leaves it as it was.</param>
    /// <param name="after">When to poll next; null: the manifest's <see cref="StepManifest.PollInterval"/>.</param>
    public static StepOutcome AwaitingPoll(string? reference = null, TimeSpan? after = null) =>
        new(StepOutcomeKind.AwaitingPoll) { Reference = reference, RetryAfter = after };

    /// <summary>The same outcome with what the call cost.</summary>
    public StepOutcome WithCost(decimal credits) =>
        new(Kind)
        {
            Result = Result,
            Reason = Reason,
            ErrorClass = ErrorClass,
            RetryAfter = RetryAfter,
            Reference = Reference,
            Cost = credits,
        };

    /// <summary>The same outcome with another reason.</summary>
    /// <param name="reason">What operators are told; no secret, no personal data.</param>
    public StepOutcome WithReason(string reason) =>
        new(Kind)
        {
            Result = Result,
            Reason = reason,
            ErrorClass = ErrorClass,
            RetryAfter = RetryAfter,
            Reference = Reference,
            Cost = Cost,
        };

    private static StepOutcome Invalid(string reason) => Failed(reason, Enrichment.ErrorClass.InvalidOutput);

    private static StepOutcome Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            using var writer = new Utf8JsonWriter(buffer);
            write(writer);
            writer.Flush();
        }
        catch (Exception exception)
            when (exception is ArgumentException or InvalidOperationException or JsonException or NotSupportedException)
        {
            return Invalid($"the result cannot be written as JSON: {exception.Message}");
        }

        return new(StepOutcomeKind.Completed) { Result = buffer.WrittenMemory };
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text:
                _ = Strict.GetByteCount(text); // The writer would put U+FFFD in the place of half a surrogate pair, and nobody would know.
                writer.WriteStringValue(text);
                break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case int number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case JsonElement element: element.WriteTo(writer); break;
            default:
                throw new NotSupportedException(
                    $"A field cannot hold a {value.GetType()}. Use a string, bool, int, long, double, decimal, JsonElement or null.");
        }
    }
}
