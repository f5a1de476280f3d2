using System.Security.Cryptography;
using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http;

/// <summary>A step whose vendor delivers the answer later, described by <see cref="HttpCallbackOptions"/>.</summary>
/// <param name="http">Makes the calls; null: <see cref="OutboundHttp.Default"/>.</param>
public abstract class HttpCallbackStep(OutboundHttp? http = null) : HttpStep(http), ICallbackReceiver
{
    /// <summary>
    /// Where a delivery repeats the token, as a JSON pointer, for a vendor that delivers everything to one address. Default: null, the
    /// address holds it.
    /// </summary>
    protected virtual string? TokenPointer => null;

    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var options = context.Options<HttpCallbackOptions>();
        return SendAsync(
            context,
            options,
            body => StepOutcome.AwaitingCallback(ReferenceIn(body, options.Callback.Reference)),
            cancellationToken);
    }

    /// <inheritdoc/>
    public CallbackAuthentication Authentication(object? options)
    {
        var settings = (HttpCallbackOptions)options!;
        IReadOnlyList<string> secrets = [.. new[] { settings.CallbackSecret, settings.FormerCallbackSecret }.OfType<string>()];
        return settings.Callback.Signature switch
        {
            HttpSignature.StandardWebhooks => new CallbackAuthentication.StandardWebhooks(secrets),
            HttpSignature.Hmac => new CallbackAuthentication.Hmac(
                settings.Callback.Header,
                new HashAlgorithmName(settings.Callback.Hash),
                settings.Callback.Prefix,
                secrets),
            HttpSignature.Bearer => new CallbackAuthentication.Bearer(secrets),
            _ => new CallbackAuthentication.TokenOnly(),
        };
    }

    /// <inheritdoc/>
    public string? TokenOf(CallbackDelivery delivery) =>
        TokenPointer is { } pointer && VendorAnswer.Json(delivery.Body, out _) is { } body ? Pointer.Text(pointer, body) : null;

    /// <inheritdoc/>
    /// <exception cref="StepFaultException">
    /// The delivery cannot be read: it answers nothing, and the one that does may still come.
    /// </exception>
    public StepOutcome Receive(AttemptContext context, CallbackDelivery delivery)
    {
        var options = context.Options<HttpCallbackOptions>();
        var answer = VendorAnswer.Json(delivery.Body, out var fault) ?? throw new StepFaultException(fault!.Reason!);
        var outcome = Mapping.Of(answer, options.Callback.Progress, options.Answer) ?? StepOutcome.AwaitingCallback();
        return outcome.ErrorClass == ErrorClass.InvalidOutput ? throw new StepFaultException(outcome.Reason!) : outcome;
    }

    /// <summary>The vendor took the call, whatever its answer is: a missing reference is no failure.</summary>
    private static string? ReferenceIn(ReadOnlyMemory<byte> body, string? pointer) =>
        pointer is not null
        && VendorAnswer.Json(body, out _) is { } answer
        && Pointer.Text(pointer, answer) is { Length: <= 1000 } reference
            ? reference
            : null;
}
