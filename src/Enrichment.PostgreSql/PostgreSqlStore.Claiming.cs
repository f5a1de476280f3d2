using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Leases won, and the records read under them. Written by hand on Npgsql: this is the hot path.</content>
public sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<DueBatch>> FindDueAsync(IReadOnlyCollection<(int Batch, short Stage)> except, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Timed(connection, sql["find_due"]);
        Add(command, "except", except.Select(stage => (stage.Batch * 32768L) + stage.Stage).ToArray());
        return await ReadAsync(command, row => new DueBatch(row.GetInt32(0), row.GetInt32(1), row.GetInt16(2)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Candidate>> FindCandidatesAsync(int batch, IReadOnlyCollection<short> except, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Timed(connection, sql["find_candidates"]);
        Add(command, "batch", batch);
        Add(command, "except", except.ToArray());
        Add(command, "limit", limit);
        return await ReadAsync(
            command, row => new Candidate(new(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2)), row.GetInt64(3), row.GetInt32(4)), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var candidate = request.Candidate;
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        Lease lease;
        List<ClaimedItem> items;

        // One round trip: the claim moves the token by one, so that the reading can name the lease before it is there.
        await using (var command = Reading(connection, sql["claim"] + sql["read_items"], request, candidate.Token + 1))
        {
            Add(command, "token", candidate.Token);
            Add(command, "pending", candidate.Pending);
            Add(command, "owner", request.Owner);
            Add(command, "lease", request.Lease);
            await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
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
    public async Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(ClaimRequest request, Lease lease, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        List<ClaimedItem> items;
        await using (var command = Reading(connection, sql["read_items"], request, lease.Token))
        {
            await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            items = await ReadItemsAsync(reader, cancellationToken).ConfigureAwait(false);
        }

        await ReadSourcesAsync(connection, request, items, cancellationToken).ConfigureAwait(false);
        return items;
    }

    private NpgsqlCommand Reading(NpgsqlConnection connection, string statements, ClaimRequest request, long leaseToken)
    {
        var command = Keyed(connection, statements, request.Candidate.Range);
        Add(command, "leaseToken", leaseToken);
        Add(command, "upload", request.Upload);
        Add(command, "limit", request.Limit);
        Add(command, "byteLimit", request.ByteLimit);
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
            });
        }

        return items;
    }

    private async Task ReadSourcesAsync(NpgsqlConnection connection, ClaimRequest request, List<ClaimedItem> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0 || request.Sources.Count == 0)
        {
            return;
        }

        var byItem = items.ToDictionary(item => item.Item);
        var referred = new HashSet<(short Stage, int Item, int Attempt)>();
        await using var command = Keyed(connection, sql["read_sources"], request.Candidate.Range);
        Add(command, "sources", request.Sources.ToArray());
        Add(command, "first", items[0].Item);
        Add(command, "last", items[^1].Item);
        await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var key = (Stage: reader.GetInt16(0), Item: reader.GetInt32(1), Attempt: reader.GetInt32(2));
            if (reader.IsDBNull(3))
            {
                referred.Add(key);
            }
            else if (referred.Contains(key) && byItem.TryGetValue(key.Item, out var item))
            {
                item.Results.Add((key.Stage, reader.GetFieldValue<byte[]>(3)));
            }
        }
    }

    private NpgsqlCommand Keyed(NpgsqlConnection connection, string statements, RangeKey range)
    {
        var command = Timed(connection, statements);
        Add(command, "bucket", range.Bucket);
        Add(command, "batch", range.Batch);
        Add(command, "stage", range.Stage);
        return command;
    }

    private NpgsqlCommand Timed(NpgsqlConnection connection, string statements) => new(statements, connection)
    {
        Parameters = { new("now", NpgsqlDbType.TimestampTz) { Value = (object?)Now ?? DBNull.Value } },
    };

    private async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken)
    {
        await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    private static void Add<T>(NpgsqlCommand command, string name, T value) => command.Parameters.Add(new NpgsqlParameter<T>(name, value));

    private static Lease ReadLease(NpgsqlDataReader reader, RangeKey range) =>
        new(range, reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt16(3), reader.GetInt16(4));
}
