using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite.Consolidation;

/// <summary>Writes each folded row as soon as it is made.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="insert">Inserts a row, or replaces that of its key.</param>
internal sealed class SqliteFoldWriter(ProjectionSession session, string insert) : FoldWriter
{
    private readonly RowWriter writer = new((SqliteConnection)session.Connection, insert);

    public override void Add(int client, int batch, FoldedCells cells)
    {
        writer
            .Set(1, cells.Row.Bucket)
            .Set(2, client)
            .Set(3, batch)
            .Set(4, cells.Row.Item)
            .Set(5, cells.Hash)
            .Set(6, cells.Origin);
        SqliteTableWriter.Set(writer, SqliteTableWriter.EngineColumns, cells.Columns, cells.Row);
        if (cells.IsSearched)
        {
            SqliteTableWriter.SetWords(writer, SqliteTableWriter.EngineColumns + cells.Columns.Count + 1, cells.Words);
        }

        writer.Write();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask DisposeAsync()
    {
        writer.Dispose();
        return default;
    }
}
