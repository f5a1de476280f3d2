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
            return Polled((int)response.StatusCode, body, options, RetryAfter.Of(response, context.TimeProvider) ?? Interval(options));
        }
        catch (OutboundException exception)
        {
            return Later(exception.Message, Interval(options));
        }
    }

    private static StepOutcome Polled(int status, ReadOnlyMemory<byte> body, HttpPollOptions options, TimeSpan? after) => status switch
    {
        _ when options.Poll.NotFound.Contains(status) => StepOutcome.NotFound($"The vendor answered the poll with {status}."),
        _ when options.Poll.Failed.Contains(status) => StepOutcome.Failed($"The vendor answered the poll with {status}: by the settings, the work has ended without an answer."),
        >= 200 and < 300 when body.Length == 0 => StepOutcome.AwaitingPoll(after: after), // 202 or 204: vendors' way to say that there is nothing to show yet.
        >= 200 and < 300 => Readable(Read(body, answer => Mapping.Of(answer, options.Poll.Progress, options.Answer) ?? StepOutcome.AwaitingPoll(after: after)), after),
        401 or 403 => Later($"The vendor refuses the credential of the poll ({status}). Look at the step's settings and the secret behind them.", after),
        _ => Later($"The vendor answered the poll with {status}.", after),
    };

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

    private static StepOutcome Readable(StepOutcome outcome, TimeSpan? after) =>
        outcome.Kind == StepOutcomeKind.Unknown || outcome.ErrorClass == ErrorClass.InvalidOutput ? Later(outcome.Reason!, after) : outcome;

    /// <summary>A poll that did not work is made again: the work goes on at the vendor's, and sending it anew would pay for it twice.</summary>
    private static StepOutcome Later(string reason, TimeSpan? after) =>
        after is null ? StepOutcome.Unknown(reason) : StepOutcome.RateLimited(reason, after); // To the engine both mean the same of a poll; the second has a date.

    private static StepOutcome Awaiting(string? reference, HttpPollOptions options) => StepOutcome.AwaitingPoll(reference, Interval(options));

    private static TimeSpan? Interval(HttpPollOptions options) => options.Poll.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
