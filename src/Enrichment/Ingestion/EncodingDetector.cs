namespace Enrichment.Ingestion;

/// <summary>
/// Decides how an upload's bytes become text: by declaration, mark, proof or strong evidence, in this order; otherwise the user has to
/// declare it.
/// </summary>
internal static class EncodingDetector
{
    /// <summary>The share of zero bytes, all on one side of the pairs, from which unmarked bytes are UTF-16.</summary>
    private const double Utf16Threshold = 0.5;

    public static async Task<DetectedEncoding> DetectAsync(
        ContentScan scan,
        Stream content,
        string? declared,
        CancellationToken cancellationToken)
    {
        var marked = Marked(scan.Head);
        if (declared is not null)
        {
            return Declared(scan, TextEncodings.Canonical(declared), marked);
        }

        if (marked is not null)
        {
            return marked.Name == "utf-8" ? Undamaged(scan, marked) : marked;
        }

        if (scan.HasShiftSequence)
        {
            throw new UploadException(
                "encoding_uncertain",
                "The file holds escape sequences as ISO-2022 (Japanese mail) uses them. "
                + "Convert it to UTF-8, or give --encoding utf-8 to take it as it is.");
        }

        if (Utf16(scan.Head) is { } utf16)
        {
            return utf16;
        }

        return scan.IsUtf8 || (scan.IsCut && scan.HasUtf8Characters)
            ? Undamaged(scan, new DetectedEncoding("utf-8", 1, false, 0))
            : await LegacyAsync(scan, content, cancellationToken).ConfigureAwait(false);
    }

    private static DetectedEncoding? Marked(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] =>
            throw new UploadException("encoding_unknown", "The file is UTF-32, which is not read here. Save it as UTF-8."),
        [0xEF, 0xBB, 0xBF, ..] => new DetectedEncoding("utf-8", 1, false, 3),
        [0xFF, 0xFE, ..] => new DetectedEncoding("utf-16le", 1, false, 2),
        [0xFE, 0xFF, ..] => new DetectedEncoding("utf-16be", 1, false, 2),
        _ => null,
    };

    private static DetectedEncoding Declared(ContentScan scan, string name, DetectedEncoding? marked)
    {
        if (marked is not null && marked.Name != name)
        {
            throw new UploadException(
                "encoding_mismatch",
                $"The file begins with the byte order mark of {marked.Name}, but {name} was given. "
                + $"Leave the encoding out, or give {marked.Name}.");
        }

        return new DetectedEncoding(name, 1, true, marked?.MarkLength ?? 0);
    }

    /// <summary>Text without a mark in which every other byte is zero, as Latin text in UTF-16 has it.</summary>
    private static DetectedEncoding? Utf16(ReadOnlySpan<byte> head)
    {
        var pairs = head.Length / 2;
        Span<int> zeros = stackalloc int[2];
        zeros.Clear();
        for (var i = 0; i < pairs * 2; i++)
        {
            zeros[i & 1] += head[i] == 0 ? 1 : 0;
        }

        var low = pairs == 0 ? 0 : (double)zeros[1] / pairs;
        var high = pairs == 0 ? 0 : (double)zeros[0] / pairs;
        if ((low >= Utf16Threshold && high < 0.05) || (low > 0 && high == 0 && HasLineEnd(head, low: true)))
        {
            return new DetectedEncoding("utf-16le", Math.Round(low, 2), false, 0);
        }

        return (high >= Utf16Threshold && low < 0.05) || (high > 0 && low == 0 && HasLineEnd(head, low: false))
            ? new DetectedEncoding("utf-16be", Math.Round(high, 2), false, 0)
            : null;
    }

    /// <summary>
    /// Whether each line feed is a pair of bytes with a zero, as in UTF-16: what tells scripts whose letters have no zero byte.
    /// </summary>
    private static bool HasLineEnd(ReadOnlySpan<byte> head, bool low)
    {
        var feeds = 0;
        for (var i = low ? 0 : 1; i + 1 < head.Length + (low ? 0 : 1); i += 2)
        {
            var zero = low ? i + 1 : i - 1;
            if (head[i] is (byte)'\n' or (byte)'\r')
            {
                if (head[zero] != 0)
                {
                    return false;
                }

                feeds++;
            }
        }

        return feeds > 0;
    }

    private static async Task<DetectedEncoding> LegacyAsync(ContentScan scan, Stream content, CancellationToken cancellationToken)
    {
        var western = new WesternEvidence();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            western.Add(buffer.AsSpan(0, read));
        }

        western.Complete();
        var confidence = Math.Round(western.Confidence, 2);
        if (confidence >= WesternEvidence.Threshold)
        {
            return new DetectedEncoding("windows-1252", confidence, false, 0);
        }

        if (scan.IsCut)
        {
            return new DetectedEncoding("utf-8", 1, false, 0);
        }

        var place = $"line {scan.InvalidLine} (byte {scan.InvalidByte} of the file)";
        throw new UploadException("encoding_uncertain", scan.HasUtf8Characters
            ? $"The file is UTF-8 up to {place}, and the bytes there are not. "
                + "Give --encoding utf-8 to reject only the rows with such bytes, or correct them."
            : $"The bytes on {place} are not UTF-8, and do not look like windows-1252 either. "
                + $"Give the file's encoding with --encoding; known: {string.Join(", ", TextEncodings.Tested)}.");
    }

    private static DetectedEncoding Undamaged(ContentScan scan, DetectedEncoding encoding) => scan.Damage is not { } damage
        ? encoding
        : throw new UploadException(
            "encoding_uncertain",
            $"Line {damage.Line} holds {damage.CodePoint}, which no text holds: it was damaged before it was saved as UTF-8. "
            + "Export it again, or give --encoding utf-8 to take it as it is.");
}
