using System.Net;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>
/// A body that leaves once. Every send has one, if empty, because the framework quietly repeats requests without a body when a kept
/// connection ends under them.
/// </summary>
internal sealed class OnceContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> body;
    private int left;

    public OnceContent(ReadOnlyMemory<byte> body, IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers)
    {
        this.body = body;
        foreach (var (name, values) in headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    /// <summary>
    /// Whether there was a connection and the request was on its way. Headers wait for the body, so before this no complete request has
    /// left.
    /// </summary>
    public bool Left => Volatile.Read(ref left) != 0;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref left, 1) == 0
            ? stream.WriteAsync(body, cancellationToken).AsTask()
            : throw new InvalidOperationException("A call that may cost money was about to be sent a second time.");

    protected override bool TryComputeLength(out long length)
    {
        length = body.Length;
        return true;
    }
}
