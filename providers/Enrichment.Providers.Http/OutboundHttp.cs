using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Enrichment.Providers.Http.Outbound;
using Polly;
using Polly.Retry;

namespace Enrichment.Providers.Http;

/// <summary>
/// Makes all calls to vendors. It reaches the public internet and hosts that are allowed, over TLS, within limits of time and size.
/// </summary>
/// <remarks>
/// Thread-safe; one instance serves a process. A step takes it in its constructor as <c>OutboundHttp? http = null</c> and falls back to
/// <see cref="Default"/>; a host that allows more registers its own: <c>services.AddSingleton(new OutboundHttp(new() { Allow =
/// ["vendor.internal"] }))</c>. It uses no proxy and keeps no cookies. Answers are read to their end before they are returned.
/// </remarks>
public sealed class OutboundHttp : IDisposable
{
    private const string LedThere = "A redirect led there; tell the vendor, or put the vendor's right address into the settings.";

    private readonly OutboundHttpOptions options;
    private readonly AllowList allow;
    private readonly AllowList nothing = new(new HashSet<string>(), []);
    private readonly TimeProvider time;
    private readonly Connector connector;
    private readonly HttpMessageInvoker invoker;
    // With connections of its own: to those that the host allows no redirect of another's may lead.
    private readonly HttpMessageInvoker strangers;
    private readonly ResiliencePipeline<HttpResponseMessage> retries;

    /// <summary>Makes a way out.</summary>
    /// <param name="options">What may be reached; null: the public internet, with the default limits.</param>
    /// <param name="time">The clock of deadlines and waits; null: the system's.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the message lists all.</exception>
    public OutboundHttp(OutboundHttpOptions? options = null, TimeProvider? time = null)
        : this(options ?? new(), time ?? TimeProvider.System, Network.Real)
    {
    }

    internal OutboundHttp(OutboundHttpOptions options, TimeProvider time, Network network)
    {
        this.options = options;
        this.time = time;
        allow = options.Checked();
        connector = new(allow, network, options, time);
        invoker = new(Handler(connector, network));
        strangers = new(Handler(new Connector(nothing, network, options, time), network));
        retries = options.Retries == 0 ? ResiliencePipeline<HttpResponseMessage>.Empty : ReadRetries();
    }

    /// <summary>The way out with the default options, for steps whose host has registered none. Never disposed.</summary>
    public static OutboundHttp Default { get; } = new();

    /// <summary>
    /// Sends a request that may cost money or change something: it leaves at most once, whatever its method. Only connecting is tried
    /// again.
    /// </summary>
    /// <param name="request">The request, with an absolute address. Not disposed, and may be sent again as another call.</param>
    /// <param name="cancellationToken">Ends the call, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The answer of any status, its body in memory. Redirects have been followed, at most 3, or 24 where all are 303.</returns>
    /// <exception cref="OutboundException">There is no answer; it says whether the work may be done nevertheless.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, options.Deadline, cancellationToken);

    /// <summary>The same with a deadline of its own, for a slower vendor, or one that must be faster.</summary>
    /// <param name="request">The request, with an absolute address. Not disposed, and may be sent again as another call.</param>
    /// <param name="within">
    /// How long the call may take, as <see cref="OutboundHttpOptions.Deadline"/>. From 1 millisecond to 1 hour.
    /// </param>
    /// <param name="cancellationToken">Ends the call, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The answer of any status, its body in memory. Redirects have been followed, at most 3, or 24 where all are 303.</returns>
    /// <exception cref="OutboundException">There is no answer; it says whether the work may be done nevertheless.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TimeSpan within, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(within, TimeSpan.FromMilliseconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(within, TimeSpan.FromHours(1));
        var hop = await Hop.OfAsync(request, cancellationToken).ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        return await FollowAsync(hop, once: true, within, deadline.Token, either.Token).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes an idempotent read, such as a poll: repeated if the connection breaks, or if a gateway answers 502, 503 or 504 without saying
    /// when to come back.
    /// </summary>
    /// <param name="request">The request, with an absolute address. Not disposed.</param>
    /// <param name="cancellationToken">Ends the call, with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The answer of any status, its body in memory. Redirects have been followed, at most 3, or 24 where all are 303.</returns>
    /// <exception cref="OutboundException">There is no answer.</exception>
    public async Task<HttpResponseMessage> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var hop = await Hop.OfAsync(request, cancellationToken).ConfigureAwait(false);
        using var deadline = new CancellationTokenSource(options.Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await retries
                .ExecuteAsync(
                    static (call, token) =>
                        new ValueTask<HttpResponseMessage>(call.Http.FollowAsync(call.Hop, once: false, call.Within, call.Deadline, token)),
                    (Http: this, Hop: hop, Within: options.Deadline, Deadline: deadline.Token),
                    either.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TimedOut(hop.Uri, workMayBeDone: false, options.Deadline, exception); // The deadline came while waiting for the next try.
        }
    }

    /// <summary>
    /// A client for code that needs one, such as a vendor's own library. Every call is a
    /// <see cref="SendAsync(HttpRequestMessage, CancellationToken)"/>; it has no base address and no headers, and disposing it does not
    /// change this object.
    /// </summary>
    public HttpClient CreateClient() => new(new ClientHandler(this), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <inheritdoc/>
    public void Dispose()
    {
        invoker.Dispose();
        strangers.Dispose();
    }

    /// <summary>
    /// Why calls to an address in settings would be refused, as far as this is known before any call; null if they would not.
    /// </summary>
    internal string? Refusal(Uri uri) => uri.Scheme == "http" && !allow.HasHost(uri.IdnHost) ? WithoutTls : connector.Refusal(uri);

    private string WithoutTls =>
        $"it would be called without TLS. Use https, or put the host into {options.AllowedBy} if it is inside your network.";

    private SocketsHttpHandler Handler(Connector connector, Network network) => new()
    {
        AllowAutoRedirect = false, // Followed here, each hop checked.
        UseProxy = false, // A proxy would resolve the name again, by itself.
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        // What our traces are called is no business of a vendor's.
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectTimeout = options.ConnectTimeout,
        ConnectCallback = connector.ConnectAsync,
        MaxResponseHeadersLength = (options.MaxHeaderBytes + 1023) / 1024,
        // Node.js servers close after five: a send that meets the closing of its connection is an unknown outcome.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(4),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // Vendors move; a name is resolved, and checked, again.
        SslOptions = new() { CertificateChainPolicy = network.Trust },
    };

    private ResiliencePipeline<HttpResponseMessage> ReadRetries() =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions<HttpResponseMessage>
                {
                    ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                        .Handle<OutboundException>(exception => exception.Fault == OutboundFault.Broken)
                        .HandleResult(response =>
                            response.StatusCode
                                is HttpStatusCode.BadGateway
                                    or HttpStatusCode.ServiceUnavailable
                                    or HttpStatusCode.GatewayTimeout
                            && response.Headers.RetryAfter is null),
                    MaxRetryAttempts = options.Retries,
                    Delay = Backoff.First,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                })
            .Build();

    private async Task<HttpResponseMessage> FollowAsync(
        Hop hop,
        bool once,
        TimeSpan within,
        CancellationToken deadline,
        CancellationToken token)
    {
        var workMayBeDone = false;
        var (first, atHome) = (hop.Uri, true);
        for (var redirects = 0; ; redirects++)
        {
            // What the host allows inside, it allows to be called by settings. A vendor may lead no further than to itself and to the
            // public internet.
            atHome &= string.Equals(hop.Uri.IdnHost, first.IdnHost, StringComparison.OrdinalIgnoreCase);
            RefuseUnsafe(hop, atHome ? allow : nothing, workMayBeDone, redirected: redirects > 0);
            OnceContent? content = null;
            using var message = once ? hop.ToSend(out content) : hop.ToRead();
            try
            {
                var response = await (atHome ? invoker : strangers).SendAsync(message, token).ConfigureAwait(false);
                if (!Redirect.Is(response))
                {
                    response = await WholeAsync(response, hop.Uri, once, token).ConfigureAwait(false);
                    options.Watch?.Invoke(hop.Shown(response));
                    return response;
                }

                using (response)
                {
                    workMayBeDone |= once && Redirect.MayFollowWork(hop, response.StatusCode);
                    hop =
                        redirects < Redirect.Most(response.StatusCode)
                            ? Redirect.Next(hop, response, workMayBeDone)
                            : throw new OutboundException(
                                OutboundFault.Refused,
                                workMayBeDone,
                                $"{Origin.Of(hop.Uri)} redirects for the {redirects + 1}th time; {Redirect.Most(response.StatusCode)} are followed.");
                }
            }
            catch (Exception exception)
                when (exception is not OutboundException and (OperationCanceledException or HttpRequestException or IOException))
            {
                if (token.IsCancellationRequested && !deadline.IsCancellationRequested)
                {
                    throw; // The caller's own wish.
                }

                throw Explained(
                    exception,
                    hop.Uri,
                    workMayBeDone || content is { Left: true },
                    deadline.IsCancellationRequested ? within : null,
                    redirected: redirects > 0);
            }
        }
    }

    private void RefuseUnsafe(Hop hop, AllowList allow, bool workMayBeDone, bool redirected)
    {
        var fault = hop switch
        {
            { Uri.Scheme: not ("https" or "http") } => "only http and https are supported.",
            { Uri.UserInfo.Length: > 0 } => "its address holds a user name or password. Put them into the settings of authentication.",
            { Uri.Scheme: "http" } when !allow.HasHost(hop.Uri.IdnHost) => redirected
                ? $"it would be called without TLS. {LedThere}"
                : WithoutTls,
            { Unsendable: { } header } =>
                $"the header {header} holds a character that no header can carry: it has to be ASCII, on one line.",
            _ => null,
        };
        if (fault is not null)
        {
            throw new OutboundException(OutboundFault.Refused, workMayBeDone, $"{Origin.Of(hop.Uri)} is not called: {fault}");
        }
    }

    private async Task<HttpResponseMessage> WholeAsync(
        HttpResponseMessage response,
        Uri from,
        bool once,
        CancellationToken cancellationToken)
    {
        using var streamed = response.Content;
        try
        {
            var body = new ReadOnlyMemoryContent(
                await Body.ReadAsync(response, from, options.MaxBodyBytes, workMayBeDone: once, cancellationToken).ConfigureAwait(false));
            foreach (var (name, values) in streamed.Headers.NonValidated)
            {
                if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                {
                    body.Headers.TryAddWithoutValidation(name, values);
                }
            }

            response.Content = body;
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private OutboundException Explained(Exception exception, Uri uri, bool workMayBeDone, TimeSpan? late, bool redirected) =>
        exception switch
        {
            _ when late is { } within => TimedOut(uri, workMayBeDone, within, exception),
            { InnerException: OutboundException refused } => new(
                refused.Fault,
                workMayBeDone,
                $"{refused.Message} {(redirected ? LedThere : refused.Advice)}".TrimEnd()),
            OperationCanceledException => new(OutboundFault.Unreachable, workMayBeDone, Unconnected(uri), exception),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new(
                OutboundFault.TooLarge,
                workMayBeDone,
                $"{Origin.Of(uri)} answered with headers of more than {options.MaxHeaderBytes} bytes. If such answers are expected, raise {nameof(OutboundHttpOptions)}.{nameof(OutboundHttpOptions.MaxHeaderBytes)}.",
                exception),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => new(
                OutboundFault.Unreachable,
                workMayBeDone,
                $"{Origin.Of(uri)} offers no TLS connection that can be trusted: {exception.InnerException?.Message ?? exception.Message}",
                exception),
            HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
                InnerException: not SocketException
            } => new(OutboundFault.Unreachable, workMayBeDone, Unconnected(uri), exception),
            // With an open connection it would be an IOException.
            HttpRequestException { InnerException: SocketException { SocketErrorCode: var code } } => new(
                OutboundFault.Unreachable,
                workMayBeDone,
                $"{Origin.Of(uri)} could not be reached: {code}.",
                exception),
            IOException
            or HttpRequestException { InnerException: IOException }
            or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse } => new(
                OutboundFault.Broken,
                workMayBeDone,
                $"The answer of {Origin.Of(uri)} broke off{(exception is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var error } ? $": {error}" : "")}.",
                exception),
            _ => new(
                OutboundFault.Broken,
                workMayBeDone,
                $"The call to {Origin.Of(uri)} failed: {(exception.InnerException ?? exception).GetType().Name}{(exception is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown and var fault } ? $", {fault}" : "")}.",
                exception),
        };

    private string Unconnected(Uri uri) =>
        $"{Origin.Of(uri)} could not be connected to within {options.ConnectTimeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} seconds.";

    private static OutboundException TimedOut(Uri uri, bool workMayBeDone, TimeSpan within, Exception exception) =>
        new(
            OutboundFault.TimedOut,
            workMayBeDone,
            $"{Origin.Of(uri)} did not answer within {within.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} seconds.",
            exception);

    private sealed class ClientHandler(OutboundHttp http) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            http.SendAsync(request, cancellationToken);
    }
}
