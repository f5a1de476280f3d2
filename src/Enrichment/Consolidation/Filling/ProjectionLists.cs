using Enrichment.Consolidation.Evaluation;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>The values of a version's lists for one client, as they are stored.</summary>
/// <param name="session">The statements of the transaction.</param>
/// <param name="version">The version.</param>
/// <param name="client">The client's inner key.</param>
internal sealed class ProjectionLists(ProjectionSession session, int version, int client)
{
    // To look for more of them costs as much as to read the batch.
    private const int MostChanges = 100_000;

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
    /// Makes the values that items of a batch have those that were found. If a list gains or loses one, rows of the client that looked it
    /// up are done again.
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
        var changed = new HashSet<ListedValue>();
        await ChangeAsync("forget_listed", bound, changed, cancellationToken).ConfigureAwait(false);
        await ChangeAsync("add_listed", bound, changed, cancellationToken).ConfigureAwait(false);
        await NoteAsync(changed, cancellationToken).ConfigureAwait(false);
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
        var changed = new HashSet<ListedValue>();
        foreach (var (index, (list, column)) in to.Projection.ListColumns.Index())
        {
            if (old.TryGetValue(list.NameOf(column), out var place))
            {
                await ChangeAsync(
                    "carry_listed",
                    Bound(new()
                    {
                        ["bucket"] = bucket,
                        ["batch"] = batch,
                        ["from"] = from.Version,
                        ["old"] = (short)place,
                        ["column"] = (short)index,
                    }),
                    changed,
                    cancellationToken).ConfigureAwait(false);
            }
        }

        await NoteAsync(changed, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The marks of values that have changed since a count of changes; null if they are too many to look for.</summary>
    public async Task<HashSet<ulong>?> ChangedAsync(int since, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            session.Dialect.Sql["find_list_changes"], Bound(new() { ["since"] = since, ["limit"] = MostChanges + 1 }));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var marks = new HashSet<ulong>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            marks.Add(ListedValue.Of(0, reader.GetFieldValue<byte[]>(0)).Mark);
        }

        return marks.Count > MostChanges ? null : marks;
    }

    private async Task ChangeAsync(
        string operation, Dictionary<string, object> values, HashSet<ListedValue> changed, CancellationToken cancellationToken)
    {
        await using var command = session.Command(session.Dialect.Sql[operation], values);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            changed.Add(ListedValue.Of(reader.GetInt16(0), reader.GetFieldValue<byte[]>(1)));
        }
    }

    private async Task NoteAsync(HashSet<ListedValue> changed, CancellationToken cancellationToken)
    {
        if (changed.Count > 0)
        {
            var count = await session.CountAsync(session.Dialect.Sql["count_list_change"], Bound([]), cancellationToken).ConfigureAwait(false);
            var bound = Bound(session.Dialect.Listed([.. changed]));
            bound["change"] = (int)count;
            await session.RunAsync("add_list_changes", bound, cancellationToken).ConfigureAwait(false);
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
