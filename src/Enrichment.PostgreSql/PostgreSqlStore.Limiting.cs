using Dapper;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>What vendors allow all hosts together.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public Task BindLimitAsync(int batch, short stage, LimitKey limit, bool untilAnswered, CancellationToken cancellationToken) =>
        ExecuteAsync("bind_limit", new { batch, stage, limit.Bucket, limit.Name, untilAnswered }, cancellationToken);

    /// <inheritdoc />
    public async Task<LeasedPermits> LeasePermitsAsync(PermitBlockRequest request, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);

        // One round trip and one transaction: only a read behind the lock is current.
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { OfLimit("lock_limit", request.Limit), LeaseCommand(request) },
        };
        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new(reader.GetInt64(0), reader.GetInt32(1), reader.GetTimeSpan(2), reader.GetTimeSpan(3), reader.GetBoolean(4));
    }

    /// <inheritdoc />
    public async Task ReturnPermitsAsync(BlockEnd end, CancellationToken cancellationToken)
    {
        var command = OfLimit("return_permits", end.Block.Limit);
        AddNow(command.Parameters);
        Add(command.Parameters, "block", end.Block.Block);
        Add(command.Parameters, "unused", end.Unused);
        Add(command.Parameters, "answered", end.Answered);
        Add(command.Parameters, "failed", end.Failed);
        Add(command.Parameters, "failures", end.Failures);
        Add(command.Parameters, "breakAfter", end.BreakAfter);
        Add(command.Parameters, "pause", end.Pause);
        Add(command.Parameters, "out", end.IsOut);
        await WriteBehindLockAsync(end.Block.Limit, command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void RenewBlocks(string owner, IReadOnlyList<HeldBlock> blocks, TimeSpan duration)
    {
        using var connection = Open();
        connection.Execute(
            sql["renew_permits"],
            new
            {
                owner,
                duration,
                buckets = Column(blocks, held => held.Limit.Bucket),
                names = Column(blocks, held => held.Limit.Name),
                blocks = Column(blocks, held => held.Block),
                now = Now,
            },
            commandTimeout: (int)Math.Ceiling(duration.TotalSeconds));
    }

    /// <inheritdoc />
    public Task PauseLimitAsync(LimitKey limit, TimeSpan pause, bool failing, CancellationToken cancellationToken) =>
        ExecuteAsync("pause_limit", new { limit.Bucket, limit.Name, pause, failing, now = Now }, cancellationToken);

    /// <inheritdoc />
    public async Task SlowDownAsync(LimitKey limit, TimeSpan? asked, TimeSpan first, TimeSpan longest, CancellationToken cancellationToken)
    {
        var command = OfLimit("slow_down", limit);
        AddNow(command.Parameters);
        command.Parameters.Add(new("asked", NpgsqlDbType.Interval) { Value = (object?)asked ?? DBNull.Value });
        Add(command.Parameters, "first", first);
        Add(command.Parameters, "longest", longest);
        await WriteBehindLockAsync(limit, command, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<bool> CountFailuresAsync(
        LimitKey limit,
        int failures,
        bool answered,
        int breakAfter,
        CancellationToken cancellationToken) =>
        await WriteScalarAsync<bool>(
                "count_failures",
                new
                {
                    limit.Bucket,
                    limit.Name,
                    failures,
                    answered,
                    breakAfter,
                },
                cancellationToken)
            .ConfigureAwait(false) && !answered;

    /// <inheritdoc />
    public async Task<IReadOnlyList<StageLimit>> ReadLimitsAsync(int batch, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(short Stage, string Name, string? Reason, DateTime? Until)>(
                "read_limits",
                new { batch, now = Now },
                cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. rows.Select(row => new StageLimit(
                row.Stage,
                row.Name,
                row.Reason,
                row.Until is { } until ? new(until, TimeSpan.Zero) : null)),
        ];
    }

    /// <inheritdoc />
    public async Task<bool> PauseAccountAsync(LimitKey account, TimeSpan pause, TimeSpan age, CancellationToken cancellationToken) =>
        await WriteScalarAsync<int>(
                "pause_account",
                new
                {
                    account.Bucket,
                    account.Name,
                    pause,
                    age,
                    now = Now,
                },
                cancellationToken)
            .ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public async Task<bool> ProbeAccountAsync(LimitKey account, TimeSpan hold, CancellationToken cancellationToken) =>
        await WriteScalarAsync<int>(
                "probe_account",
                new
                {
                    account.Bucket,
                    account.Name,
                    hold,
                    now = Now,
                },
                cancellationToken)
            .ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public Task ReturnProbeAsync(LimitKey account, CancellationToken cancellationToken) =>
        ExecuteAsync("return_probe", new { account.Bucket, account.Name }, cancellationToken);

    /// <inheritdoc />
    public async Task<bool> ResumeAccountAsync(LimitKey account, bool probed, CancellationToken cancellationToken)
    {
        var ended =
            await WriteScalarAsync<int>(
                    "resume_account",
                    new
                    {
                        account.Bucket,
                        account.Name,
                        probed,
                        now = Now,
                    },
                    cancellationToken)
                .ConfigureAwait(false) > 0;
        if (!ended && probed)
        {
            return false;
        }

        // Also if an operator says so again: the first time may have broken off before this.
        var putOff = await QueryAsync<(short Bucket, int Batch, short Stage)>("find_put_off", new { now = Now }, cancellationToken)
            .ConfigureAwait(false);
        foreach (var (bucket, batch, stage) in putOff)
        {
            await ExecuteAsync("end_put_off", new { bucket, batch, stage, now = Now }, cancellationToken).ConfigureAwait(false);
        }

        return ended;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<UsedUpAccount>> ReadAccountsAsync(CancellationToken cancellationToken) =>
        await TimedAsync("read_accounts", _ => { }, ReadAccount, cancellationToken).ConfigureAwait(false);

    private static UsedUpAccount ReadAccount(NpgsqlDataReader row) =>
        new(
            row.GetString(0),
            new(row.GetDateTime(1), TimeSpan.Zero),
            new(row.GetDateTime(2), TimeSpan.Zero),
            row.GetTimeSpan(3),
            row.GetBoolean(4));

    // One round trip and one transaction.
    private async Task WriteBehindLockAsync(LimitKey limit, NpgsqlBatchCommand command, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { OfLimit("lock_limit", limit), command } };
        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private NpgsqlBatchCommand LeaseCommand(PermitBlockRequest request)
    {
        var command = OfLimit("lease_permits", request.Limit);
        AddNow(command.Parameters);
        Add(command.Parameters, "client", request.Client);
        Add(command.Parameters, "owner", request.Owner);
        Add(command.Parameters, "calls", request.Calls);
        Add(command.Parameters, "gap", request.Gap);
        Add(command.Parameters, "surplus", request.Surplus);
        Add(command.Parameters, "concurrency", request.Concurrency);
        Add(command.Parameters, "ahead", request.Ahead);
        Add(command.Parameters, "lead", request.Lead);
        Add(command.Parameters, "window", request.Window);
        Add(command.Parameters, "lease", request.Lease);
        return command;
    }

    private NpgsqlBatchCommand OfLimit(string operation, LimitKey limit)
    {
        var command = new NpgsqlBatchCommand(sql[operation]);
        Add(command.Parameters, "bucket", limit.Bucket);
        Add(command.Parameters, "name", limit.Name);
        return command;
    }
}
