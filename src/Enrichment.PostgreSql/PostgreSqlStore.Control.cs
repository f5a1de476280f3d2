using Dapper;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>What operators, the sequencer and the sweep do to batches.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<bool> SetPausedAsync(int batch, bool paused, CancellationToken cancellationToken) =>
        await RepeatAsync(
                token => ExecuteAsync(paused ? "pause_batch" : "resume_batch", new { batch, now = Now }, token),
                cancellationToken)
            .ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public async Task<bool> SetPriorityAsync(int batch, short priority, CancellationToken cancellationToken) =>
        await RepeatAsync(
                token =>
                    ExecuteAsync(
                        "set_priority",
                        new
                        {
                            batch,
                            priority,
                            now = Now,
                        },
                        token),
                cancellationToken)
            .ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public async Task<IReadOnlyList<MovedItems>?> CancelAsync(int batch, CancellationToken cancellationToken)
    {
        var changed = await RepeatAsync(token => ExecuteAsync("cancel_batch", new { batch, now = Now }, token), cancellationToken)
            .ConfigureAwait(false);
        if (changed == 0)
        {
            return null;
        }

        var cancelled = new List<MovedItems>();
        var left = new HashSet<EntityRequest>();
        var uncancelled = await FindUncancelledAsync(cancellationToken).ConfigureAwait(false);
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        foreach (var bucket in uncancelled.Where(open => open.Batch == batch).Select(open => open.Bucket))
        {
            var one = await RepeatAsync(token => CancelBucketAsync(connection, batch, bucket, token), cancellationToken)
                .ConfigureAwait(false);
            cancelled.AddRange(one.Cancelled);
            left.UnionWith(one.Left);
        }

        return [.. cancelled, .. await DropUnreferencedAsync(connection, left, cancellationToken).ConfigureAwait(false)];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<MovedItems>> CancelBucketAsync(int batch, short bucket, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var (cancelled, left) = await RepeatAsync(token => CancelBucketAsync(connection, batch, bucket, token), cancellationToken)
            .ConfigureAwait(false);
        return [.. cancelled, .. await DropUnreferencedAsync(connection, left, cancellationToken).ConfigureAwait(false)];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<(int Batch, short Bucket)>> FindUncancelledAsync(CancellationToken cancellationToken) =>
        await QueryAsync<(int, short)>("find_uncancelled", null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task<int> RetryAsync(int batch, short stage, IReadOnlyList<int> items, bool sameKey, CancellationToken cancellationToken) =>
        RepeatAsync(token => RetryOnceAsync(batch, stage, items, sameKey, token), cancellationToken);

    /// <inheritdoc />
    public Task<int> ResolveAsync(ResolveRequest request, CancellationToken cancellationToken) =>
        RepeatAsync(token => ResolveOnceAsync(request, token), cancellationToken);

    private async Task<int> RetryOnceAsync(
        int batch,
        short stage,
        IReadOnlyList<int> items,
        bool sameKey,
        CancellationToken cancellationToken)
    {
        var upload = (await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false)).UploadId;
        var stages = await StagesAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);
        var detail = $$"""{"stage":{{stage}},"chosen":{{items.Count}}{{(sameKey ? ""","sameKey":true""" : "")}}}""";
        if (!await ReopenAsync(transaction, batch, "retried", detail, cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var begun = 0;
        foreach (var group in items.GroupBy(item => (short)Bucket.Of(upload, item)).OrderBy(group => group.Key))
        {
            begun += await connection
                .ExecuteScalarAsync<int>(
                    Command(
                        "retry_bucket",
                        new
                        {
                            bucket = group.Key,
                            batch,
                            stage,
                            stages,
                            items = group.ToArray(),
                            sameKey,
                            now = Now,
                        },
                        cancellationToken,
                        transaction))
                .ConfigureAwait(false);
        }

        // Nothing began: the batch and its events stay as they were.
        await (begun > 0 ? transaction.CommitAsync(cancellationToken) : transaction.RollbackAsync(cancellationToken)).ConfigureAwait(false);
        return begun;
    }

    private async Task<int> ResolveOnceAsync(ResolveRequest request, CancellationToken cancellationToken)
    {
        var (batch, stage) = (request.Batch, request.Stage);
        var found = await this.LoadBatchAsync(batch, cancellationToken).ConfigureAwait(false);
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await BeginAsync(connection, cancellationToken).ConfigureAwait(false);

        // The first claim of a batch holds a range and then begins the batch, so that here the batch comes last until it has begun;
        // afterwards first, as with a retry, so that the history has the version behind what tables show.
        var begun = found.Status != BatchStatus.Pending;
        if (begun && !await ReopenAsync(transaction, batch, request.Kind, request.Detail, cancellationToken).ConfigureAwait(false))
        {
            return 0;
        }

        var ended = 0;
        foreach (var group in request.Items.GroupBy(item => (short)Bucket.Of(found.UploadId, item)).OrderBy(group => group.Key))
        {
            var of = new
            {
                bucket = group.Key,
                batch,
                stage,
                items = group.Order().ToArray(),
                status = (short)request.Status,
                result = request.ResultText,
                error = request.Reason,
                request.Advances,
                now = Now,
            };
            await connection.ExecuteAsync(Command("lock_states", of, cancellationToken, transaction)).ConfigureAwait(false);
            await connection.ExecuteAsync(Command("lock_range", of, cancellationToken, transaction)).ConfigureAwait(false);
            ended += await connection.ExecuteScalarAsync<int>(Command("resolve", of, cancellationToken, transaction)).ConfigureAwait(false);
        }

        // As above.
        var counts =
            ended > 0
            && (begun || await ReopenAsync(transaction, batch, request.Kind, request.Detail, cancellationToken).ConfigureAwait(false));
        await (counts ? transaction.CommitAsync(cancellationToken) : transaction.RollbackAsync(cancellationToken)).ConfigureAwait(false);
        return counts ? ended : 0;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RangeKey>> FindToAdvanceAsync(int limit, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(short Bucket, int Batch, short Stage)>("find_to_advance", new { limit }, cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => new RangeKey(row.Bucket, row.Batch, row.Stage))];
    }

    /// <inheritdoc />
    public Task<int> AdvanceAsync(RangeKey range, bool last, bool optional, CancellationToken cancellationToken) =>
        WriteScalarAsync<int>("advance", new { range.Bucket, range.Batch, range.Stage, last, optional, now = Now }, cancellationToken);

    /// <inheritdoc />
    public async Task<int> RepairRangesAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("drop_intervals", null, cancellationToken).ConfigureAwait(false);
        return await WriteScalarAsync<int>("repair_ranges", new { now = Now }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> CompleteBatchesAsync(CancellationToken cancellationToken)
    {
        List<int> ended;
        await using (var connection = await OpenAsync(cancellationToken).ConfigureAwait(false))
        {
            var command = Command("complete_batches", new { now = Now }, cancellationToken);
            ended = (await connection.QueryAsync<int>(command).ConfigureAwait(false)).AsList();
        }

        return await LoadAllAsync(ended, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public Task<bool> HasOpenWorkAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except,
        IReadOnlyCollection<(int Batch, short Stage)> unable,
        CancellationToken cancellationToken) =>
        ReadScalarAsync<bool>(
            "has_open_work",
            new
            {
                exceptBatches = except.Select(e => e.Batch).ToArray(),
                exceptStages = except.Select(e => e.Stage).ToArray(),
                unableBatches = unable.Select(u => u.Batch).ToArray(),
                unableStages = unable.Select(u => u.Stage).ToArray(),
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<int>> FindUnableAsync(CancellationToken cancellationToken) =>
        await QueryAsync<int>("find_unable", null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<Backlog> ReadBacklogAsync(CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(string? Reason, long Items, double Oldest, double Untaken, int OpenBreakers)>(
                "read_backlog",
                new { now = Now },
                cancellationToken)
            .ConfigureAwait(false);
        return Backlog.Of(rows.ConvertAll(row =>
            (row.Reason, row.Items, TimeSpan.FromSeconds(row.Oldest), TimeSpan.FromSeconds(row.Untaken), row.OpenBreakers)));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUnconsolidatedAsync(CancellationToken cancellationToken) =>
        await LoadAllAsync(await QueryAsync<int>("find_unconsolidated", null, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task MarkConsolidatedAsync(Batch batch, CancellationToken cancellationToken) =>
        ExecuteAsync("mark_consolidated", new { batch = batch.Key, batch.Version }, cancellationToken);

    /// <inheritdoc />
    public Task BeginObservingAsync(CancellationToken cancellationToken) =>
        ExecuteAsync("begin_observing", new { now = Now }, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUnobservedAsync(CancellationToken cancellationToken) =>
        await LoadAllAsync(await QueryAsync<int>("find_unobserved", null, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task MarkObservedAsync(Batch batch, CancellationToken cancellationToken) =>
        ExecuteAsync("mark_observed", new { batch = batch.Key, batch.Version }, cancellationToken);

    private async Task<(List<MovedItems> Cancelled, List<EntityRequest> Left)> CancelBucketAsync(
        NpgsqlConnection connection,
        int batch,
        short bucket,
        CancellationToken cancellationToken)
    {
        await using var cancel = new NpgsqlBatch(connection);
        if (await IsDirectOnceAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            cancel.BatchCommands.Add(new(PlanOnce));
        }

        var command = OfBucket("cancel_bucket", batch, bucket);
        AddNow(command.Parameters);
        cancel.BatchCommands.Add(OfBucket("lock_open", batch, bucket));
        cancel.BatchCommands.Add(command);
        cancel.BatchCommands.Add(OfBucket("leave_requests", batch, bucket));
        await PrepareAsync(cancel, cancellationToken).ConfigureAwait(false);
        await using var reader = await cancel.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        for (var ahead = cancel.BatchCommands.Count - 2; ahead > 0; ahead--)
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        var cancelled = new List<MovedItems>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            cancelled.Add(new(batch, reader.GetInt16(0), Status.Cancelled, reader.GetInt32(1)));
        }

        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var left = new List<EntityRequest>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            left.Add(new(reader.GetInt16(0), reader.GetInt32(1), reader.GetInt32(2)));
        }

        return (cancelled, left);
    }

    private async Task<bool> ReopenAsync(
        NpgsqlTransaction transaction,
        int batch,
        string kind,
        string detail,
        CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(Command("lock_batch", new { batch }, cancellationToken, transaction)).ConfigureAwait(false);
        return await connection
                .ExecuteAsync(
                    Command(
                        "reopen",
                        new
                        {
                            batch,
                            kind,
                            detail,
                            now = Now,
                        },
                        cancellationToken,
                        transaction))
                .ConfigureAwait(false) > 0;
    }

    private async Task<List<Batch>> LoadAllAsync(List<int> keys, CancellationToken cancellationToken)
    {
        var batches = new List<Batch>(keys.Count);
        foreach (var key in keys)
        {
            batches.Add(await this.LoadBatchAsync(key, cancellationToken).ConfigureAwait(false));
        }

        return batches;
    }

    private NpgsqlBatchCommand OfBucket(string operation, int batch, short bucket)
    {
        var command = new NpgsqlBatchCommand(sql[operation]);
        Add(command.Parameters, "batch", batch);
        Add(command.Parameters, "bucket", bucket);
        return command;
    }
}
