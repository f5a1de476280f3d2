using System.Text.Json;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>A step whose answer has to be fetched later, described by <see cref="HttpPollOptions"/>.</summary>
/// <param name="http">Makes the calls; null: <see cref="OutboundHttp.Default"/>.</param>
public abstract class HttpPollStep(OutboundHttp? http = null) : HttpStep(http), IPollingStep
{
    private const string Unfetchable =
        "Its result cannot be fetched. Check with the vendor, then supply the result, or correct poll.reference and retry.";

    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<HttpPollOptions>();
        return SendAsync(context, options, body => First(body, options), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<StepOutcome> PollAsync(AttemptContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<HttpPollOptions>();
        var values = Placeholders.Of(context);
        if (UrlTemplate.Render(options.Poll.Url, values) is not { } uri || values.Missing.Count > 0)
        {
            return StepOutcome.Unknown(
                "The call's answer, and so its reference, is not known, or the reference fits into no address. Nothing can be fetched, and the deadline decides.");
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new("application/json"));
        var known = options.Request.Headers.Where(header => !Header.IsContentType(header.Key) && new Template(header.Value).IsFixed);
        foreach (var (name, value) in known)
        {
            request.Headers.Remove(name);
            // Keys may be in headers of any name, and a poll has no record for other headers.
            request.Headers.TryAddWithoutValidation(name, value);
        }

        Authenticate(request, options);
        try
        {
            using var response = await Http.ReadAsync(request, cancellationToken).ConfigureAwait(false);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            var outcome = Polled(
                (int)response.StatusCode,
                body,
                options,
                RetryAfter.Of(response, context.TimeProvider) ?? Interval(options));
            return options.Errors.KeepText && !response.IsSuccessStatusCode && outcome.Reason is { } reason
                ? outcome.WithReason(VendorAnswer.WithText(reason, response))
                : outcome;
        }
        catch (OutboundException exception)
        {
            return Later(exception.Message, Interval(options));
        }
    }

    private static StepOutcome Polled(int status, ReadOnlyMemory<byte> body, HttpPollOptions options, TimeSpan? after) =>
        status switch
        {
            _ when IsNamed(status, options) && body.Length > 0 && VendorAnswer.Json(body, out _) is null => Later(
                $"The vendor answered the poll with {status}, but not in JSON: a proxy or firewall may have answered.",
                after),
            _ when options.Poll.NotFound.Contains(status) => StepOutcome.NotFound($"The vendor answered the poll with {status}."),
            _ when options.Poll.Failed.Contains(status) => StepOutcome.Failed(
                $"The vendor answered the poll with {status}: by the settings, the work has ended without an answer."),
            // 202 or 204: vendors' way to say that there is nothing to show yet.
            >= 200 and < 300 when body.Length == 0 => StepOutcome.AwaitingPoll(after: after),
            202 when options.Poll.Progress.Status is null => StepOutcome.AwaitingPoll(after: after), // Accepted, whatever the body says.
            >= 200 and < 300 => Readable(
                Read(body, answer => Mapping.Of(answer, options.Poll.Progress, options.Answer) ?? StepOutcome.AwaitingPoll(after: after)),
                after),
            401 or 403 => Later(
                $"The vendor refuses the credential of the poll ({status}). Check the step's settings and their secret.",
                after),
            _ => Later($"The vendor answered the poll with {status}.", after),
        };

    private static bool IsNamed(int status, HttpPollOptions options) =>
        options.Poll.NotFound.Contains(status) || options.Poll.Failed.Contains(status);

    /// <summary>
    /// The vendor took the call. Without the reference its polls are impossible, so an operator has to look now, and not at the deadline.
    /// </summary>
    private static StepOutcome First(ReadOnlyMemory<byte> body, HttpPollOptions options)
    {
        var outcome =
            body.Length == 0
                ? Taken(null, options)
                : Read(body, answer => Final(answer, options) ?? Taken(Pointer.Text(options.Poll.Reference, answer), options));
        return outcome.Kind == StepOutcomeKind.Unknown && options.NeedsReference
            ? StepOutcome.Failed($"{outcome.Reason} {Unfetchable}", ErrorClass.OutcomeUnknown)
            : outcome;
    }

    private static StepOutcome? Final(JsonElement answer, HttpPollOptions options) =>
        options.Poll.Progress.Status is null ? null : Mapping.Of(answer, options.Poll.Progress, options.Answer);

    private static StepOutcome Taken(string? reference, HttpPollOptions options)
    {
        var known = reference is { Length: > 0 and <= 1000 } ? reference : null;
        return known is null && options.NeedsReference
            ? StepOutcome.Failed(
                $"The vendor took the call, but its answer has no reference at '{options.Poll.Reference}'. {Unfetchable}",
                ErrorClass.OutcomeUnknown)
            : Awaiting(known, options);
    }

    private static StepOutcome Readable(StepOutcome outcome, TimeSpan? after) =>
        outcome.Kind == StepOutcomeKind.Unknown || outcome.ErrorClass == ErrorClass.InvalidOutput ? Later(outcome.Reason!, after) : outcome;

    /// <summary>
    /// A failed poll is made again: the vendor's work continues, and a new send would pay for it twice.
    /// </summary>
    private static StepOutcome Later(string reason, TimeSpan? after) =>
        // To the engine both mean the same of a poll; the second has a date.
        after is null ? StepOutcome.Unknown(reason) : StepOutcome.RateLimited(reason, after);

    private static StepOutcome Awaiting(string? reference, HttpPollOptions options) =>
        StepOutcome.AwaitingPoll(reference, Interval(options));

    private static TimeSpan? Interval(HttpPollOptions options) =>
        options.Poll.IntervalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
}
