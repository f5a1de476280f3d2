using Dapper;
using Enrichment.Storage;

namespace Enrichment.PostgreSql;

/// <content>The life of a lease after its claim: renewed, given back, lost and taken over.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var command = Fenced(connection, "release", lease);
        Add(command, "hi", lease.Hi);
        Add(command, "evenIfDue", evenIfDue);
        await PrepareAsync(command, cancellationToken).ConfigureAwait(false);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
    }

    /// <inheritdoc />
    public IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration)
    {
        using var connection = Open();
        var held = connection.Query<(short Bucket, int Batch, short Stage, int Lo, long Token)>(
            sql["renew"],
            new
            {
                owner,
                duration,
                buckets = Column(leases, l => l.Range.Bucket),
                batches = Column(leases, l => l.Range.Batch),
                stages = Column(leases, l => l.Range.Stage),
                los = Column(leases, l => l.Lo),
                tokens = Column(leases, l => l.Token),
                now = Now,
            },
            commandTimeout: (int)Math.Ceiling(duration.TotalSeconds)).ToHashSet();
        return [.. leases.Where(l => held.Contains((l.Range.Bucket, l.Range.Batch, l.Range.Stage, l.Lo, l.Token)))];
    }

    /// <inheritdoc />
    public Task<int> EndStalledAsync(TimeSpan longer, CancellationToken cancellationToken) =>
        WriteScalarAsync<int>("end_stalled", new { longer }, cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Lease>> TakeLostAsync(string owner, TimeSpan duration, bool all, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        var lost = await connection
            .QueryAsync<(short Bucket, int Batch, short Stage, int Lo, long Token)>(
                Command("find_lost", new { all, now = Now }, cancellationToken))
            .ConfigureAwait(false);
        var taken = new List<Lease>();
        foreach (var (bucket, batch, stage, lo, token) in lost)
        {
            var range = new RangeKey(bucket, batch, stage);
            await using var command = Fenced(connection, "take_lost", new(range, lo, lo, token));
            Add(command, "owner", owner);
            Add(command, "duration", duration);
            Add(command, "all", all);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                taken.Add(ReadLease(reader, range));
            }
        }

        return taken;
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<LostItem>> ReadLostAsync(Lease lease, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<(int Item, short Generation, int Attempt, short Tries, int? OpenAttempt)>(
                "read_lost",
                new
                {
                    lease.Range.Bucket,
                    lease.Range.Batch,
                    lease.Range.Stage,
                    lease.Lo,
                    lease.Hi,
                },
                cancellationToken)
            .ConfigureAwait(false);
        return [.. rows.Select(row => new LostItem(row.Item, row.Generation, row.Attempt, row.Tries, row.OpenAttempt))];
    }

    /// <inheritdoc />
    public async Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken)
    {
        if (intervals.Count == 0)
        {
            await ReleaseAsync(lease, evenIfDue: true, cancellationToken).ConfigureAwait(false);
            return;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(intervals.Count, 2);
        var second = intervals.Count == 2 ? intervals[1] : (Lease?)null;
        await ExecuteAsync(
            "split",
            new
            {
                lease.Range.Bucket,
                lease.Range.Batch,
                lease.Range.Stage,
                lease.Lo,
                lease.Token,
                intervals[0].Hi,
                intervals[0].Losses,
                intervals[0].Alone,
                secondLo = second?.Lo,
                secondHi = second?.Hi,
                now = Now,
            },
            cancellationToken).ConfigureAwait(false);
    }
}
