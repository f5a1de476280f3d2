using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Leases won, and the records read under them.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public Task<DueWork> FindDueAsync(IReadOnlyCollection<(int Batch, short Stage)> except, CancellationToken cancellationToken) =>
        ReadAsync(
            session => new DueWork(
                session.Query(
                    "find_due",
                    row => new DueBatch(row.GetInt32(0), row.GetInt32(1), row.GetInt16(2)),
                    ("@except", StagesOfBatches(except))),
                session.Query("read_accounts", ReadAccount)),
            cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Candidate>> FindCandidatesAsync(
        int batch,
        IReadOnlyCollection<short> except,
        int limit,
        CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query(
                        "find_candidates",
                        row => new Candidate(ReadRange(row), row.GetInt64(3)),
                        ("@batch", batch),
                        ("@except", JsonRows.Of(except)),
                        ("@limit", limit)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async Task<Claim?> ClaimAsync(ClaimRequest request, CancellationToken cancellationToken)
    {
        var (range, token) = request.Candidate;
        var won = await WriteAsync(
            session => session.Query(
                "claim",
                row => ReadLease(row, range),
                ("@bucket", range.Bucket),
                ("@batch", range.Batch),
                ("@stage", range.Stage),
                ("@token", token),
                ("@owner", request.Owner),
                ("@lease", request.Lease),
                ("@limit", request.Limit)),
            cancellationToken).ConfigureAwait(false);
        return won.Count == 0 ? null : new(won[0], await ReadAgainAsync(request, won[0], cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ClaimedItem>> ReadAgainAsync(ClaimRequest request, Lease lease, CancellationToken cancellationToken) =>
        await ReadAsync(session => ReadItems(session, request, lease), cancellationToken).ConfigureAwait(false);

    private static List<ClaimedItem> ReadItems(SqliteSession session, ClaimRequest request, Lease lease)
    {
        var items = session.Query(
            "read_items",
            row => new ClaimedItem
            {
                Item = row.GetInt32(0),
                Generation = row.GetInt16(1),
                Attempt = row.GetInt32(2),
                Tries = row.GetInt16(3),
                Raw = row.Bytes(4),
                KeyGeneration = row.GetInt16(5),
            },
            ("@bucket", lease.Range.Bucket),
            ("@batch", lease.Range.Batch),
            ("@stage", lease.Range.Stage),
            ("@lo", lease.Lo),
            ("@token", lease.Token),
            ("@upload", request.Upload),
            ("@limit", request.Limit),
            ("@byteLimit", request.ByteLimit));
        if (items.Count > 0 && request.Sources.Count > 0)
        {
            ReadSources(session, request, lease, items);
        }

        return items;
    }

    /// <summary>
    /// Reads what the items' records are made of. Items whose results go beyond the bytes are left for later: the list is cut behind the
    /// last that fits.
    /// </summary>
    private static void ReadSources(SqliteSession session, ClaimRequest request, Lease lease, List<ClaimedItem> items)
    {
        var sources = new ItemSources(request, items);
        ReadSources(session, request, lease, sources);
        if (sources.CutToFit())
        {
            ReadSources(session, request, lease, sources);
            sources.Order();
        }
    }

    private static void ReadSources(SqliteSession session, ClaimRequest request, Lease lease, ItemSources sources)
    {
        foreach (var (item, stage, size, result) in session.Query(
            "read_sources",
            row => (row.GetInt32(0), row.GetInt16(1), row.GetInt32(2), row.IsDBNull(3) ? default(ReadOnlyMemory<byte>?) : row.Bytes(3)),
            ("@bucket", lease.Range.Bucket),
            ("@batch", lease.Range.Batch),
            ("@sources", JsonRows.Of(request.Sources)),
            ("@first", sources.First),
            ("@last", sources.Last),
            ("@above", sources.Above),
            ("@inline", sources.Inline)))
        {
            sources.Add(item, stage, size, result);
        }
    }

    private static string StagesOfBatches(IReadOnlyCollection<(int Batch, short Stage)> stages) => JsonRows.Of(stages, (cells, stage) =>
    {
        cells.WriteNumberValue(stage.Batch);
        cells.WriteNumberValue(stage.Stage);
    });

    private static RangeKey ReadRange(SqliteDataReader row) => new(row.GetInt16(0), row.GetInt32(1), row.GetInt16(2));

    private static Lease ReadLease(SqliteDataReader row, RangeKey range) =>
        new(range, row.GetInt32(0), row.GetInt32(1), row.GetInt64(2), row.GetInt16(3), row.GetInt16(4));
}
