using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>Folds keys anew by columns: reads the rows of all items that have them, and writes a row for each key.</summary>
internal static class ColumnFold
{
    /// <summary>Folds the keys that wait, and forgets them.</summary>
    /// <param name="session">The statements of the transaction.</param>
    /// <param name="version">Whose tables.</param>
    /// <param name="again">Whether a key may have lost its last item.</param>
    /// <param name="cancellationToken">Ends the call; the store rolls back.</param>
    public static async Task RunAsync(
        ProjectionSession session, TableVersion version, bool again, CancellationToken cancellationToken)
    {
        if (FoldRules.HasIssues(version.Projection))
        {
            await session.Dialect.BeginFoldAsync(session, version, cancellationToken).ConfigureAwait(false);
        }

        var issues = await FoldAsync(session, version, version, cancellationToken).ConfigureAwait(false);
        await session.AddIssuesAsync(version.Version, issues, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(session.Dialect.EndFold(version, again), [], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Folds all keys of a version into the empty table of another, to compare both.</summary>
    public static async Task CompareAsync(
        ProjectionSession session, TableVersion version, TableVersion into, CancellationToken cancellationToken)
    {
        foreach (var bucket in ProjectionSession.EveryBucket)
        {
            await session.ExecuteAsync(session.Dialect.FoldAll(version, bucket), [], cancellationToken).ConfigureAwait(false);
            await FoldAsync(session, version, into, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the rows of keys, and returns their issues.</summary>
    private static async Task<List<PlacedIssue>> FoldAsync(
        ProjectionSession session, TableVersion version, TableVersion into, CancellationToken cancellationToken)
    {
        var issues = new List<PlacedIssue>();
        await using var writer = await session.Dialect.OpenFoldAsync(session, into, cancellationToken).ConfigureAwait(false);
        await ReadAsync(session, version, writer, issues, cancellationToken).ConfigureAwait(false);
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return issues;
    }

    private static async Task ReadAsync(
        ProjectionSession session,
        TableVersion version,
        FoldWriter writer,
        List<PlacedIssue> issues,
        CancellationToken cancellationToken)
    {
        const int First = 5;
        var dialect = session.Dialect;
        var cells = new FoldedCells(version.Projection, version.Lists);
        await using var command = session.Command(dialect.SelectToFold(version), []);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var (key, client, batch) = (0L, 0, 0);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (reader.GetInt64(0) is var next && next != key)
            {
                End();
                (key, client, batch) = (next, reader.GetInt32(2), reader.GetInt32(3));
                cells.Begin(reader.GetInt16(1), reader.GetInt32(4));
            }

            cells.Add(
                reader.GetInt32(3), reader.GetInt32(4), place => dialect.Read(reader, place + First, cells.Cells[place].Stored.Type));
        }

        End();

        void End()
        {
            if (key > 0)
            {
                cells.Evaluate();
                writer.Add(client, batch, cells);
                issues.AddRange(cells.Row.Issues.Select(issue =>
                    new PlacedIssue(cells.Row.Bucket, batch, cells.Row.Item, cells.Cells[issue.Column].Column.Name, issue)
                    {
                        Number = PlacedIssue.OfFoldedRow,
                    }));
            }
        }
    }
}
