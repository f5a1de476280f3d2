using System.Globalization;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Reading;

/// <summary>
/// Writes consolidated rows as CSV in a <see cref="CsvFormat"/>. The same rows give the same bytes, in every store and culture.
/// </summary>
/// <remarks>Streams: memory does not grow with the number of rows.</remarks>
internal static class CsvExport
{
    /// <summary>Writes a header line and the rows.</summary>
    /// <param name="rows">From <see cref="TypedTables.ReadProjectionAsync"/>.</param>
    /// <param name="projection">The definition by which they were read.</param>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="format">Null: <see cref="CsvFormat.Default"/>.</param>
    /// <param name="cancellationToken">Ends the export; written rows stay written.</param>
    /// <returns>How many rows were written, the header not counted.</returns>
    /// <exception cref="ArgumentException">The format has the status of items, which the rows do not have.</exception>
    public static Task<long> WriteAsync(
        IAsyncEnumerable<ProjectedRow> rows,
        Projection projection,
        Stream output,
        CsvFormat? format = null,
        CancellationToken cancellationToken = default) =>
        format is { WithStatus: true }
            ? throw new ArgumentException(
                "The format has WithStatus, but rows do not hold the status of their items. Export a batch with EnrichmentClient.ExportAsync, or leave WithStatus out.",
                nameof(format))
            : WriteAsync(rows, null, projection.ColumnNames, output, format ?? CsvFormat.Default, cancellationToken);

    // With standings, ascending by item like the rows, which are then of one batch.
    internal static async Task<long> WriteAsync(
        IAsyncEnumerable<ProjectedRow> rows,
        IAsyncEnumerable<ItemStanding>? standings,
        IReadOnlyList<string> headers,
        Stream output,
        CsvFormat format,
        CancellationToken cancellationToken)
    {
        await using var csv = await format.BeginAsync(output, cancellationToken).ConfigureAwait(false);
        await using var standing = standings?.GetAsyncEnumerator(cancellationToken);
        foreach (var header in headers.Concat(standing is null ? [] : CsvFormat.StatusColumns))
        {
            csv.WriteField(header);
        }

        await csv.EndRecordAsync(cancellationToken).ConfigureAwait(false);
        var written = 0L;
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var value in row.Values)
            {
                csv.WriteField(value is string or IReadOnlyList<string> ? format.Text(Format(value)) : Format(value));
            }

            if (standing is not null)
            {
                foreach (var cell in await CellsAsync(standing, row.Item).ConfigureAwait(false))
                {
                    csv.WriteField(format.Text(cell));
                }
            }

            await csv.EndRecordAsync(cancellationToken).ConfigureAwait(false);
            written++;
        }

        await csv.FlushAsync(cancellationToken).ConfigureAwait(false);
        return written;
    }

    /// <summary>The text of a value, which is the same in every export; null is empty.</summary>
    internal static string? Format(object? value) => value switch
    {
        null => null,
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        decimal number => CellNumber.Format(number),
        bool flag => flag ? "true" : "false",
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
        IReadOnlyList<string> list => TextListJson.Write(list),
        _ => throw new ArgumentException($"A {value.GetType()} is in no column.", nameof(value)),
    };

    private static async Task<string?[]> CellsAsync(IAsyncEnumerator<ItemStanding> standing, int item)
    {
        while (await standing.MoveNextAsync().ConfigureAwait(false))
        {
            if (standing.Current.Item == item)
            {
                return standing.Current.Cells;
            }
        }

        throw new InvalidOperationException($"Item {item} has a row and no state.");
    }
}
