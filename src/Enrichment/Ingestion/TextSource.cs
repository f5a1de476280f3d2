using System.Buffers;
using System.Globalization;
using System.Text;

namespace Enrichment.Ingestion;

/// <summary>
/// An upload's text as a stream of UTF-8: passed through where the scan has proved it, else decoded strictly, and stopped where decoding
/// yields what no text holds.
/// </summary>
internal sealed class TextSource(Stream content, DetectedEncoding encoding) : Stream
{
    private const int BufferLength = 64 * 1024;

    // Without U+0085, which ends lines on some systems. In a legacy encoding it is rather a sign of the wrong one.
    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0x80, 0x20).Where(c => c != 0x85).Select(c => (char)c)]);
    private readonly Encoding? strict = encoding.Name == "utf-8" ? null : TextEncodings.Strict(encoding.Name);
    private readonly byte[] raw = new byte[BufferLength];
    private byte[] text = [];
    private char[] chars = [];
    private Decoder? decoder;
    private int next;
    private int end;
    private long lineFeeds;
    private long returns;
    private bool ended;

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

    /// <summary>Drops whole lines, with any line end and any content.</summary>
    public async Task SkipLinesAsync(int lines, CancellationToken cancellationToken)
    {
        while (lines > 0 && await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            var end = text.AsSpan(next, this.end - next).IndexOfAny((byte)'\r', (byte)'\n');
            if (end < 0)
            {
                next = this.end;
                continue;
            }

            var carriageReturn = text[next + end] == '\r';
            next += end + 1;
            if (carriageReturn && await FillAsync(cancellationToken).ConfigureAwait(false) && text[next] == '\n')
            {
                next++;
            }

            lines--;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (strict is null && next == end)
        {
            return await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }

        if (!await FillAsync(cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, end - next);
        text.AsSpan(next, count).CopyTo(buffer.Span);
        next += count;
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
        while (next == end && !ended)
        {
            var read = await content.ReadAsync(raw, cancellationToken).ConfigureAwait(false);
            ended = read == 0;
            next = 0;
            if (strict is null)
            {
                (text, end) = (raw, read);
            }
            else
            {
                Transcode(strict, raw.AsSpan(0, read));
            }
        }

        return next < end;
    }

    private void Transcode(Encoding strict, ReadOnlySpan<byte> bytes)
    {
        if (decoder is null)
        {
            decoder = strict.GetDecoder();
            chars = new char[strict.GetMaxCharCount(BufferLength)];
            this.text = new byte[Encoding.UTF8.GetMaxByteCount(chars.Length)];
        }

        int count;
        try
        {
            count = decoder.GetChars(bytes, chars, flush: ended);
        }
        catch (DecoderFallbackException) when (bytes.IsEmpty)
        {
            // The text ends within a character. A byte that is not UTF-8 replaces it, so that its row is rejected.
            IsCut = true;
            this.text[0] = 0xFF;
            end = 1;
            return;
        }
        catch (DecoderFallbackException e)
        {
            throw Undecodable(bytes, e);
        }

        ReadOnlySpan<char> text = chars.AsSpan(0, count);
        if (Suspect(text) is >= 0 and var at)
        {
            throw Suspicious(text, at);
        }

        lineFeeds += text.Count('\n');
        returns += text.Count('\r');
        end = Encoding.UTF8.GetBytes(text, this.text);
    }

    /// <summary>Where decoding gave U+FFFD or a C1 control: the marks of a wrong encoding. Declared UTF-16 is believed.</summary>
    private int Suspect(ReadOnlySpan<char> text)
    {
        if (encoding.IsUnicode && encoding.Declared)
        {
            return -1;
        }

        var control = encoding.IsUnicode ? text.IndexOfAny(Controls) : text.IndexOfAnyInRange('\u0080', '\u009F');
        var replacement = text.IndexOf('\uFFFD');
        return control < 0 ? replacement : replacement < 0 ? control : Math.Min(control, replacement);
    }

    private UploadException Undecodable(ReadOnlySpan<byte> bytes, Exception inner)
    {
        var text = TextEncodings.Lenient(encoding.Name).GetString(bytes);
        var (line, column) = Place(text, Math.Max(0, text.IndexOf('\uFFFD', StringComparison.Ordinal)));
        return new UploadException(
            "encoding_mismatch",
            $"Line {line}, character {column}: the bytes mean nothing in {encoding.Name}. "
            + "Give the encoding the file was saved in with --encoding, or save it as UTF-8.",
            inner);
    }

    private UploadException Suspicious(ReadOnlySpan<char> text, int at)
    {
        var (line, column) = Place(text, at);
        var found = "U+" + ((int)text[at]).ToString("X4", CultureInfo.InvariantCulture);
        var mend = encoding.IsUnicode
            ? $"The text was damaged before it was saved; give --encoding {encoding.Name} to take it as it is."
            : $"The file is probably not {encoding.Name}; "
                + $"give the encoding it was saved in with --encoding{(encoding.Name == "iso-8859-1" ? " (windows-1252 is likely)" : "")}.";
        return new UploadException(
            "encoding_uncertain",
            $"Line {line}, character {column}: decoding gives {found}, "
            + $"which no text holds. {mend}");
    }

    private (long Line, int Column) Place(ReadOnlySpan<char> text, int at)
    {
        var before = text[..at];
        var line = 1 + Math.Max(lineFeeds + before.Count('\n'), returns + before.Count('\r'));
        return (line, at - before.LastIndexOfAny('\r', '\n'));
    }
}
