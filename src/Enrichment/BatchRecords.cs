using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Execution;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>A batch's items as plain rows: the raw columns as they stand in the file, then the fields that its stages produce.</summary>
public sealed class BatchRecords
{
    private readonly IEnrichmentStore store;
    private readonly Batch batch;
    private readonly RecordShape shape;

    internal BatchRecords(IEnrichmentStore store, Batch batch, Upload upload, PipelineSnapshot snapshot)
    {
        this.store = store;
        this.batch = batch;
        shape = snapshot.FinalShape(upload);
        Columns = upload.Columns;
        Fields = [.. snapshot.Stages.SelectMany(stage => stage.Manifest.Produces).Select(produced => produced.Field).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The upload's headers in their order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The fields that the stages produce, in the order of the stages.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <summary>A row for each item, ascending: <see cref="Columns"/> cells, then <see cref="Fields"/> values; null where there is nothing.</summary>
    public async IAsyncEnumerable<string?[]> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in store.ReadItemsAsync(batch, cancellationToken).ConfigureAwait(false))
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
