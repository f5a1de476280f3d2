using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>
/// What declared steps share: settings become a request, the answer becomes an outcome. Derive from <see cref="HttpCallStep"/>,
/// <see cref="HttpCallbackStep"/>, <see cref="HttpPollStep"/> or <see cref="HttpBulkStep"/>.
/// </summary>
public abstract class HttpStep
{
    private protected HttpStep(OutboundHttp? http) => Http = http ?? OutboundHttp.Default;

    private protected OutboundHttp Http { get; }

    /// <summary>Sends the request of the settings, once.</summary>
    /// <param name="attempt">The attempt, or one of those that share the call.</param>
    /// <param name="options">The settings.</param>
    /// <param name="values">The values of placeholders.</param>
    /// <param name="key">The idempotency key of the call.</param>
    /// <param name="read">Makes an outcome of the body of a successful answer.</param>
    /// <param name="cancellationToken">The engine's.</param>
    private protected async ValueTask<StepOutcome> SendAsync(
        AttemptContext attempt,
        HttpOptions options,
        Placeholders values,
        string key,
        Func<ReadOnlyMemory<byte>, StepOutcome> read,
        CancellationToken cancellationToken)
    {
        using var request = Request(options, values, key, out var refusal);
        if (request is null)
        {
            return refusal!;
        }

        try
        {
            using var response = await Http.SendAsync(request, Within(attempt.Timeout), cancellationToken).ConfigureAwait(false);
            var taken = options.TakesSilently && response.IsSuccessStatusCode;
            return (taken ? null : VendorAnswer.Fault(response, attempt.TimeProvider, options.Errors))
                ?? read(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OutboundException exception)
        {
            return VendorAnswer.Fault(exception);
        }
    }

    private protected ValueTask<StepOutcome> SendAsync(
        StepContext context,
        HttpOptions options,
        Func<ReadOnlyMemory<byte>, StepOutcome> read,
        CancellationToken cancellationToken) =>
        SendAsync(context, options, Placeholders.Of(context), context.IdempotencyKey, read, cancellationToken);

    /// <summary>A twelfth less than the step has, 5 seconds at most: so the call explains itself before it is abandoned.</summary>
    private static TimeSpan Within(TimeSpan timeout) =>
        TimeSpan.FromSeconds(Math.Max(0.001, timeout.TotalSeconds - Math.Min(5, timeout.TotalSeconds / 12)));

    private protected static StepOutcome Read(ReadOnlyMemory<byte> body, Func<JsonElement, StepOutcome> map) =>
        VendorAnswer.Json(body, out var fault) is { } answer ? map(answer) : fault!;

    private protected static void Authenticate(HttpRequestMessage request, HttpOptions options)
    {
        switch (options.Authentication.Kind)
        {
            case HttpAuthenticationKind.Bearer:
                request.Headers.Authorization = new("Bearer", options.Credential);
                break;
            case HttpAuthenticationKind.Basic:
                request.Headers.Authorization = new(
                    "Basic",
                    Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.Authentication.User}:{options.Credential}")));
                break;
            case HttpAuthenticationKind.Query:
                var address = request.RequestUri!.GetLeftPart(UriPartial.Query);
                request.RequestUri = new(
                    $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Uri.EscapeDataString(options.Authentication.Parameter)}={Uri.EscapeDataString(options.Credential!)}");
                break;
            case HttpAuthenticationKind.Header:
                request.Headers.TryAddWithoutValidation(options.Authentication.Header, options.Credential);
                break;
        }
    }

    /// <summary>The outcome for an item whose record lacks what the request needs; null if nothing is missing.</summary>
    private protected static StepOutcome? Lacking(Placeholders values) =>
        values.Missing switch
        {
            [] => null,
            var missing when missing.Contains(Placeholders.CallbackUrl) => StepOutcome.Failed(
                "The host has no public address for callbacks, so the vendor cannot deliver. Configure the callbacks of the host.",
                ErrorClass.Configuration),
            var missing => StepOutcome.Skipped($"The record has no {string.Join(", ", missing.Distinct())}."),
        };

    private static HttpRequestMessage? Request(HttpOptions options, Placeholders values, string key, out StepOutcome? refusal)
    {
        var settings = options.Request;
        var uri = UrlTemplate.Render(settings.Url, values);
        var headers = settings
            .Headers.Select(header => KeyValuePair.Create(header.Key, new Template(header.Value).Render(values)))
            .ToList();
        var body = settings.Body is { } template ? JsonTemplate.Render(template, values) : (ReadOnlyMemory<byte>?)null;
        refusal = Lacking(values);
        refusal ??= uri is null
            ? StepOutcome.Skipped("A value of the record is '.' or '..', which would leave the address in the settings. Nothing was sent.")
            : null;
        // What the settings themselves say was looked at when they were bound.
        refusal ??= headers.Find(header => !Header.Carries(header.Value)) is { Key: { } name }
            ? StepOutcome.Failed(
                $"A value of the record holds a character that the header {name} cannot carry: a header has to be ASCII, on one line. Nothing was sent.")
            : null;
        if (refusal is not null)
        {
            return null;
        }

        var request = new HttpRequestMessage(new(settings.Method), uri);
        request.Headers.Accept.Add(new("application/json"));
        if (settings.IdempotencyHeader.Length > 0)
        {
            request.Headers.TryAddWithoutValidation(settings.IdempotencyHeader, key);
        }

        if (body is { } json)
        {
            request.Content = new ReadOnlyMemoryContent(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        }

        foreach (var (header, value) in headers)
        {
            HttpHeaders carrier = Header.IsContentType(header) ? (request.Content ??= new ByteArrayContent([])).Headers : request.Headers;
            carrier.Remove(header);
            carrier.TryAddWithoutValidation(header, value);
        }

        Authenticate(request, options);
        return request;
    }
}
