using Enrichment.Consolidation.Exporting;

namespace Enrichment.Consolidation.Querying;

/// <content>Exports.</content>
internal sealed partial class QueryRun
{
    /// <summary>Writes all rows into a file.</summary>
    public Task<Export> ExportAsync(ExportOptions options, Stream file, CancellationToken cancellationToken) =>
        new ExportRun(session, query, live, today, options).WriteAsync(file, cancellationToken);
}
