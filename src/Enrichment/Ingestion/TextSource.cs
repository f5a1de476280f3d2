using System.Buffers;
using System.Globalization;
using System.Text;

namespace Enrichment.Ingestion;

/// <summary>An upload's text as a stream of UTF-8: passed through where the scan has proved it, else decoded strictly, and stopped where decoding yields what no text holds.</summary>
internal sealed class TextSource(Stream content, DetectedEncoding encoding) : Stream
{
    private const int BufferLength = 64 * 1024;

    // Without U+0085, which ends lines on some systems. In a legacy encoding it is rather a sign of the wrong one.
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0x80, 0x20).Where(c => c != 0x85).Select(c => (char)c)]);
    private readonly Encoding? _strict = encoding.Name == "utf-8" ? null : TextEncodings.Strict(encoding.Name);
    private readonly byte[] _raw = new byte[BufferLength];
    private byte[] _text = [];
    private char[] _chars = [];
    private Decoder? _decoder;
    private int _next;
    private int _end;
    private long _lineFeeds;
    private long _returns;
    private bool _ended;

    /// <summary>Whether the content has ended within a character.</summary>
    public bool IsCut { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Drops whole lines, however they end and whatever they hold.</summary>
    public async Task SkipLinesAsync(int lines, CancellationToken cancellationToken)
    {
        while (lines > 0 && await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            int end = _text.AsSpan(_next, _end - _next).IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                _next = _end;
                continue;
            }

            bool carriageReturn = _text[_next + end] == '\r';
            _next += end + 1;
            if (carriageReturn && await FillAsync(cancellationToken).ConfigureAwait(false) && _text[_next] == '\n')
                _next++;
            lines--;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_strict is null && _next == _end)
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (!await FillAsync(cancellationToken).ConfigureAwait(false))
            return 0;
        int count = Math.Min(buffer.Length, _end - _next);
        _text.AsSpan(_next, count).CopyTo(buffer.Span);
        _next += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("An upload is read asynchronously.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (_next == _end && !_ended)
        {
            int read = await content.ReadAsync(_raw, cancellationToken).ConfigureAwait(false);
            _ended = read == 0;
            _next = 0;
            if (_strict is null)
                (_text, _end) = (_raw, read);
            else
                Transcode(_strict, _raw.AsSpan(0, read));
        }

        return _next < _end;
    }

    private void Transcode(Encoding strict, ReadOnlySpan<byte> bytes)
    {
        if (_decoder is null)
        {
            _decoder = strict.GetDecoder();
            _chars = new char[strict.GetMaxCharCount(BufferLength)];
            _text = new byte[Encoding.UTF8.GetMaxByteCount(_chars.Length)];
        }

        int count;
        try
        {
            count = _decoder.GetChars(bytes, _chars, flush: _ended);
        }
        catch (DecoderFallbackException) when (bytes.IsEmpty)
        {
            // The text ends within a character. A byte that is no UTF-8 stands for it, so that its row is rejected.
            IsCut = true;
            _text[0] = 0xFF;
            _end = 1;
            return;
        }
        catch (DecoderFallbackException e)
        {
            throw Undecodable(bytes, e);
        }

        ReadOnlySpan<char> text = _chars.AsSpan(0, count);
        if (Suspect(text) is >= 0 and var at)
            throw Suspicious(text, at);
        _lineFeeds += text.Count('\n');
        _returns += text.Count('\r');
        _end = Encoding.UTF8.GetBytes(text, _text);
    }

    /// <summary>Where decoding gave U+FFFD or a C1 control: the marks of a wrong encoding. Declared UTF-16 is believed.</summary>
    private int Suspect(ReadOnlySpan<char> text)
    {
        if (encoding.IsUnicode && encoding.Declared)
            return -1;
        int control = encoding.IsUnicode ? text.IndexOfAny(Controls) : text.IndexOfAnyInRange('\u0080', '\u009F');
        int replacement = text.IndexOf('\uFFFD');
        return control < 0 ? replacement : replacement < 0 ? control : Math.Min(control, replacement);
    }

    private UploadException Undecodable(ReadOnlySpan<byte> bytes, Exception inner)
    {
        string text = TextEncodings.Lenient(encoding.Name).GetString(bytes);
        (long line, int column) = Place(text, Math.Max(0, text.IndexOf('\uFFFD', StringComparison.Ordinal)));
        return new UploadException(
            "encoding_mismatch",
            $"Line {line}, character {column}: the bytes mean nothing in {encoding.Name}. Give the encoding the file was saved in with --encoding, or save it as UTF-8.",
            inner);
    }

    private UploadException Suspicious(ReadOnlySpan<char> text, int at)
    {
        (long line, int column) = Place(text, at);
        string found = "U+" + ((int)text[at]).ToString("X4", CultureInfo.InvariantCulture);
        string mend = encoding.IsUnicode
            ? $"The text was damaged before it was saved; give --encoding {encoding.Name} to take it as it is."
            : $"The file is hardly {encoding.Name}; give the encoding it was saved in with --encoding{(encoding.Name == "iso-8859-1" ? " (windows-1252 is likely)" : "")}.";
        return new UploadException("encoding_uncertain", $"Line {line}, character {column}: decoding gives {found}, which no text holds. {mend}");
    }

    private (long Line, int Column) Place(ReadOnlySpan<char> text, int at)
    {
        ReadOnlySpan<char> before = text[..at];
        long line = 1 + Math.Max(_lineFeeds + before.Count('\n'), _returns + before.Count('\r'));
        return (line, at - before.LastIndexOfAny('\r', '\n'));
    }
}
