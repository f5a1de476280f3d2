using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.PostgreSql.Consolidation;

/// <summary>Writes folded rows by binary COPY into a temporary table, and from there those that differ.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="copy">Copies rows.</param>
/// <param name="merge">Then brings them where they belong.</param>
internal sealed class PostgreSqlFoldWriter(ProjectionSession session, string copy, string merge) : FoldWriter
{
    private readonly BinaryRows rows = new();

    public override void Add(int client, int batch, FoldedCells cells) => rows.Add(cells, client, batch);

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (rows.Length > 0)
        {
            await PostgreSqlTableWriter.CopyAsync(session, copy, rows, cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync(merge, [], cancellationToken).ConfigureAwait(false);
        }
    }

    public override ValueTask DisposeAsync() => default;
}
