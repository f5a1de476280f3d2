using System.Runtime.InteropServices;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Attempts and outcomes: one statement a set. Written on Npgsql itself: this is the hot path.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> BeginAttemptsAsync(
        Lease lease,
        string owner,
        IReadOnlyList<AttemptStart> attempts,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var command = Fenced("begin_attempts", lease, out var parameters);
        Add(parameters, "owner", owner);
        Add(parameters, "items", Column(attempts, a => a.Item));
        Add(parameters, "attempts", Column(attempts, a => a.Attempt));
        Add(parameters, "generations", Column(attempts, a => a.Generation));
        AddSparse(parameters, "calls", NpgsqlDbType.Uuid, attempts, a => a.Call);
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
        Add(parameters, "requests", request.IsRequestBatch);
        AddSparse(parameters, "sources", NpgsqlDbType.Bigint, request.Items, i => i.Source?.Source);
        return await ReadNumbersAsync(connection, command, cancellationToken).ConfigureAwait(false);
    }

    private static void AddOutcomes(NpgsqlParameterCollection parameters, IReadOnlyList<StateChange> items)
    {
        Add(parameters, "items", Column(items, i => i.Item));
        Add(parameters, "attempts", Column(items, i => i.Attempt));
        Add(parameters, "generations", Column(items, i => i.Generation));
        Add(parameters, "statuses", Column(items, i => (short)i.Status));
        Add(parameters, "tries", Column(items, i => i.Tries));
        Add(parameters, "advances", Column(items, i => i.Advances));
        AddSparse(parameters, "outcomes", NpgsqlDbType.Smallint, items, i => (short?)i.Outcome);
        AddSparse(parameters, "results", NpgsqlDbType.Json, items, i => i.Result.IsEmpty ? null : Bytes(i.Result));
        AddSparse(parameters, "waits", NpgsqlDbType.Smallint, items, i => IsOpen(i) && i.Waits != WaitReason.None ? (short?)i.Waits : null);
        AddSparse(parameters, "delays", NpgsqlDbType.Bigint, items, i => IsOpen(i) ? (long?)i.Delay.TotalMilliseconds : null);
        AddSparse(parameters, "classes", NpgsqlDbType.Smallint, items, i => (short?)i.ErrorClass);
        AddSparse(parameters, "errors", NpgsqlDbType.Text, items, i => i.Error);
        AddSparse(parameters, "costs", NpgsqlDbType.Numeric, items, i => i.Cost);
    }

    private static bool IsOpen(StateChange item) => item.Status is Status.Pending or Status.InProgress;

    /// <summary>A column that is null of most sets: the whole is null then, which costs neither side anything for each row.</summary>
    private static void AddSparse<TRow, TColumn>(
        NpgsqlParameterCollection parameters,
        string name,
        NpgsqlDbType type,
        IReadOnlyList<TRow> rows,
        Func<TRow, TColumn> value)
    {
        TColumn[]? column = null;
        for (var i = 0; i < rows.Count; i++)
        {
            if (value(rows[i]) is { } known)
            {
                (column ??= new TColumn[rows.Count])[i] = known;
            }
        }

        parameters.Add(new(name, NpgsqlDbType.Array | type) { Value = (object?)column ?? DBNull.Value });
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
        MemoryMarshal.TryGetArray(result, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : result.ToArray();

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
