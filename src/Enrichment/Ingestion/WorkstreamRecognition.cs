namespace Enrichment.Ingestion;

/// <summary>Tells by its headers which kind of list a file is.</summary>
internal static class WorkstreamRecognition
{
    private const int HeadBytes = 64 * 1024;

    /// <summary>The workstream that maps most columns of the file's head and finds what it requires; of equals the one with the fewest fields, which says most about them.</summary>
    /// <param name="content">Can seek; stands afterwards where it stood before.</param>
    /// <param name="options">As for the upload.</param>
    /// <param name="among">The candidates in order.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see cref="Workstream.Any"/> where none fits.</returns>
    public static async Task<Workstream> RecognizeAsync(Stream content, UploadOptions options, IEnumerable<Workstream> among, CancellationToken cancellationToken)
    {
        var head = await HeadAsync(content, cancellationToken).ConfigureAwait(false);
        var best = (Workstream: Workstream.Any, Mapped: 0);
        foreach (var candidate in among.OrderBy(candidate => candidate.HeaderMap.Fields.Length))
        {
            var mapped = await MappedAsync(head, options, candidate, cancellationToken).ConfigureAwait(false);
            if (mapped > best.Mapped)
            {
                best = (candidate, mapped);
            }
        }

        return best.Workstream;
    }

    private static async Task<byte[]> HeadAsync(Stream content, CancellationToken cancellationToken)
    {
        var origin = content.Position;
        var head = new byte[HeadBytes];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        content.Position = origin;

        // Whole lines only: half a character at the end would make the encoding look wrong.
        var end = length < head.Length ? length : head.AsSpan().LastIndexOf((byte)'\n') + 1;
        return head[..(end == 0 ? length : end + (end < length && head[end] == 0 ? 1 : 0))]; // UTF-16, low byte first, ends its lines with 0A 00.
    }

    private static async Task<int> MappedAsync(byte[] head, UploadOptions options, Workstream candidate, CancellationToken cancellationToken)
    {
        try
        {
            await using var intake = await Intake.OpenAsync(new MemoryStream(head), candidate, options, cancellationToken).ConfigureAwait(false);
            await foreach (var rows in intake.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // The report is complete once all rows are read.
            }

            var mapped = intake.HeaderMap;
            var map = candidate.HeaderMap;
            return map.Required.All(mapped.ContainsKey) && map.AnyOf.All(group => group.Any(mapped.ContainsKey)) ? mapped.Values.Sum(columns => columns.Count) : 0;
        }
        catch (UploadException)
        {
            return 0; // The upload itself meets the same trouble, and says what it is.
        }
    }
}
