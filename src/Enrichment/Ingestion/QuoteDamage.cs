namespace Enrichment.Ingestion;

/// <summary>How a quote breaks the rules so that lines cannot be told apart.</summary>
internal enum QuoteFault
{
    /// <summary>The quoted cell spans lines, and other text follows its closing quote.</summary>
    ClosesBeforeText,

    /// <summary>No quote closes the cell, up to the end of the text or to the longest record.</summary>
    NeverClosed,

    /// <summary>The quoted cell joins lines that each have as many cells as the header.</summary>
    JoinsLines,
}

/// <summary>A quote that cannot have been meant.</summary>
/// <param name="Fault">What shows it.</param>
/// <param name="Column">The column that it opens, from 1.</param>
/// <param name="Until">Where the cell would end, in bytes from the record's beginning.</param>
/// <param name="Lines">How many lines the cell would take.</param>
internal sealed record QuoteDamage(QuoteFault Fault, int Column, int Until, int Lines)
{
    public string Code => Fault == QuoteFault.NeverClosed ? "unclosed_quote" : "stray_quote";

    /// <summary>The reason for the rejected line.</summary>
    public string Reason => Fault switch
    {
        QuoteFault.NeverClosed => $"Column {Column} opens a quote that is never closed and would take {Lines} lines. {Alone}",
        QuoteFault.JoinsLines => $"Quotes join {Lines} lines that each have the header's number of cells. {Alone}",
        _ => $"Column {Column} opens a quote that is closed {Lines - 1} lines further down, in front of other text. {Alone}",
    };

    private const string Alone = "This line is rejected, the lines after it are read as rows.";
}
