namespace Enrichment.Consolidation;

/// <summary>
/// A kind of file in which rows leave a typed table. <see cref="CsvFormat"/> and <see cref="JsonLinesFormat"/> are the engine's own, the
/// package Enrichment.Parquet has another, and a host may add its own.
/// </summary>
public interface IExportFormat
{
    /// <summary>The name by which the record of an export knows it, such as <c>csv</c>.</summary>
    string Name { get; }

    /// <summary>Writes all rows. They are read while they are written: keep few of them in memory.</summary>
    /// <param name="columns">The columns in order, each name once.</param>
    /// <param name="rows">The rows, each with a value of each column: null, or of the column's type.</param>
    /// <param name="output">An empty file that can seek. Left open.</param>
    /// <param name="cancellationToken">Ends the export; nothing of it is handed over.</param>
    /// <exception cref="EnrichmentException">A column or a value has no place in this format.</exception>
    Task WriteAsync(
        IReadOnlyList<ExportColumn> columns,
        IAsyncEnumerable<IReadOnlyList<object?>> rows,
        Stream output,
        CancellationToken cancellationToken);
}
