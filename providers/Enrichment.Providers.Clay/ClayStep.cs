using System.Net.Http.Headers;
using System.Text.Json;
using Enrichment.Providers.Http;

namespace Enrichment.Providers.Clay;

/// <summary>
/// What both steps do: a row goes out to the table's webhook, and the table's HTTP API column delivers what became of it, with the row's
/// token.
/// </summary>
public abstract class ClayStep : ICallbackReceiver
{
    private readonly OutboundHttp http;
    private readonly string wrapper;
    private readonly IReadOnlyList<(string Property, string Field)> columns;

    private protected ClayStep(OutboundHttp? http, string wrapper, params IReadOnlyList<(string Property, string Field)> columns)
    {
        this.http = http ?? OutboundHttp.Default;
        this.wrapper = wrapper;
        this.columns = columns;
    }

    /// <inheritdoc/>
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<ClayOptions>();
        var row = columns
            .Select(column => KeyValuePair.Create(column.Property, context.Record.Text(column.Field)))
            .Where(cell => cell.Value is not null)
            .ToDictionary();
        if (Lacking(context.Record) is { } lacking)
        {
            return StepOutcome.Skipped(lacking);
        }

        if (context.CallbackUrl is not { } address)
        {
            return StepOutcome.Failed(
                "The host has no public address for callbacks, so Clay cannot deliver. Configure the callbacks of the host.",
                ErrorClass.Configuration);
        }

        row[ClayDelivery.CallbackUrl] = address.AbsoluteUri;
        row[ClayDelivery.CallbackToken] = context.CallbackToken;
        row[ClayDelivery.ItemId] = context.CallbackToken; // Tables that were built to repeat an item's id find the call by it.
        row[ClayDelivery.IdempotencyKey] = context.IdempotencyKey;
        using var request = new HttpRequestMessage(HttpMethod.Post, options.WebhookUrl)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(row))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        if (options.WebhookAuth is { } auth)
        {
            request.Headers.TryAddWithoutValidation("x-clay-webhook-auth", auth);
        }

        try
        {
            using var response = await http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return VendorAnswer.Fault(response, context.TimeProvider, Statuses) ?? StepOutcome.AwaitingCallback();
        }
        catch (OutboundException exception)
        {
            return VendorAnswer.Fault(exception);
        }
    }

    /// <inheritdoc/>
    public CallbackAuthentication Authentication(object? options) =>
        ((ClayOptions)options!).DeliverySecret is { } secret
            ? new CallbackAuthentication.Bearer(secret)
            : new CallbackAuthentication.TokenOnly();

    /// <inheritdoc/>
    public string? TokenOf(CallbackDelivery delivery) =>
        VendorAnswer.Json(delivery.Body, out _) is { } body ? ClayDelivery.TokenIn(body) : null;

    /// <inheritdoc/>
    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery)
    {
        if (VendorAnswer.Json(delivery.Body, out var fault) is not { } body)
        {
            return fault!;
        }

        return ClayDelivery.Payload(body, wrapper, out var other) is { } payload
            ? StepOutcome.Completed(Fields(new Payload(payload)))
            : other!;
    }

    // The webhook knows no items: a 404 is a table that is gone, not a company that is not found.
    private static HttpErrorSettings Statuses { get; } = new() { NotFound = [] };

    /// <summary>Why there is nothing to look for; null if there is.</summary>
    private protected abstract string? Lacking(EnrichmentRecord record);

    private protected abstract IEnumerable<KeyValuePair<string, object?>> Fields(Payload payload);
}
