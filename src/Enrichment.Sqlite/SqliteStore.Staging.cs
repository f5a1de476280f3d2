using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Enrichment.Storage;
using Microsoft.Data.Sqlite;

namespace Enrichment.Sqlite;

/// <content>Uploads and their rows.</content>
internal sealed partial class SqliteStore
{
    /// <inheritdoc />
    public async Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        var key = await WriteAsync(
            session => session.Number(
                "begin_upload",
                ("@id", id),
                ("@clientId", Guid.CreateVersion7()),
                ("@client", upload.Client),
                ("@workstream", upload.Workstream),
                ("@workstreamVersion", upload.WorkstreamVersion),
                ("@fileName", upload.FileName),
                ("@by", upload.By)),
            cancellationToken).ConfigureAwait(false);
        return new((int)key!.Value, id, upload.Client);
    }

    /// <inheritdoc />
    public Task StageAsync(
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                if (session.Execute("touch_upload", ("@upload", staging.Upload)) == 0)
                {
                    throw staging.GivenUp();
                }

                WriteRows(session, staging, rows);
                WriteRejects(session, staging, rejects);
                return rows.Count;
            },
            cancellationToken);

    /// <inheritdoc />
    public Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken) => WriteAsync(
        session =>
        {
            var fingerprint = seal.Fingerprint.ToArray();
            session.Execute(
                "seal_upload",
                ("@upload", staging.Upload),
                ("@sizeBytes", seal.SizeBytes),
                ("@sha256", seal.Sha256),
                ("@fingerprint", fingerprint),
                ("@again", seal.Again),
                ("@columns", JsonSerializer.Serialize(seal.Columns)),
                ("@headerMap", JsonSerializer.Serialize(seal.HeaderMap)),
                ("@report", seal.Report),
                ("@accepted", seal.Accepted),
                ("@rejected", seal.Rejected));
            var upload = FindUpload(session, staging.Client, null, fingerprint, seal.Again ? staging.Upload : null)
                ?? throw staging.GivenUp();
            if (upload.Key == staging.Upload)
            {
                return upload;
            }

            session.Execute("discard_upload", ("@upload", staging.Upload));
            return upload with { AlreadyThere = true };
        },
        cancellationToken);

    /// <inheritdoc />
    public async Task DiscardAsync(Staging staging, CancellationToken cancellationToken)
    {
        for (var bucket = 0; bucket < Bucket.Count; bucket++)
        {
            await WriteAsync(
                    session => session.Execute("discard_rows", ("@upload", staging.Upload), ("@bucket", bucket)),
                    cancellationToken)
                .ConfigureAwait(false);
        }

        await WriteAsync(session => session.Execute("discard_upload", ("@upload", staging.Upload)), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken) =>
        await ReadAsync(
                session =>
                    session.Query("find_abandoned", row => new Staging(row.GetInt32(0), row.GetGuid(1), row.GetString(2)), ("@idle", idle)),
                cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("mark_abandoned", ("@upload", staging.Upload), ("@idle", idle)) > 0, cancellationToken);

    /// <inheritdoc />
    public Task<bool> WithdrawUploadAsync(Upload upload, CancellationToken cancellationToken) =>
        WriteAsync(session => session.Execute("withdraw_upload", ("@upload", upload.Key)) > 0, cancellationToken);

    /// <inheritdoc />
    public Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken) =>
        ReadAsync(session => FindUpload(session, client, id, null, null), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<Upload> ReadUploadsAsync(
        string client,
        UploadFilter filter,
        int below,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<Upload> page;
        do
        {
            page = await ReadAsync(
                    session => session.Query(
                        "read_uploads",
                        ReadUpload,
                        ("@client", client),
                        ("@workstream", filter.Workstream),
                        ("@fileName", filter.FileName),
                        ("@sha256", filter.Sha256),
                        ("@from", filter.From),
                        ("@until", filter.Until),
                        ("@launched", filter.Launched),
                        ("@below", below),
                        ("@limit", BatchPage)),
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var upload in page)
            {
                yield return upload;
                below = upload.Key;
            }
        }
        while (page.Count == BatchPage);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> ReadClientsAsync(CancellationToken cancellationToken) =>
        await ReadAsync(session => session.Query("read_clients", row => row.GetString(0)), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<StagedRow> ReadRowsAsync(
        Upload upload,
        int after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var run in BucketRun.Of(upload.Id, upload.Accepted + upload.Rejected, after))
        {
            var parts = await ReadAsync(session => PartsOf(session, run, upload.Key, batch: 0, []), cancellationToken)
                .ConfigureAwait(false);
            foreach (var part in parts)
            {
                foreach (var row in await ReadAsync(
                    session => session.Query(
                        "read_rows",
                        row => new StagedRow(row.GetInt32(0), row.Bytes(1)),
                        ("@bucket", run.Bucket),
                        ("@upload", upload.Key),
                        ("@first", part.First),
                        ("@last", part.Last)),
                    cancellationToken).ConfigureAwait(false))
                {
                    yield return row;
                }
            }
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StagedReject> ReadRejectsAsync(
        Upload upload,
        int after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var run in BucketRun.Of(upload.Id, upload.Accepted + upload.Rejected, after))
        {
            foreach (var reject in await ReadAsync(
                session => session.Query(
                    "read_rejects",
                    row => new StagedReject(row.GetInt32(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.Bytes(4)),
                    ("@bucket", run.Bucket),
                    ("@upload", upload.Key),
                    ("@first", run.First),
                    ("@last", run.Last)),
                cancellationToken).ConfigureAwait(false))
            {
                yield return reject;
            }
        }
    }

    private static void WriteRows(SqliteSession session, Staging staging, IReadOnlyList<StagedRow> rows)
    {
        using var writer = session.Writer("stage_rows");
        foreach (var row in rows)
        {
            writer.Set(1, staging.BucketOf(row.Row)).Set(2, staging.Upload).Set(3, row.Row).Set(4, row.Raw.Span).Write();
        }
    }

    private static void WriteRejects(SqliteSession session, Staging staging, IReadOnlyList<StagedReject> rejects)
    {
        using var writer = session.Writer("stage_rejects");
        foreach (var reject in rejects)
        {
            writer.Set(1, staging.BucketOf(reject.Row)).Set(2, staging.Upload).Set(3, reject.Row).Set(4, reject.Line)
                .Set(5, Encoding.UTF8.GetBytes(reject.Code)).Set(6, Encoding.UTF8.GetBytes(reject.Reason)).Set(7, reject.Raw.Span).Write();
        }
    }

    private static Upload? FindUpload(SqliteSession session, string client, Guid? id, byte[]? fingerprint, int? upload) =>
        session
            .Query(
                "find_upload",
                ReadUpload,
                ("@client", client),
                ("@id", id),
                ("@fingerprint", fingerprint),
                ("@again", upload is not null),
                ("@upload", upload))
            .FirstOrDefault();

    private static Upload ReadUpload(SqliteDataReader row) =>
        new()
        {
            Key = row.GetInt32(0),
            Id = row.GetGuid(1),
            Client = row.GetString(2),
            Workstream = row.GetString(3),
            WorkstreamVersion = row.GetString(4),
            FileName = row.TextOrNull(5),
            SizeBytes = row.GetInt64(6),
            Sha256 = row.Bytes(7),
            Columns = JsonSerializer.Deserialize<string[]>(row.GetString(8))!,
            HeaderMap = JsonSerializer
                .Deserialize<Dictionary<string, int[]>>(row.GetString(9))!
                .ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value),
            Report = row.GetString(10),
            Accepted = row.GetInt32(11),
            Rejected = row.GetInt32(12),
            SealedAt = row.Moment(13),
            PrunedAt = row.MomentOrNull(14),
            By = row.TextOrNull(15),
            Batches = row.GetInt32(16),
        };
}
