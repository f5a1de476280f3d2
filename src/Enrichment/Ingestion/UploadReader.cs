using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Enrichment.Ingestion.Fields;

namespace Enrichment.Ingestion;

/// <summary>One upload on its way in: from a stream of bytes to batches of rows to stage, and a report. Knows no store.</summary>
/// <remarks>
/// Opening reads the content once, for its hash, its encoding and its first records; <see cref="ReadAsync"/> reads it again, row by row, in
/// memory that
/// depends on the limits alone. A stream that cannot seek is kept in a temporary file between the two.
/// </remarks>
internal sealed class UploadReader : IAsyncDisposable
{
    private const int SampleBytes = 64 * 1024;
    private readonly UploadContent source;
    private readonly Stream content;
    private readonly Workstream workstream;
    private readonly UploadOptions options;
    private readonly ContentScan scan;
    private readonly UploadTally tally;
    private readonly GivenColumns given;
    private readonly ColumnBinder binder;
    private UploadColumns columns = UploadColumns.None;
    private bool read;

    private UploadReader(
        UploadContent source,
        Workstream workstream,
        UploadOptions options,
        ContentScan scan,
        Dialect dialect,
        ListSample sample,
        GivenColumns given)
    {
        this.source = source;
        content = source.Content;
        this.workstream = workstream;
        this.options = options;
        this.scan = scan;
        tally = new UploadTally(options.MaxListedRejections);
        Dialect = dialect;
        this.given = given;
        given.Choose(workstream.Name, sample.Headers);
        binder = new ColumnBinder(workstream.HeaderMap, sample, given);
        Beginning = binder.BindSample();
        Fingerprint = FingerprintOf(scan, dialect, workstream, Beginning, given);
    }

    public Dialect Dialect { get; }

    public long SizeBytes => scan.Size;

    public ReadOnlyMemory<byte> Sha256 => scan.Sha256;

    /// <summary>The columns that the content's beginning shows: all of them, except of JSON lines.</summary>
    public UploadColumns Beginning { get; }

    /// <summary>
    /// SHA-256 over the content's hash, the dialect, the workstream's name, version, headers and rules, and the fields of the columns:
    /// equal fingerprints give equal rows.
    /// </summary>
    public ReadOnlyMemory<byte> Fingerprint { get; }

    /// <summary>The headers by position, as far as columns are known; complete once all batches are read.</summary>
    public IReadOnlyList<string> Columns => columns.Headers;

    /// <summary>For each mapped field the positions of its columns from 0, best first; complete once all batches are read.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> HeaderMap =>
        columns.Binding.Fields.ToDictionary(f => f.Field, IReadOnlyList<int> (f) => f.Columns);

    /// <summary>Complete once all batches are read.</summary>
    public UploadReport Report => UploadReportBuilder.Build(options, workstream, scan, Dialect, columns, given, tally);

    /// <summary>Which columns people have mapped themselves.</summary>
    public GivenColumns Given => given;

    /// <summary>The content is read from its current position, and left open.</summary>
    /// <exception cref="UploadException">The content cannot be read as a whole.</exception>
    public static async Task<UploadReader> OpenAsync(
        Stream content,
        Workstream workstream,
        UploadOptions options,
        IReadOnlyList<ColumnMapping> mappings,
        CancellationToken cancellationToken)
    {
        if (content.CanSeek)
        {
            return await OpenAsync(content, content, null, workstream, options, mappings, cancellationToken).ConfigureAwait(false);
        }

        var spool = Spool.Create();
        return await OpenAsync(spool, content, spool, workstream, options, mappings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records are serialised with System.Text.Json and read as JSON lines: a property is a column.</summary>
    public static async Task<UploadReader> OpenAsync<T>(
        IAsyncEnumerable<T> records, JsonSerializerOptions? json, Workstream workstream,
        UploadOptions options, IReadOnlyList<ColumnMapping> mappings, CancellationToken cancellationToken)
    {
        var spool = await Spool.OfAsync(records, json, cancellationToken).ConfigureAwait(false);
        var lines = options with { Format = UploadFormat.JsonLines, Encoding = null };
        return await OpenAsync(spool, spool, spool, workstream, lines, mappings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The rows in order, accepted and rejected. Each batch is valid until the one after the next is read. They may be read once.
    /// </summary>
    /// <exception cref="UploadException">A place deep in the content makes it unreadable; its staged rows must be dropped.</exception>
    public async IAsyncEnumerable<RowBatch> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (read)
        {
            throw new InvalidOperationException("An intake is read once.");
        }

        read = true;
        Rewind();
        if (Dialect.Format == UploadFormat.JsonLines)
        {
            var rows = new JsonLineRows(content, binder, tally);
            await foreach (var batch in rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                columns = rows.Columns;
                yield return batch;
            }

            columns = rows.Columns;
        }
        else
        {
            using var text = new TextSource(content, Dialect.Encoding);
            var rows = new DelimitedRows(text, Dialect, binder, tally, scan.IsUtf8 || Dialect.Encoding.Name != "utf-8");
            await foreach (var batch in rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                columns = rows.Columns;
                yield return batch;
            }

            columns = rows.Columns;
        }

        if (content.Position - source.Origin != scan.Size)
        {
            throw new UploadException(
                "source_changed",
                $"The content had {scan.Size} bytes when it was opened and {content.Position - source.Origin} when it was read: "
                + "it was changed meanwhile. Upload it again.");
        }
    }

    public ValueTask DisposeAsync() => source.IsOwned ? content.DisposeAsync() : ValueTask.CompletedTask;

    private static async Task<UploadReader> OpenAsync(
        Stream content,
        Stream source,
        FileStream? spool,
        Workstream workstream,
        UploadOptions options,
        IReadOnlyList<ColumnMapping> mappings,
        CancellationToken cancellationToken)
    {
        try
        {
            var origin = content.Position;
            var scan = await ContentScan.OfAsync(source, ReferenceEquals(content, source) ? null : content, cancellationToken)
                .ConfigureAwait(false);
            if (scan.Size == 0)
            {
                throw new UploadException("empty", "The file is empty: it has 0 bytes.");
            }

            ContentKind.RequireText(scan.Head);
            content.Position = origin;
            var encoding = await EncodingDetector.DetectAsync(scan, content, options.Encoding, cancellationToken).ConfigureAwait(false);
            content.Position = origin + encoding.MarkLength;
            var dialect = await DialectAsync(content, scan, encoding, workstream, options, cancellationToken).ConfigureAwait(false);
            content.Position = origin + encoding.MarkLength;
            var sample = await SampleAsync(content, scan, dialect, cancellationToken).ConfigureAwait(false);
            var given = new GivenColumns(options.Columns, mappings);
            return new UploadReader(new(content, origin, spool is not null), workstream, options, scan, dialect, sample, given);
        }
        catch when (spool is not null)
        {
            await spool.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<Dialect> DialectAsync(
        Stream content, ContentScan scan, DetectedEncoding encoding, Workstream workstream,
        UploadOptions options, CancellationToken cancellationToken)
    {
        if (FormatOf(scan, encoding, options) == UploadFormat.JsonLines)
        {
            return encoding.Name == "utf-8"
                ? new Dialect(UploadFormat.JsonLines, encoding, null, 1, 0, HasHeader: false)
                : throw new UploadException(
                    "format_mismatch",
                    $"JSON lines are UTF-8, but the file is {encoding.Name}. "
                    + "Save it as UTF-8, or give the format if it is not JSON.");
        }

        if (options.Delimiter is '"' or '\r' or '\n' or '\0')
        {
            throw new UploadException("delimiter_invalid", "A quote, a line end or NUL cannot separate cells.");
        }

        using var text = new TextSource(content, encoding);
        await text.SkipLinesAsync(options.PreambleLines ?? 0, cancellationToken).ConfigureAwait(false);
        var sample = new byte[SampleBytes];
        var length = await text.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (options is { PreambleLines: null, Format: UploadFormat.Detect })
        {
            ContentKind.RequireRecords(sample.AsSpan(0, length));
        }

        var seekPreamble = options.PreambleLines is null && options.HasHeader;
        var found = DelimiterSniffer.Sniff(
            sample[..length], length < sample.Length, options.Delimiter, workstream.HeaderMap.Knows(), seekPreamble);
        return new Dialect(
            UploadFormat.Delimited, encoding, options.Delimiter ?? found.Delimiter, found.Confidence,
            options.PreambleLines ?? found.PreambleLines, options.HasHeader);
    }

    /// <summary>The first rows, read as all rows are.</summary>
    private static async Task<ListSample> SampleAsync(
        Stream content,
        ContentScan scan,
        Dialect dialect,
        CancellationToken cancellationToken)
    {
        var tally = new UploadTally(0);
        try
        {
            if (dialect.Format == UploadFormat.JsonLines)
            {
                var lines = new JsonLineRows(content, ColumnBinder.Plain(), tally);
                return await FirstAsync(lines.ReadAsync(cancellationToken), () => lines.Columns).ConfigureAwait(false);
            }

            using var text = new TextSource(content, dialect.Encoding);
            var rows = new DelimitedRows(
                text, dialect, ColumnBinder.Plain(), tally, isUtf8: scan.IsUtf8 || dialect.Encoding.Name != "utf-8");
            return await FirstAsync(rows.ReadAsync(cancellationToken), () => rows.Columns).ConfigureAwait(false);
        }
        catch (UploadException)
        {
            return ListSample.None; // The reading of all rows meets the same trouble, and says what it is.
        }
    }

    private static async Task<ListSample> FirstAsync(IAsyncEnumerable<RowBatch> batches, Func<UploadColumns> columns)
    {
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            return ListSample.Of(columns().Headers, batch.Accepted.Select(row => row.Raw));
        }

        return ListSample.Of(columns().Headers, []);
    }

    private static UploadFormat FormatOf(ContentScan scan, DetectedEncoding encoding, UploadOptions options)
    {
        if (options.Format != UploadFormat.Detect)
        {
            return options.Format;
        }

        var extension = Path.GetExtension(options.FileName);
        if (extension.Equals(".jsonl", StringComparison.OrdinalIgnoreCase)
            || extension.Equals(".ndjson", StringComparison.OrdinalIgnoreCase))
        {
            return UploadFormat.JsonLines;
        }

        return ContentKind.IsJsonLines(scan.Head[encoding.MarkLength..]) ? UploadFormat.JsonLines : UploadFormat.Delimited;
    }

    private void Rewind() => content.Position = source.Origin + Dialect.Encoding.MarkLength;

    private static byte[] FingerprintOf(
        ContentScan scan, Dialect dialect, Workstream workstream, UploadColumns beginning, GivenColumns given)
    {
        var mapped = string.Concat(given.Fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"\n{f.Key}={f.Value}"));
        var fields = string.Join(';', beginning.Binding.Fields.Select(f => $"{f.Field}={string.Join(',', f.Columns)}"));
        var parts = string.Create(
            CultureInfo.InvariantCulture,
            $"{Convert.ToHexStringLower(scan.Sha256)}\n{dialect.Format}\n{dialect.Encoding.Name}\n{(int?)dialect.Delimiter}\n"
            + $"{dialect.PreambleLines}\n{dialect.HasHeader}\n{workstream.Name}\n{workstream.Version}\n"
            + $"{WorkstreamJson.MapText(workstream.HeaderMap)}\n{fields}{mapped}");
        return SHA256.HashData(Encoding.UTF8.GetBytes(parts));
    }
}

/// <summary>The content of an upload.</summary>
/// <param name="Content">The stream.</param>
/// <param name="Origin">Where the content begins in it.</param>
/// <param name="IsOwned">Whether the stream ends with the reader.</param>
internal readonly record struct UploadContent(Stream Content, long Origin, bool IsOwned);
