using System.Text.Json;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Exporting;
using Enrichment.Consolidation.Reading;
using Enrichment.Hosting;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Retention;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>A batch's items as plain rows: the raw columns as they are in the file, then the fields that its stages produce.</summary>
/// <remarks>
/// In JSON an object of <c>columns</c>, <c>fields</c> and <c>rows</c>. Rows are streamed, which System.Text.Json does only asynchronously,
/// as endpoints of ASP.NET Core do.
/// </remarks>
public sealed class BatchRecords
{
    private readonly IEnrichmentStore store;
    private readonly Batch batch;
    private readonly RecordShape shape;
    private readonly IReadOnlyList<StageSnapshot> stages;

    internal BatchRecords(IEnrichmentStore store, Batch batch, Upload upload, PipelineSnapshot snapshot)
    {
        this.store = store;
        this.batch = batch;
        shape = snapshot.OutputShape(upload);
        stages = snapshot.Stages;
        Columns = upload.Columns;
        Fields =
        [
            .. snapshot
                .Stages.SelectMany(stage => stage.Manifest.Produces)
                .Select(produced => produced.Field)
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>The upload's headers in their order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The fields that the stages produce, in the order of the stages.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>What <see cref="ReadAsync"/> gives, for serializers.</summary>
    public IAsyncEnumerable<string?[]> Rows => ReadAsync();

    /// <summary>
    /// A row for each item, ascending: <see cref="Columns"/> cells, then <see cref="Fields"/> values; null where there is nothing.
    /// </summary>
    public IAsyncEnumerable<string?[]> ReadAsync(CancellationToken cancellationToken = default) =>
        ItemsAsync(cancellationToken).Select(Row);

    /// <summary>Writes the rows as CSV, after a header of <see cref="Columns"/> and <see cref="Fields"/>. Streams.</summary>
    /// <remarks>
    /// A column that is named like a produced field, as in an earlier output, is called <c>person.email (uploaded)</c>: no produced name
    /// occurs twice.
    /// </remarks>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="format">Null: <see cref="CsvFormat.Default"/>.</param>
    /// <param name="withStatus">Whether each row ends as with <see cref="ExportOptions.WithStatus"/>.</param>
    /// <param name="cancellationToken">Ends the export; written rows stay written.</param>
    /// <returns>How many rows were written, the header not counted.</returns>
    public async Task<long> WriteCsvAsync(
        Stream output, CsvFormat? format = null, bool withStatus = false, CancellationToken cancellationToken = default)
    {
        var status = withStatus ? ExportColumns.OfStatus : [];
        var headers = Distinguish(Columns, [.. Fields, .. status.Select(column => column.Name)]).Concat(Fields);
        var optional = stages.Select(stage => stage.Optional).ToList();
        var written = 0L;
        await CsvExport
            .WriteAsync(
                [.. headers.Select(header => new ExportColumn(header, typeof(string))), .. status],
                ItemsAsync(cancellationToken).Select(Cells),
                output,
                format ?? CsvFormat.Default,
                cancellationToken)
            .ConfigureAwait(false);
        return written;

        IReadOnlyList<object?> Cells(ItemSnapshot item)
        {
            written++;
            var row = Row(item);
            if (!withStatus)
            {
                return row;
            }

            var standing = ItemStanding.Of(item.Stage, item.Status, item.Error, optional);
            return [.. row, (long)item.Item, standing.Word, standing.Error];
        }
    }

    private IAsyncEnumerable<ItemSnapshot> ItemsAsync(CancellationToken cancellationToken) =>
        store.ReadItemsAsync(batch, cancellationToken).WholeAsync(store, batch, cancellationToken);

    private string?[] Row(ItemSnapshot item)
    {
        var row = new string?[Columns.Count + Fields.Count];
        Fill(row, item.Raw);
        var record = new ItemRecord(shape, item.Raw, item.Results);
        for (var i = 0; i < Fields.Count; i++)
        {
            row[Columns.Count + i] = record.Shown(Fields[i]);
        }

        return row;
    }

    private static IEnumerable<string> Distinguish(IReadOnlyList<string> columns, IReadOnlyList<string> fields)
    {
        var produced = fields.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var taken = columns.Select(column => column.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var column in columns)
        {
            if (!produced.Contains(column.Trim()))
            {
                yield return column;
                continue;
            }

            var name = $"{column.Trim()} (uploaded)";
            for (var copy = 2; !taken.Add(name); copy++)
            {
                name = $"{column.Trim()} (uploaded {copy})";
            }

            yield return name;
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
