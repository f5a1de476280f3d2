namespace Enrichment.Tests.Ingestion;

/// <summary>A stream as a network gives it: it cannot seek, and hands out few bytes at a time.</summary>
internal sealed class OneWayStream(byte[] content, int atMost = 5) : MemoryStream(content)
{
    public override bool CanSeek => false;

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, atMost)], cancellationToken);
}
