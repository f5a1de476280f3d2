using System.Text.Json;

namespace Enrichment.Providers.Http.Declared;

/// <summary>The values of a request's placeholders, and the placeholders without a value.</summary>
internal sealed class Placeholders(Func<string, JsonElement?> find)
{
    public const string CallbackUrl = "callback_url";
    public const string CallbackToken = "callback_token";
    public const string IdempotencyKey = "idempotency_key";
    public const string Reference = "reference";
    public const string Items = "items";
    public const string ColumnPrefix = "column:";

    private readonly List<string> missing = [];

    /// <summary>Required placeholders without a value.</summary>
    public IReadOnlyList<string> Missing => missing;

    /// <summary>The values of an attempt: its record, if it has one, and what the engine says of it.</summary>
    public static Placeholders Of(AttemptContext context) => new(name => name switch
    {
        IdempotencyKey => Element(context.IdempotencyKey),
        Reference => Element(context.Reference),
        CallbackUrl => Element((context as StepContext)?.CallbackUrl?.AbsoluteUri),
        CallbackToken => Element((context as StepContext)?.CallbackToken),
        _ when context is not StepContext => null,
        _ when IsColumn(name) => Element(((StepContext)context).Record.Column(name[ColumnPrefix.Length..].Trim())),
        _ => ((StepContext)context).Record.Value(name),
    });

    /// <summary>Whether a name is a field of the record, which the step must have declared.</summary>
    public static bool IsField(string name) =>
        name is not (IdempotencyKey or Reference or CallbackUrl or CallbackToken or Items) && !IsColumn(name);

    public static bool IsColumn(string name) => name.StartsWith(ColumnPrefix, StringComparison.Ordinal);

    public JsonElement? Value(string name, bool optional)
    {
        var value = find(name);
        if (value is null && !optional)
        {
            missing.Add(name);
        }

        return value;
    }

    public string? Text(string name, bool optional) => Value(name, optional) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => value.GetRawText(),
    };

    public static JsonElement? Element(string? text) => string.IsNullOrWhiteSpace(text) ? null : JsonSerializer.SerializeToElement(text);
}
