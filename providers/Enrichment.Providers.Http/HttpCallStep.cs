using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>A step that calls a vendor and gets the answer at once, described by <see cref="HttpCallOptions"/>.</summary>
/// <remarks>
/// Derive a class of one line from it, mark it with <see cref="EnrichmentStepAttribute"/>, and name <see cref="HttpCallOptions"/> as its
/// options.
/// </remarks>
/// <param name="http">Makes the calls; null: <see cref="OutboundHttp.Default"/>.</param>
public abstract class HttpCallStep(OutboundHttp? http = null) : HttpStep(http), IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<HttpCallOptions>();
        return SendAsync(context, options, body => Read(body, answer => Mapping.Of(answer, options.Answer)), cancellationToken);
    }
}
