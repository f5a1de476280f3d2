namespace Enrichment.Ingestion;

/// <summary>Reads lines of bytes; of a line beyond the limit it keeps the beginning and continues with the next.</summary>
internal sealed class LineReader(Stream content, int maxLength)
{
    private readonly byte[] buffer = new byte[64 * 1024];
    private byte[] line = new byte[4096];
    private int kept;
    private int next;
    private int end;

    /// <summary>From 1.</summary>
    public long Number { get; private set; }

    /// <summary>Bytes of the line in the file, without its end.</summary>
    public long Length { get; private set; }

    /// <summary>The line, or its first bytes if it is longer than the limit. Valid until the next.</summary>
    public ReadOnlyMemory<byte> Line => line.AsMemory(0, kept);

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        kept = 0;
        Length = 0;
        Number++;
        var any = false;
        while (next < end || await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            any = true;
            var feed = buffer.AsSpan(next, end - next).IndexOf((byte)'\n');
            Keep(buffer.AsSpan(next, feed < 0 ? end - next : feed));
            next = feed < 0 ? end : next + feed + 1;
            if (feed >= 0)
            {
                break;
            }
        }

        if (kept == Length && kept > 0 && line[kept - 1] == '\r')
        {
            Length = --kept;
        }

        return any;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        next = 0;
        end = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return end > 0;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        Length += part.Length;
        part = part[..Math.Min(part.Length, maxLength - kept)];
        if (kept + part.Length > line.Length)
        {
            Array.Resize(ref line, Math.Min(maxLength, Math.Max(line.Length * 2, kept + part.Length)));
        }

        part.CopyTo(line.AsSpan(kept));
        kept += part.Length;
    }
}
