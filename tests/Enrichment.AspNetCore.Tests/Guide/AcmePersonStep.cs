using System.Net.Http.Json;

namespace Enrichment.AspNetCore.Tests.Guide;

[EnrichmentStep("acme.person", "1.0.0", Reads = ["person.email"], Produces = ["person.title"], DeadlineSeconds = 3600, Options = typeof(AcmeOptions))]
public sealed class AcmePersonStep(HttpClient http) : ICallbackReceiver
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync(
            "https://api.acme.example/enrich",
            new { email = context.Record.Text("person.email"), callback = context.CallbackUrl, key = context.IdempotencyKey },
            cancellationToken);
        return response.IsSuccessStatusCode ? StepOutcome.AwaitingCallback() : StepOutcome.Failed($"Acme answered {(int)response.StatusCode}.");
    }

    public CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.StandardWebhooks(((AcmeOptions)options!).SigningSecret);

    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => StepOutcome.CompletedJson(delivery.Body);
}

public sealed class AcmeOptions
{
    [Secret]
    public required string SigningSecret { get; init; }
}
