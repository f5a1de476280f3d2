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
        var command = Fenced("begin_attempts", lease, out var parameters);
        Add(parameters, "owner", owner);
        Add(parameters, "items", Column(attempts, a => a.Item));
        Add(parameters, "attempts", Column(attempts, a => a.Attempt));
        Add(parameters, "generations", Column(attempts, a => a.Generation));
        Add(parameters, "calls", Column(attempts, a => a.Call));
        return await ReadNumbersAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> CommitAsync(CommitRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = Fenced("commit", request.Lease, out var parameters);
        Add(parameters, "owner", request.Owner);
        Add(parameters, "attemptsAreOpen", request.AttemptsAreOpen);
        Add(parameters, "expected", Column(request.Items, i => i.ExpectedAttempt));
        AddOutcomes(parameters, request.Items);
        Add(parameters, "asks", request.Asks);
        parameters.Add(new("sources", NpgsqlDbType.Array | NpgsqlDbType.Bigint) { Value = request.Items.Any(i => i.Source is not null) ? Column(request.Items, i => i.Source?.Source) : DBNull.Value });
        return await ReadNumbersAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    private static void AddOutcomes(NpgsqlParameterCollection parameters, IReadOnlyList<ItemCommit> items)
    {
        Add(parameters, "items", Column(items, i => i.Item));
        Add(parameters, "attempts", Column(items, i => i.Attempt));
        Add(parameters, "generations", Column(items, i => i.Generation));
        Add(parameters, "statuses", Column(items, i => (short)i.Status));
        Add(parameters, "outcomes", Column(items, i => (short?)i.Outcome));
        Add(parameters, "tries", Column(items, i => i.Tries));
        Add(parameters, "waits", Column(items, i => i.Status is Status.Pending or Status.InProgress && i.Waits != WaitReason.None ? (short?)i.Waits : null));
        Add(parameters, "delays", Column(items, i => (long)i.Delay.TotalMilliseconds));
        Add(parameters, "classes", Column(items, i => (short?)i.ErrorClass));
        Add(parameters, "errors", Column(items, i => i.Error));
        Add(parameters, "costs", Column(items, i => i.Cost));
        Add(parameters, "advances", Column(items, i => i.Advances));
        parameters.Add(new("results", NpgsqlDbType.Array | NpgsqlDbType.Json) { Value = Column(items, i => i.Result.IsEmpty ? null : Bytes(i.Result)) });
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

    private NpgsqlBatchCommand Fenced(string operation, Lease lease, out NpgsqlParameterCollection parameters)
    {
        var command = new NpgsqlBatchCommand(sql[operation]);
        parameters = command.Parameters;
        AddFence(parameters, lease);
        return command;
    }

    private NpgsqlCommand Fenced(NpgsqlConnection connection, string operation, Lease lease)
    {
        var command = new NpgsqlCommand(sql[operation], connection);
        AddFence(command.Parameters, lease);
        return command;
    }

    private void AddFence(NpgsqlParameterCollection parameters, Lease lease)
    {
        AddKey(parameters, lease.Range);
        Add(parameters, "lo", lease.Lo);
        Add(parameters, "token", lease.Token);
    }
}
