using System.Text;
using System.Text.Json.Nodes;
using Enrichment.Providers.Clay;

namespace Enrichment.EndToEnd.Tests.Leads;

/// <summary>
/// Answers as a step of Clay does, from the delivery that the fixture has for the row: the step itself reads the delivery, and nobody is
/// called.
/// </summary>
internal sealed class FixtureStep(ClayStep step, Func<string, JsonNode?> delivery) : IEnrichmentStep
{
    /// <summary>The column that names the fixture's case.</summary>
    public const string Case = "Case";

    public static StepDescriptor Of<TStep>(TStep step, Func<string, JsonNode?> delivery)
        where TStep : ClayStep =>
        StepDescriptor.Of(
            StepManifest.Of(typeof(TStep)) with { ReceivesCallbacks = false, Entity = null },
            nameof(FixtureStep),
            null,
            _ => new FixtureStep(step, delivery));

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(delivery(context.Record.Column(Case) ?? "") is { } body
            ? step.Receive(
                new AttemptContext(new ClayOptions { WebhookUrl = "https://clay.example/" }),
                new(new Dictionary<string, string>(), Encoding.UTF8.GetBytes(body.ToJsonString()), DateTimeOffset.UnixEpoch))
            : StepOutcome.NotFound());
}
