using System.Data.Common;
using System.Runtime.CompilerServices;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Batches: launching and finding them.</content>
internal sealed partial class SqliteStore
{
    private const int BatchPage = 100;

    /// <inheritdoc />
    public Task<IReadOnlyList<Batch>> LaunchAsync(
        IReadOnlyList<LaunchRequest> requests,
        DbTransaction? transaction,
        CancellationToken cancellationToken)
    {
        if (transaction is null)
        {
            return WriteAsync(session => Launch(session, requests), cancellationToken);
        }

        var hosts =
            transaction as SqliteTransaction
            ?? throw new EnrichmentException(
                $"The batch cannot be launched inside a {transaction.GetType().Name}: the store is on SQLite and needs a SqliteTransaction.");

        // Not through the gate: the host's transaction may already hold the database, and the holder of the gate would wait for it.
        var connection = hosts.Connection ?? throw LaunchRequest.TransactionHasEnded();
        using var session = new SqliteSession(connection, sql, options.Clock, hosts);
        return Task.FromResult(Launch(session, requests));
    }

    /// <inheritdoc />
    public Task<Batch?> FindBatchAsync(string client, Guid id, CancellationToken cancellationToken) =>
        ReadAsync<Batch?>(session => FindBatches(session, new() { Client = client, Id = id }).FirstOrDefault().Batch, cancellationToken);

    /// <inheritdoc />
    public Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken) =>
        ReadAsync<Batch?>(session => FindBatches(session, new() { Batch = batch }).FirstOrDefault().Batch, cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<Batch> ReadBatchesAsync(
        string client,
        BatchFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int? below = null;
        int read;
        do
        {
            var next = new SqliteBatchFilter
            {
                Client = client, Upload = filter.Upload, Keys = filter.LaunchKey, Below = below, Limit = BatchPage,
            };
            var page = await ReadAsync(session => FindBatches(session, next), cancellationToken).ConfigureAwait(false);
            foreach (var (batch, _) in page)
            {
                yield return batch;
                below = batch.Key;
            }

            read = page.Count;
        }
        while (read == BatchPage);
    }

    private static Batch LoadBatch(SqliteSession session, int batch) => FindBatches(session, new() { Batch = batch }).Single().Batch;

    private static IReadOnlyList<Batch> Launch(SqliteSession session, IReadOnlyList<LaunchRequest> requests)
    {
        var first = Launch(session, requests[0]);
        return first.AlreadyThere ? [first] : [first, .. requests.Skip(1).Select(request => Launch(session, request))];
    }

    private static Batch Launch(SqliteSession session, LaunchRequest request)
    {
        var batch = session.Number(
            "launch_batch",
            ("@id", request.Id),
            ("@upload", request.Upload),
            ("@client", request.Client),
            ("@key", request.Key),
            ("@requestHash", request.RequestHash),
            ("@pipeline", request.Pipeline),
            ("@snapshot", request.Snapshot),
            ("@traceParent", request.TraceParent),
            ("@priority", request.Priority));
        if (batch is null)
        {
            return FindLaunched(session, request);
        }

        var runs = JsonRows.Of(request.Rows, (writer, run) =>
        {
            writer.WriteNumberValue(run.Bucket);
            writer.WriteNumberValue(run.First);
            writer.WriteNumberValue(run.Last);
        });
        return session.Number("launch_items", ("@batch", batch), ("@upload", request.Upload), ("@detail", request.Detail), ("@runs", runs)) > 0
            ? LoadBatch(session, (int)batch)
            : throw new EnrichmentException(
                "Nothing was launched: none of the upload's accepted rows was chosen. Check the launch's condition and row numbers; the upload's report lists the rejected rows.");
    }

    private static Batch FindLaunched(SqliteSession session, LaunchRequest request)
    {
        var (batch, hash) = FindBatches(session, new() { Client = request.Client, Key = request.Key }).FirstOrDefault();
        if (batch is null)
        {
            throw new EnrichmentException(
                $"Client '{request.Client}' has no sealed upload with the key {request.Upload}, or its rows were pruned: then upload the file again.");
        }

        return request.RequestHash.Span.SequenceEqual(hash)
            ? batch with { AlreadyThere = true }
            : throw LaunchRequest.KeyWasUsed(request.Key, batch.Id);
    }

    private static List<(Batch Batch, byte[] RequestHash)> FindBatches(SqliteSession session, SqliteBatchFilter filter) => session.Query(
        "find_batches",
        row => (ReadBatch(row), row.Bytes(8)),
        ("@batch", filter.Batch),
        ("@client", filter.Client),
        ("@upload", filter.Upload),
        ("@id", filter.Id),
        ("@key", filter.Key),
        ("@keys", filter.Keys),
        ("@below", filter.Below),
        ("@limit", filter.Limit));

    private static Batch ReadBatch(SqliteDataReader row) => new()
    {
        Key = row.GetInt32(0),
        Id = row.GetGuid(1),
        Client = row.GetString(2),
        UploadId = row.GetGuid(3),
        Upload = row.GetInt32(4),
        RequestHash = row.Bytes(8),
        Pipeline = row.GetString(5),
        Snapshot = row.GetString(6),
        LaunchKey = row.GetString(7),
        Status = (BatchStatus)row.GetInt32(9),
        Version = row.GetInt32(10),
        Items = row.GetInt32(11),
        CreatedAt = row.Moment(12),
        StartedAt = row.MomentOrNull(13),
        CompletedAt = row.MomentOrNull(14),
        Priority = row.GetInt16(15),
        PrunedAt = row.MomentOrNull(16),
        IsRequestBatch = row.GetBoolean(17),
        TraceParent = row.IsDBNull(18) ? null : row.GetString(18),
    };

    private sealed record SqliteBatchFilter
    {
        public int? Batch { get; init; }

        public string? Client { get; init; }

        public int? Upload { get; init; }

        public Guid? Id { get; init; }

        public string? Key { get; init; }

        public string? Keys { get; init; }

        public int? Below { get; init; }

        public int Limit { get; init; } = 1;
    }
}
