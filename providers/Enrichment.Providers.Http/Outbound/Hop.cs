using Enrichment.Providers.Http.Declared;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>
/// One request of a call: the first, or one that a redirect led to. Immutable, so that each time it is sent a message of its own is made of
/// it.
/// </summary>
internal sealed record Hop(
    HttpMethod Method,
    Uri Uri,
    IReadOnlyList<KeyValuePair<string, IEnumerable<string>>> Headers,
    ReadOnlyMemory<byte>? Body,
    IReadOnlyList<KeyValuePair<string, IEnumerable<string>>> BodyHeaders)
{
    // Headers that are harmless anywhere. Any other may be a key: vendors have keys in headers of any name.
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept",
        "Accept-Charset",
        "Accept-Language",
        "User-Agent",
    };

    /// <summary>Whether the method only reads (RFC 9110 section 9.2.1).</summary>
    public bool IsSafe =>
        Method == HttpMethod.Get || Method == HttpMethod.Head || Method == HttpMethod.Options || Method == HttpMethod.Trace;

    /// <summary>
    /// The name of a header whose value cannot be sent; null if there is none. Found before any connection, because the framework would
    /// report it as a broken call.
    /// </summary>
    public string? Unsendable =>
        Headers.Concat(BodyHeaders).Where(header => !header.Value.All(Header.Carries)).Select(header => header.Key).FirstOrDefault();

    public static async Task<Hop> OfAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new(
            request.Method,
            request.RequestUri is { IsAbsoluteUri: true } uri
                ? uri
                : throw new ArgumentException("The request has no absolute address.", nameof(request)),
            [.. request.Headers.NonValidated.Select(header => new KeyValuePair<string, IEnumerable<string>>(header.Key, header.Value))],
            request.Content is { } content
                ? await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)
                : (ReadOnlyMemory<byte>?)null,
            request.Content is { } typed
                ? [.. typed.Headers.NonValidated.Select(header => new KeyValuePair<string, IEnumerable<string>>(header.Key, header.Value))]
                : []);

    /// <summary>A message to send; <paramref name="content"/> has it leave once.</summary>
    public HttpRequestMessage ToSend(out OnceContent content) => Message(content = new(Body ?? default, BodyHeaders));

    /// <summary>A message that may be sent again, by us or by the framework.</summary>
    public HttpRequestMessage ToRead()
    {
        if (Body is not { } body)
        {
            return Message(null);
        }

        var content = new ReadOnlyMemoryContent(body);
        foreach (var (name, values) in BodyHeaders)
        {
            content.Headers.TryAddWithoutValidation(name, values);
        }

        return Message(content);
    }

    /// <summary>The same request elsewhere. At another origin (scheme, host or port) it carries no header that may be a secret.</summary>
    public Hop To(Uri uri, HttpMethod method) => this with
    {
        Uri = uri,
        Method = method,
        Headers = IsAtOriginOf(uri) ? Headers : [.. Headers.Where(header => Harmless.Contains(header.Key))],
        Body = method == Method ? Body : null,
        BodyHeaders = method == Method ? BodyHeaders : [],
    };

    public bool IsAtOriginOf(Uri other) => Uri.Scheme == other.Scheme && Uri.IdnHost == other.IdnHost && Uri.Port == other.Port;

    /// <summary>The request and its answer, whose body has been read, as an operator is shown them.</summary>
    public OutboundExchange Shown(HttpResponseMessage answer)
    {
        var body = answer.Content.ReadAsStream(); // The content's own, read again by the step.
        using var read = new MemoryStream();
        body.CopyTo(read);
        body.Position = 0;
        return new(
            Lines($"{Method} {Uri}", Headers.Concat(BodyHeaders)),
            Body,
            Lines(
                $"{(int)answer.StatusCode} {answer.ReasonPhrase}",
                answer
                    .Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
                    .Select(header => KeyValuePair.Create<string, IEnumerable<string>>(header.Key, header.Value))),
            read.ToArray());

        static string Lines(string first, IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers) =>
            string.Join('\n', headers.Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Prepend(first));
    }

    private HttpRequestMessage Message(HttpContent? content)
    {
        var message = new HttpRequestMessage(Method, Uri) { Content = content };
        foreach (var (name, values) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, values);
        }

        if (!message.Headers.NonValidated.Contains("User-Agent"))
        {
            // Several vendors' firewalls refuse requests that have none.
            message.Headers.TryAddWithoutValidation("User-Agent", "Enrichment");
        }

        return message;
    }
}
