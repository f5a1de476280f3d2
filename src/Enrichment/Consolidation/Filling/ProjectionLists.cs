using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>The values of a version's lists for one client, as they are stored.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="version">The version.</param>
/// <param name="client">The client's inner key.</param>
internal sealed class ProjectionLists(ProjectionSession session, int version, int client)
{
    /// <summary>Looks up at once what expressions have asked for.</summary>
    public async Task AnswerAsync(ListAnswers answers, CancellationToken cancellationToken)
    {
        if (answers.Asked.Count == 0)
        {
            return;
        }

        var asked = answers.Asked.ToList();
        var found = new HashSet<ListedValue>();
        await using (var command = session.Command(session.Dialect.Sql["find_listed"], Bound(session.Dialect.Listed(asked))))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                found.Add(asked[reader.GetInt32(0)]);
            }
        }

        answers.Learn(found);
    }

    /// <summary>
    /// Makes the values that items of a batch have those that were found. If a list gains or loses one, all batches of the client are done
    /// again.
    /// </summary>
    /// <param name="batch">The batch's inner key.</param>
    /// <param name="items">The items.</param>
    /// <param name="values">Their values, each with its item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task WriteAsync(
        int batch,
        IReadOnlyList<(short Bucket, int Item)> items,
        IReadOnlyList<(ListedValue Value, int Item)> values,
        CancellationToken cancellationToken)
    {
        var bound = Bound(session.Dialect.ListedItems(items, values));
        bound["batch"] = batch;
        var changed = await session.RunAsync("forget_listed", bound, cancellationToken).ConfigureAwait(false)
            + await session.RunAsync("add_listed", bound, cancellationToken).ConfigureAwait(false);
        await CountAsync(changed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Copies the values that another version has of a batch in a bucket, as far as both have the columns. Rows that were made without them
    /// are done again.
    /// </summary>
    public async Task CarryAsync(
        TableVersion from, TableVersion to, int batch, short bucket, CancellationToken cancellationToken)
    {
        var old = from.Projection.ListColumns.Index().ToDictionary(
            known => known.Item.List.NameOf(known.Item.Column), known => known.Index);
        var changed = 0;
        foreach (var (index, (list, column)) in to.Projection.ListColumns.Index())
        {
            if (old.TryGetValue(list.NameOf(column), out var place))
            {
                changed += await session.RunAsync(
                    "carry_listed",
                    Bound(new()
                    {
                        ["bucket"] = bucket,
                        ["batch"] = batch,
                        ["from"] = from.Version,
                        ["old"] = (short)place,
                        ["column"] = (short)index,
                    }),
                    cancellationToken).ConfigureAwait(false);
            }
        }

        await CountAsync(changed, cancellationToken).ConfigureAwait(false);
    }

    private async Task CountAsync(int changed, CancellationToken cancellationToken)
    {
        if (changed > 0)
        {
            await session.RunAsync("count_list_change", Bound([]), cancellationToken).ConfigureAwait(false);
        }
    }

    private Dictionary<string, object> Bound(Dictionary<string, object> values)
    {
        foreach (var (name, value) in session.Bound(version))
        {
            values[name] = value;
        }

        values["client"] = client;
        return values;
    }
}
