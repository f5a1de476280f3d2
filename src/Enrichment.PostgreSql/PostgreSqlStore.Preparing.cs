using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Statements of the hot path, parsed and planned once a connection where the server itself is at its other end.</content>
internal sealed partial class PostgreSqlStore
{
    // For the rest of the transaction. By itself the server plans a statement with many parts again for each set, which takes longer than
    // the joins of a small set: its generic plan looks more expensive, because it cannot leave out the parts that the parameters exclude.
    // Compiling a plan never pays for one set.
    private const string PlanOnce = "select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('jit', 'off', true)";

    private volatile object? direct; // A boxed flag: null until the first connection was looked at.

    /// <summary>
    /// Prepares a command, except behind a pooler, which may give every transaction another connection. Costs nothing if it is
    /// prepared already.
    /// </summary>
    private async ValueTask PrepareAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        if (await IsDirectOnceAsync(command.Connection!, cancellationToken).ConfigureAwait(false))
        {
            await command.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask PrepareAsync(NpgsqlBatch batch, CancellationToken cancellationToken)
    {
        if (await IsDirectOnceAsync(batch.Connection!, cancellationToken).ConfigureAwait(false))
        {
            await batch.PrepareAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Runs a command that returns numbers, such as the items that it changed, by a plan that is made once a connection; before it, in the
    /// same transaction, those that lock.
    /// </summary>
    private Task<List<int>> ReadNumbersAsync(
        NpgsqlConnection connection,
        NpgsqlBatchCommand command,
        CancellationToken cancellationToken,
        params NpgsqlBatchCommand[] locks) => ReadRowsAsync(connection, command, row => row.GetInt32(0), cancellationToken, locks);

    private async Task<List<T>> ReadRowsAsync<T>(
        NpgsqlConnection connection,
        NpgsqlBatchCommand command,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken,
        params NpgsqlBatchCommand[] locks)
    {
        await using var batch = new NpgsqlBatch(connection);
        var planOnce = await IsDirectOnceAsync(connection, cancellationToken).ConfigureAwait(false);
        if (planOnce)
        {
            batch.BatchCommands.Add(new(PlanOnce));
        }

        foreach (var each in locks)
        {
            batch.BatchCommands.Add(each);
        }

        batch.BatchCommands.Add(command);
        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        for (var ahead = batch.BatchCommands.Count - 1; ahead > 0; ahead--)
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private async ValueTask<bool> IsDirectOnceAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (bool)(direct ??= await IsDirectAsync(connection, cancellationToken).ConfigureAwait(false));

    /// <summary>
    /// A pooler gives its clients process numbers of its own making; only the server's own answer is the one that it told at the start.
    /// </summary>
    private static async Task<bool> IsDirectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! == connection.ProcessID;
    }
}
