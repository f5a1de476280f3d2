using Enrichment.Consolidation;
using Enrichment.Parquet.Columns;
using Parquet;
using Parquet.Schema;

namespace Enrichment.Parquet;

/// <summary>
/// Apache Parquet: a column for each column of the export, each of which may be null, compressed with Snappy. Texts, labels, partial dates
/// and JSON are STRING, whole numbers INT64, numbers DOUBLE, truth values BOOLEAN, days DATE, instants TIMESTAMP in microseconds of UTC,
/// lists LIST of STRING.
/// </summary>
public sealed record ParquetFormat : IExportFormat
{
    private const int RowsOfGroup = 50_000;

    // Of the values that wait for the end of their row group. It ends early where texts are long.
    private const long BytesOfGroup = 64 * 1024 * 1024;

    /// <summary>
    /// True to write numbers as STRING, with all of their digits. A DOUBLE holds 15 digits, and a number with more only if it is one that a
    /// DOUBLE is; an export with another number is refused.
    /// </summary>
    public bool NumbersAsText { get; init; }

    /// <inheritdoc />
    string IExportFormat.Name => "parquet";

    /// <inheritdoc />
    async Task IExportFormat.WriteAsync(
        IReadOnlyList<ExportColumn> columns,
        IAsyncEnumerable<IReadOnlyList<object?>> rows,
        Stream output,
        CancellationToken cancellationToken)
    {
        List<ParquetColumn> waiting = [.. columns.Select(column => ParquetColumn.Of(column, NumbersAsText))];
        await using var file = await ParquetWriter
            .CreateAsync(new(waiting.Select(column => column.Field)), output, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        var count = 0;
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            for (var column = 0; column < waiting.Count; column++)
            {
                waiting[column].Add(row[column]);
            }

            if (++count == RowsOfGroup || waiting.Sum(column => column.Bytes) >= BytesOfGroup)
            {
                await WriteGroupAsync(file, waiting).ConfigureAwait(false);
                count = 0;
            }
        }

        if (count > 0)
        {
            await WriteGroupAsync(file, waiting).ConfigureAwait(false);
        }
    }

    private static async Task WriteGroupAsync(ParquetWriter file, IReadOnlyList<ParquetColumn> columns)
    {
        using var group = file.CreateRowGroup();
        foreach (var column in columns)
        {
            await column.WriteAsync(group).ConfigureAwait(false);
            column.Clear();
        }

        group.CompleteValidate();
    }
}
