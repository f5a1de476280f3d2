namespace Enrichment.EndToEnd.Tests.Guide;

[EnrichmentStep("acme.company-size", "1.2.0",
    Reads = ["company.domain"], Produces = ["company.employee_count=/size/employees"],
    SafeToRepeat = true, TimeoutSeconds = 20, Options = typeof(CompanySizeOptions))]
public sealed class CompanySizeStep(HttpClient http) : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (context.Record.Text("company.domain") is not { } domain)
        {
            return StepOutcome.Skipped("the record has no domain");
        }

        var options = context.Options<CompanySizeOptions>();
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"{options.Endpoint}/{Uri.EscapeDataString(domain)}?max_age={options.MaxAgeDays}");
        request.Headers.Add("X-Api-Key", options.ApiKey);
        request.Headers.Add("Idempotency-Key", context.IdempotencyKey);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return (int)response.StatusCode switch
            {
                200 => StepOutcome.CompletedJson(await response.Content.ReadAsByteArrayAsync(cancellationToken)),
                404 => StepOutcome.NotFound(),
                401 or 403 => StepOutcome.Failed("The vendor refuses the key.", ErrorClass.Configuration),
                429 => StepOutcome.RateLimited("The vendor asks for patience.", response.Headers.RetryAfter?.Delta),
                503 => StepOutcome.Retry("The vendor did no work (503)."),
                (408 or >= 500) and var status => StepOutcome.Unknown($"The vendor answered {status}. It is unknown whether it did the work."),
                var status => StepOutcome.Failed($"The vendor answered {status}."),
            };
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
        {
            return StepOutcome.Retry($"The vendor could not be reached: {exception.HttpRequestError}.");
        }
    }
}
