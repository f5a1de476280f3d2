using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;
using Enrichment.Pipelines;

namespace Enrichment.Consolidation.Exporting;

/// <summary>Reads the status of the items of an export.</summary>
/// <param name="session">The projection's statements, in one snapshot.</param>
internal sealed class ItemStates(ProjectionSession session)
{
    // Of each stage whether it is optional, by batch; none of a pruned batch, whose states are not to be read.
    private readonly Dictionary<int, IReadOnlyList<bool>> stages = [];

    /// <summary>Of each row number, status and error; the last two null if the batch was pruned.</summary>
    public async Task<object?[][]> OfAsync(IReadOnlyList<ExportedRow> rows, CancellationToken cancellationToken)
    {
        var cells = new object?[rows.Count][];
        foreach (var (place, row) in rows.Index())
        {
            cells[place] = [(long)row.Item, null, null];
            if (!stages.ContainsKey(row.Batch.Key))
            {
                stages.Add(row.Batch.Key, await StagesAsync(row.Batch.Key, cancellationToken).ConfigureAwait(false));
            }
        }

        var most = rows.Max(row => stages[row.Batch.Key].Count);
        if (most == 0)
        {
            return cells;
        }

        await using var command = session.Command(session.Dialect.SelectStatesOfRows(most), session.Dialect.ExportedRows(rows));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);

        // Ascending by stage: the last one of an item is the one at which it is.
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var place = reader.GetInt32(0);
            if (stages[rows[place].Batch.Key] is { Count: > 0 } optional)
            {
                var standing = ItemStanding.Of(
                    reader.GetInt16(1), (Status)reader.GetInt16(2), reader.IsDBNull(3) ? null : reader.GetString(3), optional);
                (cells[place][1], cells[place][2]) = (standing.Word, standing.Error);
            }
        }

        return cells;
    }

    private async Task<IReadOnlyList<bool>> StagesAsync(int batch, CancellationToken cancellationToken)
    {
        await using var command = session.Command(session.Dialect.Sql["read_snapshot"], new() { ["batch"] = batch });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string snapshot
            ? [.. PipelineSnapshot.FromJson(snapshot).Stages.Select(stage => stage.Optional)]
            : [];
    }
}
