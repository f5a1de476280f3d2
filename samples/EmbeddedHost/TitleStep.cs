using Enrichment;

namespace EmbeddedHost;

/// <summary>A vendor that answers later: the step sends and stops, and the delivery completes the item.</summary>
[EnrichmentStep(
    "house.title",
    "1.0.0",
    Reads = ["person.email", "company.domain"],
    Produces = ["person.title"],
    DeadlineSeconds = 600,
    Options = typeof(TitleOptions))]
public sealed class TitleStep(HttpClient http) : ICallbackReceiver
{
    /// <inheritdoc />
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<TitleOptions>();
        using var response = await http.PostAsJsonAsync(
            options.Address,
            new
            {
                email = context.Record.Text("person.email"),
                options.Language,
                callback = context.CallbackUrl,
                key = context.IdempotencyKey,
            },
            cancellationToken);
        return response.IsSuccessStatusCode
            ? StepOutcome.AwaitingCallback()
            : StepOutcome.Failed($"The vendor answered {(int)response.StatusCode}.");
    }

    /// <inheritdoc />
    public CallbackAuthentication Authentication(object? options) =>
        new CallbackAuthentication.StandardWebhooks(((TitleOptions)options!).SigningSecret);

    /// <inheritdoc />
    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => StepOutcome.CompletedJson(delivery.Body);
}

/// <summary>What the stage, the client and the launch may say.</summary>
public sealed class TitleOptions
{
    /// <summary>Where the vendor takes questions.</summary>
    public required Uri Address { get; init; }

    /// <summary>In which language it answers.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The secret with which the vendor signs, in the form of Standard Webhooks.</summary>
    [Secret]
    public required string SigningSecret { get; init; }
}
