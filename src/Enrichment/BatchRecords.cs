using System.Runtime.CompilerServices;
using System.Text.Json;
using CsvHelper;
using Enrichment.Consolidation;
using Enrichment.Execution;
using Enrichment.Pipelines;
using Enrichment.Retention;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>A batch's items as plain rows: the raw columns as they stand in the file, then the fields that its stages produce.</summary>
/// <remarks>In JSON an object of <c>columns</c>, <c>fields</c> and <c>rows</c>. Rows are streamed, which System.Text.Json does only asynchronously, as endpoints of ASP.NET Core do.</remarks>
public sealed class BatchRecords
{
    private readonly IEnrichmentStore store;
    private readonly Batch batch;
    private readonly RecordShape shape;

    internal BatchRecords(IEnrichmentStore store, Batch batch, Upload upload, PipelineSnapshot snapshot)
    {
        this.store = store;
        this.batch = batch;
        shape = snapshot.OutputShape(upload);
        Columns = upload.Columns;
        Fields = [.. snapshot.Stages.SelectMany(stage => stage.Manifest.Produces).Select(produced => produced.Field).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The upload's headers in their order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The fields that the stages produce, in the order of the stages.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>What <see cref="ReadAsync"/> gives, for serializers.</summary>
    public IAsyncEnumerable<string?[]> Rows => ReadAsync();

    /// <summary>A row for each item, ascending: <see cref="Columns"/> cells, then <see cref="Fields"/> values; null where there is nothing.</summary>
    public async IAsyncEnumerable<string?[]> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in store.ReadItemsAsync(batch, cancellationToken).WholeAsync(store, batch, cancellationToken).ConfigureAwait(false))
        {
            var row = new string?[Columns.Count + Fields.Count];
            Fill(row, item.Raw);
            var record = new ItemRecord(shape, item.Raw, item.Results);
            for (var i = 0; i < Fields.Count; i++)
            {
                row[Columns.Count + i] = record.Text(Fields[i]);
            }

            yield return row;
        }
    }

    /// <summary>Writes the rows as CSV (RFC 4180), after a header of <see cref="Columns"/> and <see cref="Fields"/>: UTF-8 without a byte order mark, commas, quotes where needed. Streams.</summary>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="raw">True to write every text as it stands. By default one that a spreadsheet would take for a formula gets an apostrophe before it.</param>
    /// <param name="cancellationToken">Ends the export; what was written stays written.</param>
    /// <returns>How many rows were written, the header not counted.</returns>
    public async Task<long> WriteCsvAsync(Stream output, bool raw = false, CancellationToken cancellationToken = default)
    {
        await using var csv = CsvWriter.Create(output, CsvWriterOptions.Default, leaveOpen: true);
        await WriteAsync([.. Columns, .. Fields]).ConfigureAwait(false);
        var written = 0L;
        await foreach (var row in ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            await WriteAsync(row).ConfigureAwait(false);
            written++;
        }

        await csv.FlushAsync(cancellationToken).ConfigureAwait(false);
        return written;

        ValueTask WriteAsync(string?[] cells)
        {
            foreach (var cell in cells)
            {
                csv.WriteField(raw ? cell : FormulaGuard.Disarm(cell));
            }

            return csv.EndRecordAsync(cancellationToken);
        }
    }

    private void Fill(string?[] row, ReadOnlyMemory<byte> raw)
    {
        using var cells = JsonDocument.Parse(raw);
        var position = 0;
        foreach (var cell in cells.RootElement.EnumerateArray())
        {
            if (position == Columns.Count)
            {
                break; // Blank cells beyond the header.
            }

            row[position++] = cell.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => cell.GetString(),
                _ => cell.GetRawText(),
            };
        }
    }
}
