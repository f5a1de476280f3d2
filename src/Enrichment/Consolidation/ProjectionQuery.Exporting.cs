using System.Security.Cryptography;
using Enrichment.Consolidation.Querying;
using Enrichment.Ingestion;

namespace Enrichment.Consolidation;

/// <content>Exports of all rows of a query.</content>
public sealed partial class ProjectionQuery
{
    private const int BytesAtOnce = 64 * 1024;

    /// <summary>
    /// Exports all rows of the query in its order, as they are at one moment, and records who took them, see
    /// <see cref="EnrichmentClient.ListExportsAsync"/>.
    /// </summary>
    /// <remarks>
    /// The rows are written into a temporary file first, which only this process can read and which is gone with the call. So a slow
    /// reader of the output holds no connection, a failed export hands nothing over, and memory does not grow with the number of rows.
    /// </remarks>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="options">Null: all columns as CSV.</param>
    /// <param name="cancellationToken">
    /// Ends the export. What was handed over until then is in the output, and the record says that the export did not end.
    /// </param>
    /// <returns>The record.</returns>
    /// <exception cref="EnrichmentException">
    /// The query or the options do not fit the table, the table was never made, or there is no room for the temporary file.
    /// </exception>
    public async Task<Export> ExportAsync(Stream output, ExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        await using var file = Spool.Create();
        var export = await WriteAsync(file, options ?? new(), cancellationToken).ConfigureAwait(false);
        export = export with { BegunAt = await exports.BeginExportAsync(export, cancellationToken).ConfigureAwait(false) };
        file.Position = 0;
        await file.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        telemetry.Exported(export.Rows);

        // Not cancellable any more: all of it has left.
        return export with { EndedAt = await exports.EndExportAsync(export.Id, CancellationToken.None).ConfigureAwait(false) };
    }

    private async Task<Export> WriteAsync(FileStream file, ExportOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var export = await store
                .SnapshotAsync(
                    Projection.Name,
                    async session =>
                    {
                        var buffered = new BufferedStream(file, BytesAtOnce);
                        var run = await QueryRun.BeginAsync(session, this, Today, cancellationToken).ConfigureAwait(false);
                        var written = await run.ExportAsync(options, buffered, cancellationToken).ConfigureAwait(false);
                        await buffered.FlushAsync(cancellationToken).ConfigureAwait(false);
                        return written;
                    },
                    cancellationToken)
                .ConfigureAwait(false);
            file.Position = 0;
            return export with
            {
                Bytes = file.Length,
                Sha256 = await SHA256.HashDataAsync(file, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (IOException exception)
        {
            throw new EnrichmentException(
                $"The temporary file of the export could not be written: {exception.Message.TrimEnd('.')}. Make room in '{Path.GetTempPath()}', or set TMPDIR to a folder that has room.",
                exception);
        }
    }
}
