using Enrichment.TestKit;

namespace Enrichment.Interop.Tests;

/// <summary>A step whose vendor is the public library of Standard Webhooks: it delivers before the call has returned.</summary>
[EnrichmentStep("vendor.signed", "1.0.0", Reads = ["company.name"], Produces = ["company.answer"], DeadlineSeconds = 600)]
public sealed class SignedStep : ICallbackReceiver
{
    public const string Secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

    /// <summary>Where the library was installed, and where the receiver listens.</summary>
    public static (string Library, Uri Receiver) Vendor { get; set; }

    public static List<string> Answers { get; } = [];

    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var address = new Uri(Vendor.Receiver, $"callbacks/{context.CallbackToken}").AbsoluteUri;
        Answers.Add(await DeliverAsync(address, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        Answers.Add(await DeliverAsync(address, Secret));
        return StepOutcome.AwaitingCallback();
    }

    public CallbackAuthentication Authentication(object? options) => new CallbackAuthentication.StandardWebhooks(Secret);

    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery) => StepOutcome.CompletedJson(delivery.Body);

    private static async Task<string> DeliverAsync(string address, string secret) =>
        (
            await ShellCommand.RunAsync(
                ["node", "deliver.mjs", address, secret, """{"company.answer":"Größe 10"}"""],
                Vendor.Library,
                CancellationToken.None)).Trim();
}
