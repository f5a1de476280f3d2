using System.Buffers;

namespace Enrichment.Providers.Http.Outbound;

/// <summary>Reads a body into memory, up to a limit that counts decompressed bytes.</summary>
internal static class Body
{
    private const int Piece = 16 * 1024;

    /// <exception cref="OutboundException">It is larger. No more of it than the limit and one piece was ever held.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpResponseMessage response,
        Uri from,
        int limit,
        bool workMayBeDone,
        CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = stream.ConfigureAwait(false);
        try
        {
            while (await stream.ReadAsync(body.GetMemory(Piece), cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > limit)
                {
                    throw new OutboundException(
                        OutboundFault.TooLarge,
                        workMayBeDone,
                        $"{Origin.Of(from)} answered {(int)response.StatusCode} with a body of more than {limit} bytes, counted after decompression. If such answers are expected, raise {nameof(OutboundHttpOptions)}.{nameof(OutboundHttpOptions.MaxBodyBytes)}.");
                }
            }

            return body.WrittenMemory;
        }
        // Brotli's decoder throws the second.
        catch (Exception exception) when (exception is InvalidDataException or InvalidOperationException)
        {
            throw new OutboundException(
                OutboundFault.Broken,
                workMayBeDone,
                $"The body that {Origin.Of(from)} answered cannot be decompressed.",
                exception);
        }
    }
}
