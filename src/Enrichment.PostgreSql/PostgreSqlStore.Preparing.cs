using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Statements of the hot path, parsed and planned once a connection where the server itself is at its other end.</content>
public sealed partial class PostgreSqlStore
{
    private volatile object? direct; // A boxed flag: null until the first connection was looked at.

    /// <summary>Prepares a command, unless a pooler stands between, which may give every transaction another connection. Costs nothing if it is prepared already.</summary>
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

    private async ValueTask<bool> IsDirectOnceAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        (bool)(direct ??= await IsDirectAsync(connection, cancellationToken).ConfigureAwait(false));

    /// <summary>A pooler gives its clients process numbers of its own making; only the server's own answer is the one that it told at the start.</summary>
    private static async Task<bool> IsDirectAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select pg_backend_pid()", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))! == connection.ProcessID;
    }
}
