using System.Runtime.CompilerServices;
using Enrichment.Consolidation.Definitions;
using Enrichment.Consolidation.Querying;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Exporting;

/// <summary>Reads all rows of a query in its order, set after set.</summary>
/// <param name="session">The projection's statements, in one snapshot.</param>
/// <param name="query">The query.</param>
/// <param name="live">The version that is live.</param>
/// <param name="asOf">The day from which it looks.</param>
/// <param name="columns">The columns that are read.</param>
internal sealed class QueriedRows(
    ProjectionSession session, ProjectionQuery query, TableVersion live, DateOnly asOf, IReadOnlyList<ProjectionColumn> columns)
{
    private Task<bool> next = Task.FromResult(false);

    /// <summary>The sets, each read while the one before is in use. Nothing else may use the connection before <see cref="EndAsync"/>.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ExportedRow>> ReadAheadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var sets = ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Begin();
        try
        {
            while (await next.ConfigureAwait(false))
            {
                var set = sets.Current;
                Begin();
                yield return set;
            }
        }
        finally
        {
            await EndAsync().ConfigureAwait(false);
        }

        // On a thread of its own, because SQLite reads without waiting.
        void Begin() => next = Task.Run(() => sets.MoveNextAsync().AsTask(), CancellationToken.None);
    }

    /// <summary>Waits for the read that is under way if the caller has broken off, also if it left the sets undisposed.</summary>
    public async Task EndAsync() => await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>The sets. One is not to be used any more when the next but one is asked for.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ExportedRow>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = await BatchesAsync(cancellationToken).ConfigureAwait(false);
        var set = new RowSet(session.Dialect, columns, batches.ToDictionary(batch => batch.Key));
        var sets = query.Sort.Length == 0 && !live.IsKeyed
            ? OfFileAsync(batches, set, cancellationToken)
            : SortedAsync(set, cancellationToken);
        await foreach (var rows in sets.ConfigureAwait(false))
        {
            yield return rows;
        }
    }

    // In the order of the file nothing is sorted: neighbours share a bucket, and are neighbours in the table's key.
    private async IAsyncEnumerable<IReadOnlyList<ExportedRow>> OfFileAsync(
        IReadOnlyList<ExportedBatch> batches, RowSet set, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var statement = Statement();
        var sql = statement.Run(statement.Where(query), columns);
        await using var command = session.Command(sql, new(statement.Values)
        {
            ["run_bucket"] = (short)0, ["run_batch"] = 0, ["first"] = 0, ["last"] = 0,
        });
        await session.Dialect.PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        foreach (var batch in batches)
        {
            foreach (var run in BucketRun.Of(batch.UploadId, batch.LastItem))
            {
                var first = run.First;
                do
                {
                    command.Parameters["run_bucket"].Value = run.Bucket;
                    command.Parameters["run_batch"].Value = batch.Key;
                    command.Parameters["first"].Value = first;
                    command.Parameters["last"].Value = run.Last;
                    set.Clear();
                    await using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
                    {
                        while (!set.IsFull && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                        {
                            set.Add(reader);
                        }
                    }

                    if (set.Rows.Count > 0)
                    {
                        yield return set.Rows;
                        first = set.Rows[^1].Item + 1;
                    }
                }
                while (set.IsFull && first <= run.Last);
            }
        }
    }

    private async IAsyncEnumerable<IReadOnlyList<ExportedRow>> SortedAsync(
        RowSet set, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int FirstRows = 50;
        var statement = Statement();
        var keys = statement.Order(query.Sort);
        var sql = statement.Sorted(statement.Where(query), keys, columns);
        await using var cursor = await session.Dialect
            .OpenCursorAsync(session, sql, statement.Values, cancellationToken)
            .ConfigureAwait(false);
        var (most, isMore) = (FirstRows, true);
        while (isMore)
        {
            set.Clear();
            isMore = await cursor
                .ReadAsync(
                    most,
                    reader =>
                    {
                        set.Add(reader);
                        return !set.IsFull;
                    },
                    cancellationToken)
                .ConfigureAwait(false);
            most = set.RowsAtOnce;
            if (set.Rows.Count > 0)
            {
                yield return set.Rows;
            }
        }
    }

    private async Task<List<ExportedBatch>> BatchesAsync(CancellationToken cancellationToken)
    {
        await using var command = session.Command(session.Dialect.Sql["find_shown_batches"], new(session.Bound(live.Version))
        {
            ["client"] = query.Client,
            ["every"] = query.Batch is null,
            ["id"] = session.Dialect.Id(query.Batch ?? Guid.Empty),
        });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var batches = new List<ExportedBatch>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batches.Add(new(reader.GetInt32(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetInt32(3)));
        }

        return batches;
    }

    private QueryStatement Statement() => new(session.Dialect, live, query.Client, asOf);
}
