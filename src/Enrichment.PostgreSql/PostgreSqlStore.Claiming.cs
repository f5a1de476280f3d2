using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Leases won, and the records read under them. Written by hand on Npgsql: this is the hot path.</content>
public sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<IReadOnlyList<Candidate>> FindCandidatesAsync(
        IReadOnlyCollection<(int Batch, short Stage)> except, int limit, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<CandidateRow>(
            "find_candidates",
            new { exceptBatches = except.Select(e => e.Batch).ToArray(), exceptStages = except.Select(e => e.Stage).ToArray(), limit, now = Now },
            cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => new Candidate(new(row.Bucket, row.Batch, row.Stage), row.Token, row.Pending))];
    }

    /// <inheritdoc />
    public async Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var candidate = request.Candidate;
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        Lease lease;
        await using (var command = Keyed(connection, "claim", candidate.Range))
        {
            Add(command, "token", candidate.Token);
            Add(command, "pending", candidate.Pending);
            Add(command, "owner", request.Owner);
            Add(command, "lease", request.Lease);
            Add(command, "limit", request.Limit);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            lease = ReadLease(reader, candidate.Range);
        }

        return new(lease, await ReadItemsAsync(connection, request, lease, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(ClaimRequest request, Lease lease, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        return await ReadItemsAsync(connection, request, lease, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<ClaimedItem>> ReadItemsAsync(NpgsqlConnection connection, ClaimRequest request, Lease lease, CancellationToken cancellationToken)
    {
        var items = new List<ClaimedItem>();
        await using (var command = Keyed(connection, "read_items", lease.Range))
        {
            Add(command, "lo", lease.Lo);
            Add(command, "hi", lease.Hi);
            Add(command, "token", lease.Token);
            Add(command, "upload", request.Upload);
            Add(command, "limit", request.Limit);
            Add(command, "byteLimit", request.ByteLimit);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
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
        }

        if (items.Count > 0 && request.Sources.Count > 0)
        {
            await ReadSourcesAsync(connection, request, lease, items, cancellationToken).ConfigureAwait(false);
        }

        return items;
    }

    private async Task ReadSourcesAsync(
        NpgsqlConnection connection, ClaimRequest request, Lease lease, List<ClaimedItem> items, CancellationToken cancellationToken)
    {
        var byItem = items.ToDictionary(item => item.Item);
        await using var command = Keyed(connection, "read_sources", lease.Range);
        Add(command, "sources", request.Sources.ToArray());
        Add(command, "first", items[0].Item);
        Add(command, "last", items[^1].Item);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (byItem.TryGetValue(reader.GetInt32(0), out var item))
            {
                item.Results.Add((reader.GetInt16(1), reader.GetFieldValue<byte[]>(2)));
            }
        }
    }

    private NpgsqlCommand Keyed(NpgsqlConnection connection, string operation, RangeKey range)
    {
        var command = new NpgsqlCommand(sql[operation], connection);
        Add(command, "bucket", range.Bucket);
        Add(command, "batch", range.Batch);
        Add(command, "stage", range.Stage);
        command.Parameters.Add(new("now", NpgsqlDbType.TimestampTz) { Value = (object?)Now ?? DBNull.Value });
        return command;
    }

    private static void Add<T>(NpgsqlCommand command, string name, T value) => command.Parameters.Add(new NpgsqlParameter<T>(name, value));

    private static Lease ReadLease(NpgsqlDataReader reader, RangeKey range) =>
        new(range, reader.GetInt32(0), reader.GetInt32(1), reader.GetInt64(2), reader.GetInt16(3), reader.GetInt16(4));

    private sealed record CandidateRow(short Bucket, int Batch, short Stage, long Token, int Pending);
}
