using System.Globalization;
using CsvHelper;

namespace Enrichment.Consolidation;

/// <summary>Writes consolidated rows as CSV (RFC 4180): UTF-8 without a byte order mark, commas, CRLF, quotes where needed. The same rows give the same bytes, whatever store and culture.</summary>
/// <remarks>Streams: memory does not grow with the number of rows.</remarks>
public static class CsvExport
{
    /// <summary>Writes a header line and the rows.</summary>
    /// <param name="rows">From <see cref="Storage.IEnrichmentStore.ReadProjectionAsync"/>.</param>
    /// <param name="projection">The definition by which they were read.</param>
    /// <param name="output">Left open, flushed.</param>
    /// <param name="raw">
    /// True to write every text as it stands, for programs that read it back. By default a text that a spreadsheet would take for a formula
    /// gets an apostrophe before it; numbers, phone numbers such as +4930901820, days, instants and truth values never do.
    /// </param>
    /// <param name="cancellationToken">Ends the export; what was written stays written.</param>
    /// <returns>How many rows were written, the header not counted.</returns>
    public static async Task<long> WriteAsync(IAsyncEnumerable<ProjectedRow> rows, Projection projection, Stream output, bool raw = false, CancellationToken cancellationToken = default)
    {
        await using var csv = CsvWriter.Create(output, CsvWriterOptions.Default, leaveOpen: true);
        foreach (var column in projection.Columns)
        {
            csv.WriteField(column.Name);
        }

        await csv.EndRecordAsync(cancellationToken).ConfigureAwait(false);
        var written = 0L;
        await foreach (var row in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            for (var column = 0; column < row.Values.Count; column++)
            {
                csv.WriteField(Cell(row.Values[column], raw));
            }

            await csv.EndRecordAsync(cancellationToken).ConfigureAwait(false);
            written++;
        }

        await csv.FlushAsync(cancellationToken).ConfigureAwait(false);
        return written;
    }

    /// <summary>A value in the one notation that it has in every export; null is empty.</summary>
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

    private static string? Cell(object? value, bool raw)
    {
        var text = Format(value);
        return !raw && (value is string or IReadOnlyList<string>) ? FormulaGuard.Disarm(text) : text;
    }
}
