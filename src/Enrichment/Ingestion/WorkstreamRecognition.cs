namespace Enrichment.Ingestion;

/// <summary>Tells by its headers which kind of list a file is.</summary>
internal static class WorkstreamRecognition
{
    private const int HeadBytes = 64 * 1024;

    // One header may be in a list by chance.
    private const int Marks = 2;

    /// <summary>
    /// The workstream of whose own headers the file has most: those by which it is recognised, and those that only it maps. Of equals the
    /// one that
    /// requires most of what the file has. It is a guess, so what it requires rejects no row.
    /// </summary>
    /// <param name="content">Can seek; its position is then what it was before.</param>
    /// <param name="options">As for the upload.</param>
    /// <param name="among">The candidates; of equals the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns><see cref="Workstream.Any"/> where none fits.</returns>
    public static async Task<Workstream> RecognizeAsync(
        Stream content,
        UploadOptions options,
        IEnumerable<Workstream> among,
        CancellationToken cancellationToken)
    {
        var head = await HeadAsync(content, cancellationToken).ConfigureAwait(false);
        var plain = await ColumnsAsync(head, options, Workstream.Any, cancellationToken).ConfigureAwait(false);
        var best = (Workstream: Workstream.Any, Score: (Own: 0, Rules: 0));
        foreach (var candidate in among)
        {
            if (await ColumnsAsync(head, options, candidate.WithoutRules(), cancellationToken).ConfigureAwait(false) is { } columns
                && Score(candidate, columns, plain) is { } score && score.CompareTo(best.Score) > 0)
            {
                best = (candidate, score);
            }
        }

        return best.Workstream.WithoutRules();
    }

    /// <summary>How much speaks for a workstream; null if it cannot be.</summary>
    private static (int Own, int Rules)? Score(Workstream candidate, UploadColumns columns, UploadColumns? plain)
    {
        var fields = columns.Binding.Fields.ToDictionary(field => field.Field, field => field.Columns);
        var map = candidate.HeaderMap;
        if (!map.Required.All(fields.ContainsKey) || !map.AnyOf.All(group => group.Any(fields.ContainsKey)))
        {
            return null;
        }

        var headers = columns.Headers.Select(HeaderName.Normalize).ToHashSet(StringComparer.Ordinal);
        var marks = candidate.RecognizedBy.Select(HeaderName.Normalize).Distinct().Count(headers.Contains);
        if (marks < Math.Min(Marks, candidate.RecognizedBy.Length))
        {
            return null;
        }

        var common = plain?.Binding.Fields.ToDictionary(field => field.Field, field => field.Columns) ?? [];
        var own = fields.Sum(field => field.Value.Except(common.GetValueOrDefault(field.Key) ?? []).Count());
        return (marks + own, map.Required.Length + map.AnyOf.Length);
    }

    private static async Task<byte[]> HeadAsync(Stream content, CancellationToken cancellationToken)
    {
        var origin = content.Position;
        var head = new byte[HeadBytes];
        var length = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        content.Position = origin;

        // Whole lines only: half a character at the end would make the encoding look wrong.
        var end = length < head.Length ? length : head.AsSpan().LastIndexOf((byte)'\n') + 1;
        // UTF-16, low byte first, ends its lines with 0A 00.
        return head[..(end == 0 ? length : end + (end < length && head[end] == 0 ? 1 : 0))];
    }

    private static async Task<UploadColumns?> ColumnsAsync(
        byte[] head,
        UploadOptions options,
        Workstream candidate,
        CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await UploadReader.OpenAsync(new MemoryStream(head), candidate, options, [], cancellationToken)
                .ConfigureAwait(false);
            return reader.Beginning;
        }
        catch (UploadException)
        {
            return null; // The upload itself meets the same trouble, and says what it is.
        }
    }
}
