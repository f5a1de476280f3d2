using Enrichment.Storage;

namespace Enrichment.Sqlite;

/// <content>The life of a lease after its claim: renewed, given back, lost and taken over.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task<bool> ReleaseAsync(Lease lease, bool evenIfDue, CancellationToken cancellationToken) =>
        WriteAsync(session => Release(session, lease, evenIfDue), cancellationToken);

    /// <inheritdoc />
    public IReadOnlyList<Lease> Renew(string owner, IReadOnlyList<Lease> leases, TimeSpan duration)
    {
        var set = JsonRows.Of(leases, (cells, lease) =>
        {
            cells.WriteNumberValue(lease.Range.Bucket);
            cells.WriteNumberValue(lease.Range.Batch);
            cells.WriteNumberValue(lease.Range.Stage);
            cells.WriteNumberValue(lease.Lo);
            cells.WriteNumberValue(lease.Token);
        });
        var held = Write(session => session.Query(
            "renew",
            row => (ReadRange(row), row.GetInt32(3), row.GetInt64(4)),
            ("@leases", set),
            ("@owner", owner),
            ("@duration", duration))).ToHashSet();
        return [.. leases.Where(lease => held.Contains((lease.Range, lease.Lo, lease.Token)))];
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Lease>> TakeLostAsync(string owner, TimeSpan duration, bool all, CancellationToken cancellationToken)
    {
        // Looked for beside the writer first: most sweeps find nothing.
        if ((await ReadAsync(session => FindLost(session, all), cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return [];
        }

        return await WriteAsync(
            session => FindLost(session, all).SelectMany(lost => session.Query(
                "take_lost",
                row => ReadLease(row, lost.Range),
                ("@bucket", lost.Range.Bucket),
                ("@batch", lost.Range.Batch),
                ("@stage", lost.Range.Stage),
                ("@lo", lost.Lo),
                ("@token", lost.Token),
                ("@owner", owner),
                ("@duration", duration),
                ("@all", all))).ToList(),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<LostItem>> ReadLostAsync(Lease lease, CancellationToken cancellationToken) => await ReadAsync(
        session => session.Query(
            "read_lost",
            row => new LostItem(row.GetInt32(0), row.GetInt16(1), row.GetInt32(2), row.GetInt16(3), row.IntOrNull(4)),
            ("@bucket", lease.Range.Bucket),
            ("@batch", lease.Range.Batch),
            ("@stage", lease.Range.Stage),
            ("@lo", lease.Lo),
            ("@hi", lease.Hi)),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public Task SplitAsync(Lease lease, IReadOnlyList<Lease> intervals, CancellationToken cancellationToken)
    {
        if (intervals.Count == 0)
        {
            return ReleaseAsync(lease, evenIfDue: true, cancellationToken);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(intervals.Count, 2);
        var second = intervals.Count == 2 ? intervals[1] : (Lease?)null;
        return WriteAsync(
            session => session.Execute(
                "split",
                ("@bucket", lease.Range.Bucket),
                ("@batch", lease.Range.Batch),
                ("@stage", lease.Range.Stage),
                ("@lo", lease.Lo),
                ("@token", lease.Token),
                ("@hi", intervals[0].Hi),
                ("@losses", intervals[0].Losses),
                ("@alone", intervals[0].Alone),
                ("@secondLo", second?.Lo),
                ("@secondHi", second?.Hi)),
            cancellationToken);
    }

    private static bool Release(SqliteSession session, Lease lease, bool evenIfDue) => session.Number(
        "release",
        ("@bucket", lease.Range.Bucket),
        ("@batch", lease.Range.Batch),
        ("@stage", lease.Range.Stage),
        ("@lo", lease.Lo),
        ("@hi", lease.Hi),
        ("@token", lease.Token),
        ("@evenIfDue", evenIfDue)) == 1;

    private static List<(RangeKey Range, int Lo, long Token)> FindLost(SqliteSession session, bool all) =>
        session.Query("find_lost", row => (ReadRange(row), row.GetInt32(3), row.GetInt64(4)), ("@all", all));
}
