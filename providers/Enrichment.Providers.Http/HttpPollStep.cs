using System.Text.Json;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>A step whose answer has to be fetched later, described by <see cref="HttpPollOptions"/>.</summary>
/// <param name="http">The way out; null: <see cref="OutboundHttp.Default"/>.</param>
public abstract class HttpPollStep(OutboundHttp? http = null) : HttpStep(http), IPollingStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<HttpPollOptions>();
        return SendAsync(context, options, body => Read(body, answer => First(answer, options)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<HttpPollOptions>();
        var values = Placeholders.Of(context);
        if (UrlTemplate.Render(options.Poll.Url, values) is not { } uri || values.Missing.Count > 0)
        {
            return StepOutcome.Unknown("The call was made, but its reference is not known or fits into no address, so that its answer cannot be fetched.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new("application/json"));
        Authenticate(request, options);
        try
        {
            using var response = await Http.ReadAsync(request, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            if (response.IsSuccessStatusCode && body.Length == 0)
            {
                return Awaiting(null, options); // 202 or 204: vendors' way to say that there is nothing to show yet.
            }

            return Later(VendorAnswer.Fault(response, context.TimeProvider, options.Errors) ?? Read(body, answer => Mapping.Of(answer, options.Poll.Progress, options.Answer) ?? Awaiting(null, options)), options);
        }
        catch (OutboundException exception)
        {
            return Later(VendorAnswer.Fault(exception), options);
        }
    }

    private static StepOutcome First(JsonElement answer, HttpPollOptions options)
    {
        if (options.Poll.Progress.Status is not null && Mapping.Of(answer, options.Poll.Progress, options.Answer) is { } final)
        {
            return final;
        }

        return Pointer.Text(options.Poll.Reference, answer) is { Length: > 0 and <= 1000 } reference
            ? Awaiting(reference, options)
            : StepOutcome.Unknown($"The vendor took the call, but its answer has no reference at '{options.Poll.Reference}', so that the result cannot be fetched.");
    }

    /// <summary>A poll that did not work is made again: the work goes on at the vendor's, and sending it anew would pay for it twice.</summary>
    private static StepOutcome Later(StepOutcome outcome, HttpPollOptions options) =>
        outcome.Kind is StepOutcomeKind.Retry or StepOutcomeKind.RateLimited or StepOutcomeKind.Unknown
            ? StepOutcome.AwaitingPoll(after: outcome.RetryAfter ?? Interval(options))
            : outcome;

    private static StepOutcome Awaiting(string? reference, HttpPollOptions options) => StepOutcome.AwaitingPoll(reference, Interval(options));

    private static TimeSpan? Interval(HttpPollOptions options) => options.Poll.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
