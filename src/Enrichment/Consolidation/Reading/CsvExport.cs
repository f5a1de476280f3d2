using System.Globalization;
using Enrichment.Consolidation.Evaluation;

namespace Enrichment.Consolidation.Reading;

/// <summary>Writes rows as CSV. The same rows give the same bytes, in every store and culture.</summary>
internal static class CsvExport
{
    /// <summary>Writes a header line and the rows.</summary>
    /// <exception cref="EnrichmentException">A column holds rows of a child table.</exception>
    public static async Task WriteAsync(
        IReadOnlyList<ExportColumn> columns,
        IAsyncEnumerable<IReadOnlyList<object?>> rows,
        Stream output,
        CsvFormat format,
        CancellationToken cancellationToken)
    {
        if (columns.FirstOrDefault(column => column.Columns.Count > 0) is { } child)
        {
            throw new EnrichmentException(
                $"A line of CSV has no place for the rows of '{child.Name}'. Export that table by itself, or choose a format with lists, such as JSON lines.");
        }

        await using var csv = await format.BeginAsync(output, cancellationToken).ConfigureAwait(false);
        foreach (var column in columns)
        {
            csv.WriteField(format.Text(column.Name));
        }

        await csv.EndRecordAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            foreach (var value in row)
            {
                csv.WriteField(value is string or IReadOnlyList<string> ? format.Text(Format(value)) : Format(value));
            }

            await csv.EndRecordAsync(cancellationToken).ConfigureAwait(false);
        }

        await csv.FlushAsync(cancellationToken).ConfigureAwait(false);
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
}
