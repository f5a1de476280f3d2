using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Enrichment.External;

/// <summary>What a worker says of a task: the body of its delivery, made by the HTTP API and by the SQL functions alike.</summary>
internal sealed record TaskReport
{
    // Strict, because a misspelt property could mean another outcome. Deep, because the gate judges the result.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        MaxDepth = 1000,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    };

    /// <summary>The longest time that a worker may ask for, 7 days; the retry policy has a bound of its own.</summary>
    private const double MostSeconds = 604_800;

    public required ReportKind Kind { get; init; }

    /// <summary>For <see cref="ReportKind.Complete"/>: a JSON object. None: the vendor knows nothing of the item.</summary>
    public JsonElement? Result { get; init; }

    public string? Reason { get; init; }

    /// <summary>For <see cref="ReportKind.Fail"/>.</summary>
    public FailureClass? Class { get; init; }

    /// <summary>For <see cref="ReportKind.Defer"/>.</summary>
    public DeferReason? Why { get; init; }

    /// <summary>For <see cref="ReportKind.Defer"/>: how long to wait.</summary>
    public double? AfterSeconds { get; init; }

    public decimal? Cost { get; init; }

    /// <summary>Whether the worker gives the task back: no call was made.</summary>
    [JsonIgnore]
    public bool IsGivenBack => Kind == ReportKind.Defer && Why == DeferReason.NotCalled;

    /// <summary>Refuses what would fail its item later, so that the worker's author hears of it.</summary>
    /// <param name="number">The task's number in the request, from 0.</param>
    /// <exception cref="EnrichmentException">A worker cannot say so; the message says what is expected.</exception>
    public void Validate(int number)
    {
        if (Result is { ValueKind: not (JsonValueKind.Object or JsonValueKind.Null) })
        {
            throw new EnrichmentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"$.tasks[{number}].result: expected an object, or null where nothing was found."));
        }

        // Reading the body does not look at the bytes of a result.
        if (Result is { } result && !Utf8.IsValid(JsonMarshal.GetRawUtf8Value(result)))
        {
            throw new EnrichmentException(
                string.Create(CultureInfo.InvariantCulture, $"$.tasks[{number}].result: expected UTF-8, got other bytes."));
        }

        if (AfterSeconds is { } seconds and not (>= 0 and <= MostSeconds))
        {
            throw new EnrichmentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"$.tasks[{number}].afterSeconds: expected 0 to {MostSeconds}, got {seconds}."));
        }
    }

    /// <exception cref="JsonException">It is no report.</exception>
    public static TaskReport Read(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize<TaskReport>(body, Json) ?? throw new JsonException("It is null.");

    /// <summary>As JSON, the result as the worker wrote it: the gate judges it, and tells the reason.</summary>
    public string ToJson()
    {
        var rest = JsonSerializer.Serialize(this with { Result = null }, Json);
        return Result is { } result ? $"{rest[..^1]},\"result\":{result.GetRawText()}}}" : rest;
    }

    /// <summary>As the outcome of a step.</summary>
    public StepOutcome Outcome() => Cost is { } cost ? WithoutCost().WithCost(cost) : WithoutCost();

    private StepOutcome WithoutCost()
    {
        var reason = string.IsNullOrWhiteSpace(Reason) ? "The worker gave no reason." : Reason;
        TimeSpan? after = AfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, MostSeconds)) : null;
        return (Kind, Class, Why) switch
        {
            (ReportKind.Complete, _, _) => Result is { ValueKind: not JsonValueKind.Null } result
                ? StepOutcome.Completed(result)
                : StepOutcome.NotFound(Reason),
            (ReportKind.Skip, _, _) => StepOutcome.Skipped(reason),
            (ReportKind.Fail, FailureClass.OutcomeUnknown, _) => StepOutcome.Unknown(reason),
            (ReportKind.Fail, FailureClass.Configuration, _) => StepOutcome.Failed(reason, ErrorClass.Configuration),
            (ReportKind.Fail, FailureClass.InvalidOutput, _) => StepOutcome.Failed(reason, ErrorClass.InvalidOutput),
            (ReportKind.Fail, _, _) => StepOutcome.Failed(reason),
            (_, _, DeferReason.SlowDown) => StepOutcome.RateLimited(reason, after),
            (_, _, DeferReason.OutOfCredits) => StepOutcome.OutOfCredits(reason),
            _ => StepOutcome.Retry(reason, after),
        };
    }
}

/// <summary>What kind of report it is.</summary>
internal enum ReportKind
{
    /// <summary>The task was done.</summary>
    Complete,

    /// <summary>There was nothing to do.</summary>
    Skip,

    /// <summary>It failed, or its outcome is unknown.</summary>
    Fail,

    /// <summary>It is to be done later.</summary>
    Defer,
}

/// <summary>How a task failed. What may pass by itself is deferred instead.</summary>
internal enum FailureClass
{
    Permanent,
    Configuration,
    InvalidOutput,
    OutcomeUnknown,
}

/// <summary>Why a task is deferred.</summary>
internal enum DeferReason
{
    /// <summary>The call failed and may work the next time: one try.</summary>
    Retry,

    /// <summary>The vendor asks to slow down: no try, and all calls under the limit wait.</summary>
    SlowDown,

    /// <summary>Nothing is left of what was bought: no try, and all calls of the account wait.</summary>
    OutOfCredits,

    /// <summary>No call was made: the task is given back, without a try.</summary>
    NotCalled,
}
