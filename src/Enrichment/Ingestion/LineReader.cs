namespace Enrichment.Ingestion;

/// <summary>Reads lines of bytes; of a line beyond the limit it keeps the beginning and goes on with the next.</summary>
internal sealed class LineReader(Stream content, int maxLength)
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private byte[] _line = new byte[4096];
    private int _kept;
    private int _next;
    private int _end;

    /// <summary>From 1.</summary>
    public long Number { get; private set; }

    /// <summary>Bytes of the line in the file, without its end.</summary>
    public long Length { get; private set; }

    /// <summary>The line, or its first bytes if it is longer than the limit. Valid until the next.</summary>
    public ReadOnlyMemory<byte> Line => _line.AsMemory(0, _kept);

    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        _kept = 0;
        Length = 0;
        Number++;
        bool any = false;
        while (_next < _end || await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            any = true;
            int feed = _buffer.AsSpan(_next, _end - _next).IndexOf((byte)'\n');
            Keep(_buffer.AsSpan(_next, feed < 0 ? _end - _next : feed));
            _next = feed < 0 ? _end : _next + feed + 1;
            if (feed >= 0)
                break;
        }

        if (_kept == Length && _kept > 0 && _line[_kept - 1] == '\r')
            Length = --_kept;
        return any;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _next = 0;
        _end = await content.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
        return _end > 0;
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        Length += part.Length;
        part = part[..Math.Min(part.Length, maxLength - _kept)];
        if (_kept + part.Length > _line.Length)
            Array.Resize(ref _line, Math.Min(maxLength, Math.Max(_line.Length * 2, _kept + part.Length)));
        part.CopyTo(_line.AsSpan(_kept));
        _kept += part.Length;
    }
}
