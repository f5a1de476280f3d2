using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Enrichment.Consolidation;
using Enrichment.Ingestion;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment;

/// <content>The rows of uploads, accepted and rejected.</content>
public sealed partial class EnrichmentClient
{
    private static readonly string[] RejectedColumns =
        ["enrichment.row", "enrichment.line", HeaderBinding.RejectionColumn, "enrichment.reason", "enrichment.text"];

    /// <summary>
    /// The rows of an upload, accepted and rejected ones, ascending. The stream holds one block of rows in memory.
    /// </summary>
    /// <param name="upload">The upload's id.</param>
    /// <param name="after">Only the rows after this number; 0 for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">
    /// This client has no such upload, or its rows were pruned, or the upload was deleted while they were read.
    /// </exception>
    public async IAsyncEnumerable<UploadRow> ReadUploadRowsAsync(
        Guid upload,
        int after = 0,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = await FindRowsAsync(upload, cancellationToken).ConfigureAwait(false);
        var (cells, shape) = (new RowCells(found), new RecordShape(found.Columns, found.HeaderMap, []));
        var from = Math.Max(after, 0);
        await using var rejects = store.ReadRejectsAsync(found, from, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var isReject = await rejects.MoveNextAsync().ConfigureAwait(false);
        await foreach (var row in store.ReadRowsAsync(found, from, cancellationToken).ConfigureAwait(false))
        {
            while (isReject && rejects.Current.Row < row.Row)
            {
                yield return Rejected(rejects.Current);
                isReject = await rejects.MoveNextAsync().ConfigureAwait(false);
            }

            yield return new(row.Row, cells.Of(row.Raw.Span), FieldsOf(row, found, shape), null);
        }

        while (isReject)
        {
            yield return Rejected(rejects.Current);
            isReject = await rejects.MoveNextAsync().ConfigureAwait(false);
        }

        // Deleting waits for no reader: what was read meanwhile may lack rows.
        await FindRowsAsync(upload, cancellationToken).ConfigureAwait(false);

        UploadRow Rejected(StagedReject reject)
        {
            var rejection = Rejection(reject);
            return new(reject.Row, cells.Of(rejection).Cells, new Dictionary<string, string>(), rejection);
        }
    }

    /// <summary>
    /// All rejected rows of an upload, ascending by row. Its report lists only the first of them. The stream holds one block of rows in
    /// memory.
    /// </summary>
    /// <param name="upload">The upload's id.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">
    /// This client has no such upload, or its rows were pruned, or the upload was deleted while they were read.
    /// </exception>
    public async IAsyncEnumerable<RejectedRow> ReadRejectedRowsAsync(
        Guid upload,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = await FindRowsAsync(upload, cancellationToken).ConfigureAwait(false);
        await foreach (var reject in store.ReadRejectsAsync(found, after: 0, cancellationToken).ConfigureAwait(false))
        {
            yield return Rejection(reject);
        }

        await FindRowsAsync(upload, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes the rejected rows of an upload as CSV that can be mended and uploaded: <c>enrichment.row</c>, <c>enrichment.line</c>,
    /// <c>enrichment.code</c>, <c>enrichment.reason</c>, <c>enrichment.text</c>, then the columns of the upload. Streams.
    /// </summary>
    /// <remarks>
    /// An upload rejects a row that still has a value under <c>enrichment.code</c>: who has mended a row empties that cell.
    /// <c>enrichment.text</c> is the row as it was in the file, if its cells do not say it all: a broken quote, bytes that are no text.
    /// </remarks>
    /// <param name="upload">The upload's id.</param>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="format">Null: <see cref="CsvFormat.Default"/>. One that is <see cref="CsvFormat.Raw"/> changes no cell.</param>
    /// <param name="cancellationToken">Ends the export; written rows stay written.</param>
    /// <returns>How many rows were written, the header not counted.</returns>
    /// <exception cref="EnrichmentException">
    /// This client has no such upload, or its rows were pruned.
    /// </exception>
    public async Task<long> ExportRejectedRowsAsync(
        Guid upload,
        Stream output,
        CsvFormat? format = null,
        CancellationToken cancellationToken = default)
    {
        format ??= CsvFormat.Default;
        var found = await FindRowsAsync(upload, cancellationToken).ConfigureAwait(false);
        var cells = new RowCells(found);
        await using var csv = await format.BeginAsync(output, isRagged: true, cancellationToken).ConfigureAwait(false);
        await WriteAsync(
        [
            .. RejectedColumns,
            .. found.Columns.Select((header, index) => string.IsNullOrWhiteSpace(header) ? $"column {index + 1}" : format.Text(header)),
        ]).ConfigureAwait(false);
        var written = 0L;
        await foreach (var row in ReadRejectedRowsAsync(upload, cancellationToken).ConfigureAwait(false))
        {
            var (split, isWhole) = cells.Of(row);
            await WriteAsync(
            [
                row.Row.ToString(CultureInfo.InvariantCulture),
                row.Line.ToString(CultureInfo.InvariantCulture),
                row.Code,
                row.Reason,
                isWhole ? null : format.Text(Encoding.UTF8.GetString(row.Raw.Span)),
                .. split.Select(format.Text),
            ]).ConfigureAwait(false);
            written++;
        }

        await csv.FlushAsync(cancellationToken).ConfigureAwait(false);
        return written;

        ValueTask WriteAsync(IReadOnlyList<string?> line)
        {
            foreach (var cell in line)
            {
                csv.WriteField(cell);
            }

            return csv.EndRecordAsync(cancellationToken);
        }
    }

    private static RejectedRow Rejection(StagedReject reject) => new(reject.Row, reject.Line, reject.Code, reject.Reason, reject.Raw);

    private static Dictionary<string, string> FieldsOf(StagedRow row, Upload upload, RecordShape shape)
    {
        var record = new ItemRecord(shape, row.Raw, []);
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in upload.HeaderMap.Keys)
        {
            if (record.Text(field) is { } value)
            {
                fields.Add(field, value);
            }
        }

        return fields;
    }

    private async Task<Upload> FindRowsAsync(Guid id, CancellationToken cancellationToken)
    {
        var upload = await GetUploadAsync(id, cancellationToken).ConfigureAwait(false);
        return upload.PrunedAt is not { } pruned ? upload : throw new EnrichmentException(
            string.Create(
                CultureInfo.InvariantCulture,
                $"The rows of upload {id} were pruned on {pruned.UtcDateTime:yyyy-MM-dd}. Upload the file again to see them."));
    }
}
