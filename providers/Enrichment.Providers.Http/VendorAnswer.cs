using System.Text;
using System.Text.Json;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>
/// What a vendor's HTTP answer, or its absence, means for an item. For providers that are written in code; declared steps use it too.
/// </summary>
public static class VendorAnswer
{
    private const int MostText = 500;

    private static readonly HttpErrorSettings Usual = new();

    /// <summary>The outcome of a status; null for a status of success, whose body has to be read.</summary>
    /// <param name="response">The answer to a send.</param>
    /// <param name="time">The clock for a date in Retry-After.</param>
    /// <param name="errors">This vendor's meaning of statuses; null: the usual one.</param>
    public static StepOutcome? Fault(HttpResponseMessage response, TimeProvider time, HttpErrorSettings? errors = null)
    {
        errors ??= Usual;
        var fault = Meaning(response, time, errors);
        return fault is { Reason: { } reason } && errors.KeepText ? fault.WithReason(WithText(reason, response)) : fault;
    }

    /// <summary>A reason with the beginning of what the vendor said, if it said anything.</summary>
    internal static string WithText(string reason, HttpResponseMessage response)
    {
        var body = response.Content.ReadAsStream(); // The content's own, which may be read again.
        var bytes = new byte[MostText * 4];
        var text = Encoding.UTF8.GetString(bytes.AsSpan(0, body.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false))).Trim();
        body.Position = 0;
        var cut = text.Length <= MostText ? text : text[..(char.IsHighSurrogate(text[MostText - 1]) ? MostText - 1 : MostText)] + "…";
        return cut.Length == 0 ? reason : $"{reason} It said: {cut}";
    }

    private static StepOutcome? Meaning(HttpResponseMessage response, TimeProvider time, HttpErrorSettings errors)
    {
        var status = (int)response.StatusCode;
        var after = RetryAfter.Of(response, time);
        return status switch
        {
            _ when errors.NotFound.Contains(status) => StepOutcome.NotFound($"The vendor answered {status}."),
            _ when errors.Quota.Contains(status) => StepOutcome.OutOfCredits(
                $"The vendor answered {status}: the account is used up. Buy more; until then one call is made every 15 minutes."),
            >= 200 and < 300 => null,
            429 => StepOutcome.RateLimited("The vendor asks to slow down (429).", after),
            503 when after is not null => StepOutcome.RateLimited("The vendor is not available, and says when to try again (503).", after),
            _ when errors.Retry.Contains(status) => StepOutcome.Retry($"The vendor did no work ({status}).", after),
            401 or 403 => StepOutcome.Failed(
                $"The vendor refuses the credential ({status}). Check the step's settings and their secret.",
                ErrorClass.Configuration),
            408 or >= 500 => StepOutcome.Unknown($"The vendor answered {status}. It is unknown whether it did the work."),
            >= 300 and < 400 => StepOutcome.Failed($"The vendor answered {status} without an address to follow.", ErrorClass.Configuration),
            _ => StepOutcome.Failed($"The vendor refuses the request ({status})."),
        };
    }

    /// <summary>What it means that a send has no answer.</summary>
    public static StepOutcome Fault(OutboundException exception) => exception switch
    {
        { Fault: OutboundFault.TooLarge } => StepOutcome.Failed(exception.Message, ErrorClass.InvalidOutput),
        { WorkMayBeDone: true } => StepOutcome.Unknown(exception.Message),
        { Fault: OutboundFault.Refused } => StepOutcome.Failed(exception.Message, ErrorClass.Configuration),
        _ => StepOutcome.Retry(exception.Message),
    };

    /// <summary>Reads a body as JSON.</summary>
    /// <param name="body">UTF-8, with or without a byte order mark.</param>
    /// <param name="fault">The outcome if it is not JSON: unknown if it ends early, else failed.</param>
    /// <returns>The value, which needs no disposal; null if there is a fault.</returns>
    public static JsonElement? Json(ReadOnlyMemory<byte> body, out StepOutcome? fault)
    {
        var json = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        try
        {
            using var document = JsonDocument.Parse(json);
            fault = null;
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            fault = BreaksOff(json.Span)
                ? StepOutcome.Unknown("The vendor's answer breaks off in the middle of its JSON.")
                : StepOutcome.Failed($"The vendor's answer is not JSON but {Kind(json.Span)}.", ErrorClass.InvalidOutput);
            return null;
        }
    }

    private static string Kind(ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n"u8) switch
    {
        [] => "empty",
        [(byte)'<', ..] => "HTML or XML, as of a wrong address or a firewall",
        _ => "something else",
    };

    /// <summary>Whether more bytes could have made JSON of it.</summary>
    private static bool BreaksOff(ReadOnlySpan<byte> json)
    {
        if (json.TrimStart(" \t\r\n"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json, isFinalBlock: false, state: default);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
