using CsvHelper;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation;

/// <summary>How an export looks as CSV (RFC 4180): UTF-8, CRLF, quotes where needed. What has no value is empty.</summary>
public sealed record CsvFormat : IExportFormat
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    /// <summary>Commas, no byte order mark, formulas disarmed.</summary>
    public static CsvFormat Default { get; } = new();

    /// <summary>
    /// True to write every text as it is, for programs that read it back. By default a text that a spreadsheet would run as a formula gets
    /// an apostrophe before it; numbers, phone numbers such as +4930901820, days, instants and truth values never do.
    /// </summary>
    public bool Raw { get; init; }

    /// <summary>True to begin with a byte order mark, by which Excel tells UTF-8.</summary>
    public bool ByteOrderMark { get; init; }

    /// <summary>What parts the cells of a line. A comma unless set.</summary>
    public char Delimiter { get; init; } = ',';

    /// <inheritdoc />
    string IExportFormat.Name => "csv";

    /// <inheritdoc />
    Task IExportFormat.WriteAsync(
        IReadOnlyList<ExportColumn> columns,
        IAsyncEnumerable<IReadOnlyList<object?>> rows,
        Stream output,
        CancellationToken cancellationToken) => CsvExport.WriteAsync(columns, rows, output, this, cancellationToken);

    internal Task<CsvWriter> BeginAsync(Stream output, CancellationToken cancellationToken) =>
        BeginAsync(output, isRagged: false, cancellationToken);

    /// <param name="output">Left open.</param>
    /// <param name="isRagged">Whether lines may have more cells than the header.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal async Task<CsvWriter> BeginAsync(Stream output, bool isRagged, CancellationToken cancellationToken)
    {
        if (ByteOrderMark)
        {
            await output.WriteAsync(Mark, cancellationToken).ConfigureAwait(false);
        }

        var options = CsvWriterOptions.Default with { Separator = Delimiter, ValidateFieldCount = !isRagged };
        return CsvWriter.Create(output, options, leaveOpen: true);
    }

    /// <summary>A text from a list as its cell shows it.</summary>
    internal string? Text(string? text) => Raw ? text : FormulaGuard.Disarm(text);
}
