using CsvHelper;
using Enrichment.Consolidation.Reading;

namespace Enrichment.Consolidation;

/// <summary>How an export looks as CSV (RFC 4180): UTF-8, CRLF, quotes where needed.</summary>
public sealed record CsvFormat
{
    private static readonly byte[] Mark = [0xEF, 0xBB, 0xBF];

    /// <summary>Commas, no byte order mark, formulas disarmed, no column of status.</summary>
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

    /// <summary>
    /// True to end each line with the columns <c>enrichment.row</c>, <c>enrichment.status</c> and <c>enrichment.error</c>: the row's number
    /// in the file, the status of its item's pipeline, and the last fault of an item that has not completed. An item whose last stage had
    /// nothing to do is <c>completed</c> too.
    /// </summary>
    public bool WithStatus { get; init; }

    /// <summary>The headers of <see cref="WithStatus"/>.</summary>
    internal static IReadOnlyList<string> StatusColumns { get; } = ["enrichment.row", "enrichment.status", "enrichment.error"];

    internal async Task<CsvWriter> BeginAsync(Stream output, CancellationToken cancellationToken)
    {
        if (ByteOrderMark)
        {
            await output.WriteAsync(Mark, cancellationToken).ConfigureAwait(false);
        }

        return CsvWriter.Create(output, CsvWriterOptions.Default with { Separator = Delimiter }, leaveOpen: true);
    }

    /// <summary>A text from a list as its cell shows it.</summary>
    internal string? Text(string? text) => Raw ? text : FormulaGuard.Disarm(text);
}
