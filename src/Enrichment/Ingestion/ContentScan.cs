using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Enrichment.Ingestion;

/// <summary>What one pass over all bytes of an upload tells: size, SHA-256, whether every byte of it is UTF-8, and its beginning.</summary>
/// <remarks>
/// The hash needs this pass anyway; with it an invalid byte at the end of a long file is known before a row is staged, and the same content
/// is known again before any work is done.
/// </remarks>
internal sealed class ContentScan
{
    private const int HeadLength = 64 * 1024;
    private const int BufferLength = 256 * 1024;
    private const byte NextLine = 0x85; // U+0085 ends lines on some systems: the one C1 control that text holds.
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] head = [];

    public long Size { get; private set; }

    public byte[] Sha256 { get; private set; } = [];

    public bool IsUtf8 { get; private set; } = true;

    /// <summary>Whether all is UTF-8 but for the first bytes of a character at the very end: the file was cut.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether a character beyond ASCII comes before the first bytes that are not UTF-8.</summary>
    public bool HasUtf8Characters { get; private set; }

    /// <summary>The place of the first bytes that are not UTF-8.</summary>
    public long InvalidByte { get; private set; }

    public long InvalidLine { get; private set; } = 1;

    /// <summary>
    /// Whether an escape sequence of ISO-2022 (the seven-bit encodings of Japanese mail) occurs: ASCII to every check, but not in meaning.
    /// </summary>
    public bool HasShiftSequence { get; private set; }

    /// <summary>The first U+FFFD or C1 control in valid UTF-8: signs that the text was damaged before it was saved.</summary>
    public (string CodePoint, long Line)? Damage { get; private set; }

    public ReadOnlySpan<byte> Head => head;

    /// <summary>Reads the content to its end, and copies it to <paramref name="copy"/> where one is given.</summary>
    public static async Task<ContentScan> OfAsync(Stream content, Stream? copy, CancellationToken cancellationToken)
    {
        var scan = new ContentScan();
        using (scan.hash)
        {
            var buffer = new byte[BufferLength];
            var pending = 0; // Bytes of a character that the last read cut in two.
            while (true)
            {
                var read = await content.ReadAsync(buffer.AsMemory(pending), cancellationToken).ConfigureAwait(false);
                if (copy is not null)
                {
                    await copy.WriteAsync(buffer.AsMemory(pending, read), cancellationToken).ConfigureAwait(false);
                }

                scan.hash.AppendData(buffer, pending, read);
                if (scan.head.Length < HeadLength)
                {
                    scan.head = [.. scan.head, .. buffer.AsSpan(pending, Math.Min(read, HeadLength - scan.head.Length))];
                }

                scan.Size += read;
                pending = scan.Check(buffer, pending + read, last: read == 0);
                if (read == 0)
                {
                    break;
                }
            }

            scan.Sha256 = scan.hash.GetHashAndReset();
        }

        return scan;
    }

    private int Check(byte[] buffer, int length, bool last)
    {
        ReadOnlySpan<byte> bytes = buffer.AsSpan(0, length);
        HasShiftSequence |= bytes.IndexOf("\u001B$"u8) >= 0 || bytes.IndexOf("\u001B("u8) >= 0;
        if (!IsUtf8)
        {
            return 0;
        }

        var cut = last ? 0 : CutCharacter(bytes);
        var whole = bytes[..(length - cut)];
        if (Utf8.IsValid(whole))
        {
            Damage ??= FindDamage(whole);
            HasUtf8Characters = HasUtf8Characters || !Ascii.IsValid(whole);
            InvalidLine += whole.Count((byte)'\n');
            bytes[whole.Length..].CopyTo(buffer);
            return cut;
        }

        IsUtf8 = false;
        var at = FirstInvalid(whole);
        HasUtf8Characters = HasUtf8Characters || !Ascii.IsValid(whole[..at]);
        IsCut = last && Rune.DecodeFromUtf8(whole[at..], out _, out _) == OperationStatus.NeedMoreData;
        InvalidByte = Size - length + at;
        InvalidLine += whole[..at].Count((byte)'\n');
        return 0;
    }

    private (string CodePoint, long Line)? FindDamage(ReadOnlySpan<byte> text)
    {
        var replacement = text.IndexOf("\uFFFD"u8);
        var control = -1;
        for (var at = 0; text[at..].IndexOf((byte)0xC2) is >= 0 and var found && control < 0; at += found + 2)
        {
            control = text[at + found + 1] is < 0xA0 and not NextLine ? at + found : -1;
        }

        if (replacement < 0 && control < 0)
        {
            return null;
        }

        return control >= 0 && (replacement < 0 || control < replacement)
            ? ($"U+00{text[control + 1]:X2}", InvalidLine + text[..control].Count((byte)'\n'))
            : ("U+FFFD", InvalidLine + text[..replacement].Count((byte)'\n'));
    }

    /// <summary>How many bytes at the end begin a character that is not complete.</summary>
    private static int CutCharacter(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var b = bytes[^back];
            if (b < 0x80)
            {
                return 0;
            }

            if (b >= 0xC0)
            {
                return back < (b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2) ? back : 0;
            }
        }

        return 0;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }

        return at;
    }
}
