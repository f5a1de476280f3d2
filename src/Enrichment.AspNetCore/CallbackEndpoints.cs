using System.IO.Pipelines;
using Enrichment.Callbacks;
using Enrichment.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Enrichment.AspNetCore;

/// <summary>The addresses to which vendors deliver their answers.</summary>
public static class CallbackEndpoints
{
    // Deliveries are repeated for minutes at least by every vendor known.
    private const string RetryAfter = "5";

    /// <summary>
    /// Maps <c>POST {prefix}/{token}</c>, the address of one call, and <c>POST {prefix}/steps/{step}</c>, the address of a step.
    /// </summary>
    /// <remarks>
    /// Apart from the host's own authorization: a delivery authenticates itself, as its step demands. 202: stored durably; 401: not
    /// genuine, or nothing waits for it; 408: its body did not arrive within <see cref="CallbackOptions.BodyTimeout"/>; 413: larger than
    /// <see cref="CallbackOptions.MaxBodyBytes"/>; 503 with Retry-After: not stored, to be delivered again. The answer tells nothing more.
    /// </remarks>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="prefix">Where; the host's <see cref="CallbackOptions.Address"/> has to lead here.</param>
    /// <param name="engine">The name of the engine; null for the one without a name. Each engine needs a prefix of its own.</param>
    /// <returns>For conventions of the host, such as a rate limit.</returns>
    /// <exception cref="InvalidOperationException">No such engine was added to the host's services.</exception>
    public static IEndpointConventionBuilder MapEnrichmentCallbacks(
        this IEndpointRouteBuilder endpoints,
        string prefix = "/callbacks",
        string? engine = null)
    {
        var receiver = EngineName.Find<CallbackReceiver>(endpoints.ServiceProvider, engine, nameof(MapEnrichmentCallbacks));
        var group = endpoints.MapGroup(prefix);
        group.MapPost(
            "/{token}",
            (string token, HttpContext http) =>
                AnswerAsync(http, body => receiver.ReceiveAsync(token, Headers(http.Request), body, http.RequestAborted)));
        group.MapPost(
            "/steps/{step}",
            (string step, HttpContext http) =>
                AnswerAsync(http, body => receiver.ReceiveAtStepAsync(step, Headers(http.Request), body, http.RequestAborted)));
        return group.AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
    }

    private static async Task AnswerAsync(HttpContext http, Func<PipeReader, Task<DeliveryAnswer>> receive)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null; // The receiver has its own, and counts what is above it.
        }

        try
        {
            var answer = await receive(http.Request.BodyReader).ConfigureAwait(false);
            http.Response.StatusCode = answer switch
            {
                DeliveryAnswer.Stored => StatusCodes.Status202Accepted,
                DeliveryAnswer.Refused => StatusCodes.Status401Unauthorized,
                DeliveryAnswer.TooLarge => StatusCodes.Status413PayloadTooLarge,
                DeliveryAnswer.Incomplete => StatusCodes.Status408RequestTimeout,
                _ => StatusCodes.Status503ServiceUnavailable,
            };
            if (answer == DeliveryAnswer.Busy)
            {
                http.Response.Headers.RetryAfter = RetryAfter;
            }
            else if (answer == DeliveryAnswer.Incomplete && HttpProtocol.IsHttp11(http.Request.Protocol))
            {
                http.Response.Headers.Connection = "close"; // The rest of the body is not waited for.
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone. A stored delivery stays stored; the vendor delivers it again and gets the answer then.
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Headers(HttpRequest request) =>
        request.Headers.Select(header => new KeyValuePair<string, string>(header.Key, header.Value.ToString()));
}
