using System.Net;
using System.Net.Http.Json;

namespace Enrichment.Chaos.Worker;

/// <summary>Asks a vendor who answers at once and allows fifty calls a second to everybody together.</summary>
[EnrichmentStep(
    "chaos.limited",
    "1.0.0",
    Reads = ["company.name"],
    SafeToRepeat = true,
    Limits = $$"""{"name": "vendor", "shared": true, "rate": {{Rate}}, "burst": {{Burst}}}""")]
public sealed class LimitedStep(LimitedVendor vendor) : IEnrichmentStep
{
    /// <summary>What it allows a second.</summary>
    public const string Rate = "50";

    /// <summary>What may come on top of it in any second.</summary>
    public const string Burst = "20";

    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        // Processes of one machine have one such clock.
        var left = TimeProvider.System.GetTimestamp();
        using var response = await vendor.Http.PostAsJsonAsync(
            "",
            new
            {
                Client = context.Record.Text("company.name"),
                Host = Environment.ProcessId,
                Left = left,
            },
            cancellationToken);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => StepOutcome.NotFound(),
            HttpStatusCode.TooManyRequests => StepOutcome.RateLimited("The vendor asks to slow down.", response.Headers.RetryAfter?.Delta),
            var other => StepOutcome.Failed($"The vendor answered {(int)other}."),
        };
    }
}

/// <summary>Where the vendor is called.</summary>
public sealed class LimitedVendor(Uri address) : IDisposable
{
    public HttpClient Http { get; } = new() { BaseAddress = address };

    public void Dispose() => Http.Dispose();
}
