using System.Text.Json;

namespace Enrichment.Providers.Clay;

/// <summary>
/// What a table delivers, in the shapes that its columns give it: wrapped or bare, as JSON or as a text that holds JSON, alone or in a
/// list.
/// </summary>
internal static class ClayDelivery
{
    public const string CallbackUrl = "callback_url";
    public const string CallbackToken = "callback_token";
    public const string ItemId = "item_id";
    public const string IdempotencyKey = "idempotency_key";

    // A text in a text in a text; more has not been seen.
    private const int Wrappings = 4;

    // What we sent with the row. The token is a secret and must not come to rest in a result.
    private static readonly HashSet<string> Echoes = new(StringComparer.Ordinal)
    {
        CallbackUrl,
        CallbackToken,
        IdempotencyKey,
        ItemId,
        "company_id",
        "person_id",
        "status",
        "error",
    };

    private static readonly string[] NothingFound = ["not_found", "not found", "no_match", "no match", "no record", "no result", "no data"];

    private static readonly string[] Failure = ["error", "failed", "failure"];

    public static string? TokenIn(JsonElement body)
    {
        var delivery = new Payload(Unpacked(body));
        return delivery.Text(CallbackToken) ?? delivery.Text(ItemId);
    }

    /// <summary>The payload; null if there is none, and then what that means.</summary>
    public static JsonElement? Payload(JsonElement body, string wrapper, out StepOutcome? other)
    {
        var delivery = Unpacked(body);
        var wrapped =
            delivery is { ValueKind: JsonValueKind.Object } && delivery.TryGetProperty(wrapper, out var inside)
                ? Unpacked(inside)
                : Bare(delivery);
        other = wrapped.ValueKind switch
        {
            JsonValueKind.Object when wrapped.EnumerateObject().Any(property => property.Value.ValueKind != JsonValueKind.Null) => null,
            JsonValueKind.String when !IsNothing(wrapped.GetString()!) => StepOutcome.Failed(
                $"Clay delivered a text where the payload belongs. Check the row in the table, and what its HTTP API column puts into {wrapper}.",
                ErrorClass.InvalidOutput),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => StepOutcome.Failed(
                $"Clay delivered a {wrapped.ValueKind} where the payload belongs.",
                ErrorClass.InvalidOutput),
            _ when Says(delivery, Failure) => StepOutcome.Failed("Clay says that the row ended with an error. Look at it in the table."),
            _ => StepOutcome.NotFound("Clay found nothing."),
        };
        return other is null ? wrapped : null;
    }

    /// <summary>The delivery itself, without what is not the payload's.</summary>
    private static JsonElement Bare(JsonElement delivery) =>
        delivery.ValueKind == JsonValueKind.Object
            ? JsonSerializer.SerializeToElement(
                delivery
                    .EnumerateObject()
                    .Where(property => !Echoes.Contains(property.Name))
                    .DistinctBy(property => property.Name)
                    .ToDictionary(property => property.Name, property => property.Value))
            : delivery;

    private static bool Says(JsonElement delivery, string[] words) =>
        delivery.ValueKind == JsonValueKind.Object
        && ((delivery.TryGetProperty("status", out var status)
                && status.ValueKind == JsonValueKind.String
                && words.Contains(status.GetString()!.Trim(), StringComparer.OrdinalIgnoreCase))
            || (delivery.TryGetProperty("error", out var error)
                && error.ValueKind is JsonValueKind.String or JsonValueKind.Object
                && !IsNothing(error.ToString())));

    /// <summary>Out of lists and out of texts that hold JSON; the first that is anything.</summary>
    private static JsonElement Unpacked(JsonElement value)
    {
        for (var i = 0; i < Wrappings; i++)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                value = value.EnumerateArray().FirstOrDefault(element => element.ValueKind != JsonValueKind.Null);
            }
            else if (value.ValueKind == JsonValueKind.String && Parsed(value.GetString()!) is { } inside)
            {
                value = inside;
            }
            else
            {
                break;
            }
        }

        return value;
    }

    private static JsonElement? Parsed(string text)
    {
        try
        {
            return text.AsSpan().TrimStart() is ['{' or '[' or '"', ..] ? JsonElement.Parse(text) : null;
        }
        catch (JsonException)
        {
            return null; // It is a text, then.
        }
    }

    private static bool IsNothing(string text) =>
        string.IsNullOrWhiteSpace(text)
        || text.Trim() is "null" or "NULL" or "{}" or "[]"
        || NothingFound.Any(words => text.Contains(words, StringComparison.OrdinalIgnoreCase));
}
