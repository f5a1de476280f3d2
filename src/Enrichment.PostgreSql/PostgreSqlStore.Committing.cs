using System.Runtime.InteropServices;
using Enrichment.Execution;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Attempts and outcomes: one statement a set. Written by hand on Npgsql: this is the hot path.</content>
public sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> BeginAttemptsAsync(Lease lease, string owner, IReadOnlyList<AttemptStart> attempts, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Fenced(connection, "begin_attempts", lease);
        Add(command, "owner", owner);
        Add(command, "items", Column(attempts, a => a.Item));
        Add(command, "attempts", Column(attempts, a => a.Attempt));
        Add(command, "generations", Column(attempts, a => a.Generation));
        return await ReadItemNumbersAsync(command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Fenced(connection, "commit", request.Lease);
        var items = request.Items;
        Add(command, "owner", request.Owner);
        Add(command, "attemptsAreOpen", request.AttemptsAreOpen);
        Add(command, "items", Column(items, i => i.Item));
        Add(command, "expected", Column(items, i => i.ExpectedAttempt));
        Add(command, "attempts", Column(items, i => i.Attempt));
        Add(command, "generations", Column(items, i => i.Generation));
        Add(command, "statuses", Column(items, i => (short)i.Status));
        Add(command, "outcomes", Column(items, i => (short?)i.Outcome));
        Add(command, "tries", Column(items, i => i.Tries));
        Add(command, "waits", Column(items, i => i.Status == Status.Pending && i.Waits != WaitReason.None ? (short?)i.Waits : null));
        Add(command, "delays", Column(items, i => (long)i.Delay.TotalMilliseconds));
        Add(command, "classes", Column(items, i => (short?)i.ErrorClass));
        Add(command, "errors", Column(items, i => i.Error));
        Add(command, "costs", Column(items, i => i.Cost));
        Add(command, "advances", Column(items, i => i.Advances));
        command.Parameters.Add(new("results", NpgsqlDbType.Array | NpgsqlDbType.Json) { Value = Column(items, i => i.Result.IsEmpty ? null : Bytes(i.Result)) });
        return await ReadItemNumbersAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<int>> ReadItemNumbersAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var items = new List<int>();
        await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            items.Add(reader.GetInt32(0));
        }

        return items;
    }

    private static TColumn[] Column<TRow, TColumn>(IReadOnlyList<TRow> rows, Func<TRow, TColumn> value)
    {
        var column = new TColumn[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(rows[i]);
        }

        return column;
    }

    // The gate gives a result an array of its own, which need not be copied again.
    private static byte[] Bytes(ReadOnlyMemory<byte> result) =>
        MemoryMarshal.TryGetArray(result, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : result.ToArray();

    private NpgsqlCommand Fenced(NpgsqlConnection connection, string operation, Lease lease)
    {
        var command = Keyed(connection, operation, lease.Range);
        Add(command, "lo", lease.Lo);
        Add(command, "token", lease.Token);
        return command;
    }
}
