using System.Collections.Concurrent;

namespace Enrichment.Benchmarks.Work;

/// <summary>
/// A step that is answered by deliveries signed by Standard Webhooks. It keeps the tokens of its calls, so that they can be answered.
/// </summary>
[EnrichmentStep(
    "bench.later",
    "1.0.0",
    Reads = ["company.name"],
    Produces = ["company.city=/city"],
    DeadlineSeconds = 24 * 3600,
    Options = typeof(LaterOptions))]
internal sealed class LaterStep(ConcurrentQueue<string> tokens) : ICallbackReceiver
{
    public const string Pipeline = "later";
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// <summary>The step and its pipeline, as a host would describe them: the secret is the host's.</summary>
    public static void Describe(EnrichmentBuilder builder) => builder
        .AddStep<LaterStep>()
        .AddPipeline(Pipeline, p => p.Step("bench.later", s => s.Options(new { signingSecret = "secret:bench" })))
        .UseSecrets(_ => Secret);

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        tokens.Enqueue(context.CallbackToken!);
        return new(StepOutcome.AwaitingCallback());
    }

    public CallbackAuthentication Authentication(object? options) =>
        new CallbackAuthentication.StandardWebhooks(((LaterOptions)options!).SigningSecret);

    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => StepOutcome.CompletedJson(delivery.Body);
}

internal sealed class LaterOptions
{
    [Secret]
    public required string SigningSecret { get; init; }
}
