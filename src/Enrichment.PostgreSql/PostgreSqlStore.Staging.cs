using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;
using Enrichment.PostgreSql.Consolidation;
using Enrichment.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Enrichment.PostgreSql;

/// <content>Uploads and their rows.</content>
internal sealed partial class PostgreSqlStore
{
    /// <inheritdoc />
    public async Task<Staging> BeginUploadAsync(NewUpload upload, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        var parameters = new
        {
            id,
            clientId = Guid.CreateVersion7(),
            client = upload.Client,
            upload.Workstream,
            upload.WorkstreamVersion,
            upload.FileName,
            upload.By,
            now = Now,
        };
        var key = await RepeatAsync(token => WriteScalarAsync<int>("begin_upload", parameters, token), cancellationToken)
            .ConfigureAwait(false);
        return new(key, id, upload.Client);
    }

    /// <inheritdoc />
    public Task StageAsync(
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken) =>
        RepeatAsync(token => StageOnceAsync(staging, rows, rejects, token), cancellationToken);

    private async Task<int> StageOnceAsync(
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var touch = Command("touch_upload", new { staging.Upload, now = Now }, cancellationToken, transaction);
        if (await connection.ExecuteAsync(touch).ConfigureAwait(false) == 0)
        {
            throw staging.GivenUp();
        }

        if (rows.Count > 0)
        {
            await CopyRowsAsync(connection, staging, rows, cancellationToken).ConfigureAwait(false);
        }

        if (rejects.Count > 0)
        {
            await CopyRejectsAsync(connection, staging, rejects, cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return rows.Count;
    }

    /// <inheritdoc />
    public async Task<Upload> SealAsync(Staging staging, UploadSeal seal, CancellationToken cancellationToken)
    {
        var parameters = new
        {
            staging.Upload,
            seal.SizeBytes,
            sha256 = seal.Sha256.ToArray(),
            fingerprint = seal.Fingerprint.ToArray(),
            seal.Again,
            columns = JsonSerializer.Serialize(seal.Columns),
            headerMap = JsonSerializer.Serialize(seal.HeaderMap),
            seal.Report,
            seal.Accepted,
            seal.Rejected,
            now = Now,
        };
        var sealed_ = await SealOnceAsync(parameters, seal.Again, cancellationToken).ConfigureAwait(false);
        var upload =
            await FindAsync(staging.Client, null, parameters.fingerprint, seal.Again ? staging.Upload : null, cancellationToken)
                .ConfigureAwait(false)
            ?? throw staging.GivenUp();
        if (upload.Key == staging.Upload)
        {
            return upload;
        }

        if (!sealed_)
        {
            await DiscardAsync(staging, cancellationToken).ConfigureAwait(false);
        }

        return upload with { AlreadyThere = true };
    }

    /// <inheritdoc />
    public async Task DiscardAsync(Staging staging, CancellationToken cancellationToken)
    {
        for (short bucket = 0; bucket < Bucket.Count; bucket++)
        {
            var of = new { staging.Upload, bucket };
            await RepeatAsync(token => ExecuteAsync("discard_rows", of, token), cancellationToken).ConfigureAwait(false);
        }

        await RepeatAsync(token => ExecuteAsync("discard_upload", new { staging.Upload }, token), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Staging>> FindAbandonedUploadsAsync(TimeSpan idle, CancellationToken cancellationToken) =>
        [
            .. (
                await QueryAsync<(int Upload, Guid Id, string Client)>("find_abandoned", new { idle, now = Now }, cancellationToken)
                    .ConfigureAwait(false)).Select(row => new Staging(row.Upload, row.Id, row.Client)),
        ];

    /// <inheritdoc />
    public async Task<bool> GiveUpAsync(Staging staging, TimeSpan idle, CancellationToken cancellationToken) =>
        await ExecuteAsync("mark_abandoned", new { staging.Upload, idle, now = Now }, cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public async Task<bool> WithdrawUploadAsync(Upload upload, CancellationToken cancellationToken) =>
        await RepeatAsync(token => ExecuteAsync("withdraw_upload", new { upload = upload.Key, now = Now }, token), cancellationToken)
            .ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public Task<Upload?> FindUploadAsync(string client, Guid id, CancellationToken cancellationToken) =>
        FindAsync(client, id, null, null, cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<Upload> ReadUploadsAsync(
        string client,
        UploadFilter filter,
        int below,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var fileName = filter.FileName is { } part ? CasePattern.Of(part) : null;
        var sha256 = filter.Sha256?.ToArray();
        var (from, until) = (filter.From?.ToUniversalTime(), filter.Until?.ToUniversalTime());
        int read;
        do
        {
            var page = await QueryAsync<StoredUpload>(
                    "read_uploads",
                    new
                    {
                        client,
                        filter.Workstream,
                        fileName,
                        sha256,
                        from,
                        until,
                        filter.Launched,
                        below,
                        limit = BatchPage,
                    },
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var row in page)
            {
                var upload = row.ToUpload();
                yield return upload;
                below = upload.Key;
            }

            read = page.Count;
        }
        while (read == BatchPage);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<string>> ReadClientsAsync(CancellationToken cancellationToken) =>
        await QueryAsync<string>("read_clients", null, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<StagedRow> ReadRowsAsync(
        Upload upload,
        int after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var run in BucketRun.Of(upload.Id, upload.Accepted + upload.Rejected, after))
        {
            foreach (var part in await PartsAsync(run, upload.Key, batch: 0, [], cancellationToken).ConfigureAwait(false))
            {
                var parameters = new { run.Bucket, upload = upload.Key, part.First, part.Last };
                foreach (var row in await QueryAsync<RawRow>("read_rows", parameters, cancellationToken).ConfigureAwait(false))
                {
                    yield return new(row.Row, System.Text.Encoding.UTF8.GetBytes(row.Raw));
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
            var parameters = new { run.Bucket, upload = upload.Key, run.First, run.Last };
            foreach (var row in await QueryAsync<StoredReject>("read_rejects", parameters, cancellationToken).ConfigureAwait(false))
            {
                yield return new(row.Row, row.Line, row.Code, row.Reason, row.Raw);
            }
        }
    }

    private async Task<bool> SealOnceAsync(object parameters, bool again, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await RepeatAsync(token => ExecuteAsync("seal_upload", parameters, token), cancellationToken).ConfigureAwait(false)
                    > 0;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                // Another seal of the same content won between our look and our write. A deliberate repetition takes the next edition.
                if (!again)
                {
                    return false;
                }
            }
        }
    }

    private async Task<Upload?> FindAsync(string client, Guid? id, byte[]? fingerprint, int? upload, CancellationToken cancellationToken)
    {
        var rows = await QueryAsync<StoredUpload>(
            "find_upload", new { client, id, fingerprint, again = upload is not null, upload }, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : rows[0].ToUpload();
    }

    // Npgsql takes a COPY only if it is the first word, so without the file's head comment.
    private string Copy(string operation) => sql[operation][sql[operation].IndexOf("copy ", StringComparison.Ordinal)..];

    private async Task CopyRowsAsync(
        NpgsqlConnection connection,
        Staging staging,
        IReadOnlyList<StagedRow> rows,
        CancellationToken cancellationToken)
    {
        await using var writer = await connection.BeginBinaryImportAsync(Copy("stage_rows"), cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            await writer.StartRowAsync(cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(staging.BucketOf(row.Row), NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(staging.Upload, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(row.Row, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(row.Raw, NpgsqlDbType.Json, cancellationToken).ConfigureAwait(false);
        }

        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyRejectsAsync(
        NpgsqlConnection connection,
        Staging staging,
        IReadOnlyList<StagedReject> rejects,
        CancellationToken cancellationToken)
    {
        await using var writer = await connection.BeginBinaryImportAsync(Copy("stage_rejects"), cancellationToken).ConfigureAwait(false);
        foreach (var reject in rejects)
        {
            await writer.StartRowAsync(cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(staging.BucketOf(reject.Row), NpgsqlDbType.Smallint, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(staging.Upload, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(reject.Row, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(reject.Line, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(reject.Code, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(reject.Reason, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            await writer.WriteAsync(reject.Raw, NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
        }

        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed record RawRow(int Row, string Raw);

    private sealed record StoredReject(int Row, long Line, string Code, string Reason, byte[] Raw);

    private sealed record StoredUpload(
        int Key,
        Guid Id,
        string Client,
        string Workstream,
        string Workstream_Version,
        string? File_Name,
        long Size_Bytes,
        byte[] Sha256,
        string Columns,
        string Header_Map,
        string Report,
        int Accepted,
        int Rejected,
        DateTime Sealed_At,
        DateTime? Pruned_At,
        string? Uploaded_By,
        int Batches)
    {
        public Upload ToUpload() =>
            new()
            {
                Key = Key,
                Id = Id,
                Client = Client,
                Workstream = Workstream,
                WorkstreamVersion = Workstream_Version,
                FileName = File_Name,
                SizeBytes = Size_Bytes,
                Sha256 = Sha256,
                Columns = JsonSerializer.Deserialize<string[]>(Columns)!,
                HeaderMap = JsonSerializer
                    .Deserialize<Dictionary<string, int[]>>(Header_Map)!
                    .ToDictionary(pair => pair.Key, pair => (IReadOnlyList<int>)pair.Value),
                Report = Report,
                Accepted = Accepted,
                Rejected = Rejected,
                SealedAt = new(Sealed_At, TimeSpan.Zero),
                PrunedAt = Pruned_At is { } pruned ? new(pruned, TimeSpan.Zero) : null,
                By = Uploaded_By,
                Batches = Batches,
            };
    }
}
