using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Leases won, and the records read under them. Written on Npgsql itself: this is the hot path.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public Task<DueWork> FindDueAsync(IReadOnlyCollection<(int Batch, short Stage)> except, CancellationToken cancellationToken) =>
        ReadAsync(
            async connection =>
            {
                var due = new NpgsqlBatchCommand(sql["find_due"]);
                AddNow(due.Parameters);
                Add(due.Parameters, "except", Numbers(except));
                var accounts = new NpgsqlBatchCommand(sql["read_accounts"]);
                AddNow(accounts.Parameters);
                await using var batch = new NpgsqlBatch(connection) { BatchCommands = { due, accounts } };
                await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
                await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                var batches = await MapAsync(
                        reader,
                        row => new DueBatch(row.GetInt32(0), row.GetInt32(1), row.GetInt16(2)),
                        cancellationToken)
                    .ConfigureAwait(false);
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                return new DueWork(batches, await MapAsync(reader, ReadAccount, cancellationToken).ConfigureAwait(false));
            },
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Candidate>> FindCandidatesAsync(
        int batch,
        IReadOnlyCollection<short> except,
        int limit,
        CancellationToken cancellationToken) =>
        await TimedAsync(
            "find_candidates",
            command =>
            {
                Add(command, "batch", batch);
                Add(command, "except", except.ToArray());
                Add(command, "limit", limit);
            },
            row => new Candidate(new(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2)), row.GetInt64(3)),
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var candidate = request.Candidate;
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        Lease lease;
        List<ClaimedItem> items;

        // One round trip: the claim moves the token by one, so that the reading can name the lease before it is there. Two transactions,
        // because the rows may be many, and a host that stops in the middle of reading them must not hold the range's row.
        await using (var batch = new NpgsqlBatch(connection))
        {
            batch.BatchCommands.Add(Keyed("lock_range", candidate.Range));
            batch.BatchCommands.Add(ClaimCommand(request));
            batch.BatchCommands.Add(ReadCommand(request, candidate.Token + 1));
            await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            lease = ReadLease(reader, candidate.Range);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            items = await ReadItemsAsync(reader, cancellationToken).ConfigureAwait(false);
        }

        await ReadSourcesAsync(connection, request, items, cancellationToken).ConfigureAwait(false);
        return new(lease, items);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(ClaimRequest request, Lease lease, CancellationToken cancellationToken) =>
        await ReadAsync(
                async connection =>
                {
                    List<ClaimedItem> items;
                    await using (var batch = new NpgsqlBatch(connection) { BatchCommands = { ReadCommand(request, lease.Token) } })
                    {
                        await PrepareAsync(batch, cancellationToken).ConfigureAwait(false);
                        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                        items = await ReadItemsAsync(reader, cancellationToken).ConfigureAwait(false);
                    }

            await ReadSourcesAsync(connection, request, items, cancellationToken).ConfigureAwait(false);
            return items;
        },
        cancellationToken).ConfigureAwait(false);

    private NpgsqlBatchCommand ClaimCommand(ClaimRequest request)
    {
        var command = new NpgsqlBatchCommand(sql["claim"]) { AppendErrorBarrier = true };
        AddKey(command.Parameters, request.Candidate.Range);
        Add(command.Parameters, "token", request.Candidate.Token);
        Add(command.Parameters, "owner", request.Owner);
        Add(command.Parameters, "lease", request.Lease);
        Add(command.Parameters, "limit", request.Limit);
        return command;
    }

    private NpgsqlBatchCommand ReadCommand(ClaimRequest request, long leaseToken)
    {
        var command = new NpgsqlBatchCommand(sql["read_items"]);
        AddKey(command.Parameters, request.Candidate.Range);
        Add(command.Parameters, "leaseToken", leaseToken);
        Add(command.Parameters, "upload", request.Upload);
        Add(command.Parameters, "limit", request.Limit);
        Add(command.Parameters, "byteLimit", request.ByteLimit);
        return command;
    }

    private static async Task<List<ClaimedItem>> ReadItemsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var items = new List<ClaimedItem>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            items.Add(new()
            {
                Item = reader.GetInt32(0),
                Generation = reader.GetInt16(1),
                Attempt = reader.GetInt32(2),
                Tries = reader.GetInt16(3),
                Raw = reader.GetFieldValue<byte[]>(4),
                KeyGeneration = reader.GetInt16(5),
            });
        }

        return items;
    }

    /// <summary>
    /// Reads what the items' records are made of. Items whose results go beyond the bytes are left for later: the list is cut behind the
    /// last that fits.
    /// </summary>
    private async Task ReadSourcesAsync(
        NpgsqlConnection connection,
        ClaimRequest request,
        List<ClaimedItem> items,
        CancellationToken cancellationToken)
    {
        if (items.Count == 0 || request.Sources.Count == 0)
        {
            return;
        }

        var sources = new ItemSources(request, items);
        await ReadSourcesAsync(connection, request, sources, cancellationToken).ConfigureAwait(false);
        if (sources.CutToFit())
        {
            await ReadSourcesAsync(connection, request, sources, cancellationToken).ConfigureAwait(false);
            sources.Order();
        }
    }

    private async Task ReadSourcesAsync(
        NpgsqlConnection connection,
        ClaimRequest request,
        ItemSources sources,
        CancellationToken cancellationToken)
    {
        var referred = new HashSet<(short Stage, int Item, int Attempt)>();
        await using var command = Keyed(connection, "read_sources", request.Candidate.Range);
        Add(command, "sources", request.Sources.ToArray());
        Add(command, "first", sources.First);
        Add(command, "last", sources.Last);
        Add(command, "above", sources.Above);
        Add(command, "inline", sources.Inline);
        await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var key = (Stage: reader.GetInt16(0), Item: reader.GetInt32(1), Attempt: reader.GetInt32(2));
            if (reader.IsDBNull(3))
            {
                referred.Add(key);
            }
            else if (referred.Contains(key))
            {
                sources.Add(
                    key.Item,
                    key.Stage,
                    reader.GetInt32(3),
                    reader.IsDBNull(4) ? default(ReadOnlyMemory<byte>?) : reader.GetFieldValue<byte[]>(4));
            }
        }
    }

    private NpgsqlBatchCommand Keyed(string operation, RangeKey range)
    {
        var command = new NpgsqlBatchCommand(sql[operation]);
        AddKey(command.Parameters, range);
        return command;
    }

    private NpgsqlCommand Keyed(NpgsqlConnection connection, string operation, RangeKey range)
    {
        var command = new NpgsqlCommand(sql[operation], connection);
        AddKey(command.Parameters, range);
        return command;
    }

    private NpgsqlCommand Timed(NpgsqlConnection connection, string operation)
    {
        var command = new NpgsqlCommand(sql[operation], connection);
        AddNow(command.Parameters);
        return command;
    }

    /// <summary>The rows of a read that returns the time.</summary>
    private Task<List<T>> TimedAsync<T>(
        string operation,
        Action<NpgsqlCommand> bind,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken) =>
        ReadAsync(
            async connection =>
            {
                await using var command = Timed(connection, operation);
                bind(command);
                return await MapAsync(command, map, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    private async Task<List<T>> MapAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await MapAsync(reader, map, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<T>> MapAsync<T>(
        NpgsqlDataReader reader,
        Func<NpgsqlDataReader, T> map,
        CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    // A stage of a batch as one number, as the statements compare them.
    private static long[] Numbers(IReadOnlyCollection<(int Batch, short Stage)> stages) =>
        [.. stages.Select(stage => (stage.Batch * 32768L) + stage.Stage)];

    private void AddKey(NpgsqlParameterCollection parameters, RangeKey range)
    {
        AddNow(parameters);
        Add(parameters, "bucket", range.Bucket);
        Add(parameters, "batch", range.Batch);
        Add(parameters, "stage", range.Stage);
    }

    private void AddNow(NpgsqlParameterCollection parameters) =>
        parameters.Add(new("now", NpgsqlDbType.TimestampTz) { Value = (object?)Now ?? DBNull.Value });

    private static void Add<T>(NpgsqlCommand command, string name, T value) => Add(command.Parameters, name, value);

    private static void Add<T>(NpgsqlParameterCollection parameters, string name, T value) =>
        parameters.Add(new NpgsqlParameter<T>(name, value));

    private static Lease ReadLease(NpgsqlDataReader reader, RangeKey range) =>
        new(range, reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt16(3), reader.GetInt16(4));
}
