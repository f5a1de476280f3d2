using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Exporting;

/// <summary>Reads the rows of a child table that belong to rows of an export.</summary>
/// <param name="session">The projection's statements, in one snapshot.</param>
/// <param name="live">The version that is live.</param>
/// <param name="client">The client's slug.</param>
/// <param name="child">The child table's place.</param>
internal sealed class RowChildren(ProjectionSession session, TableVersion live, string client, int child)
{
    private readonly string sql = session.Dialect.SelectChildrenOfRows(live, child);

    /// <summary>The child rows of each row.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="columns">The columns that are read, in their order; null for all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<IReadOnlyList<IReadOnlyList<object?>>[]> OfAsync(
        IReadOnlyList<ExportedRow> rows, IReadOnlyList<ProjectionColumn>? columns, CancellationToken cancellationToken)
    {
        const int FirstCell = 3;
        var known = live.Projection.Children[child].Visible;
        var places = columns?.Select(column => known.Index().Single(other => other.Item == column).Index).ToList();
        var children = new List<IReadOnlyList<object?>>[rows.Count];
        foreach (ref var list in children.AsSpan())
        {
            list = [];
        }

        await using var command = session.Command(sql, new(session.Dialect.ExportedRows(rows)) { ["client"] = client });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var values = new object?[known.Count];
            var ordinal = FirstCell;
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = session.Dialect.Read(reader, ref ordinal, known[column]);
            }

            children[reader.GetInt32(0)].Add(places is null ? values : [.. places.Select(place => values[place])]);
        }

        return children;
    }
}
