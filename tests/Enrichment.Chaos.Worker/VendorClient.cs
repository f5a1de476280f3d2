using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Enrichment.Chaos.Worker;

/// <summary>
/// Calls a vendor once and says what its answer means: 202 is accepted, 429 and 500 did no work, and of anything else nobody knows.
/// </summary>
public sealed class VendorClient(Uri address) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = address };

    public async Task<StepOutcome> AskAsync(string vendor, string subject, StepContext context, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, vendor)
            {
                Content = JsonContent.Create(new { subject, callback = context.CallbackUrl }),
            };
            request.Headers.Add("Idempotency-Key", context.IdempotencyKey);
            using var response = await http.SendAsync(request, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.Accepted => StepOutcome.AwaitingCallback(),
                HttpStatusCode.TooManyRequests => StepOutcome.RateLimited("The vendor asks to wait.", response.Headers.RetryAfter?.Delta),
                HttpStatusCode.InternalServerError => StepOutcome.Retry("The vendor is broken, and did nothing."),
                var other => StepOutcome.Failed(string.Create(CultureInfo.InvariantCulture, $"The vendor answered {(int)other}.")),
            };
        }
        catch (HttpRequestException exception)
        {
            return StepOutcome.Unknown($"The call broke off: {exception.HttpRequestError}.");
        }
    }

    /// <summary>What a vendor delivered, as the result's one field.</summary>
    public static StepOutcome Read(string field, CallbackDelivery delivery)
    {
        using var body = JsonDocument.Parse(delivery.Body);
        return StepOutcome.Completed(field, body.RootElement.GetProperty("answer").GetString());
    }

    public void Dispose() => http.Dispose();
}
