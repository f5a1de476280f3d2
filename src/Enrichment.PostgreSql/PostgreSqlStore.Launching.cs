using System.Data.Common;
using System.Runtime.CompilerServices;
using Dapper;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Batches: launching and finding them.</content>
internal sealed partial class PostgreSqlStore
{
    private const int BatchPage = 100;

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> LaunchAsync(
        IReadOnlyList<LaunchRequest> requests,
        DbTransaction? transaction,
        CancellationToken cancellationToken)
    {
        // Only the host can run its own transaction again.
        if (transaction is not null)
        {
            var hosts =
                transaction as NpgsqlTransaction
                ?? throw new EnrichmentException(
                    $"The batch cannot be launched inside a {transaction.GetType().Name}: the store is on PostgreSQL and needs an NpgsqlTransaction.");
            return await LaunchAsync(requests, ConnectionOf(hosts) ?? throw LaunchRequest.TransactionHasEnded(), hosts, cancellationToken)
                .ConfigureAwait(false);
        }

        return await RepeatAsync(
            async token =>
            {
                await using var connection = await OpenAsync(token).ConfigureAwait(false);
                await using var own = await BeginAsync(connection, token).ConfigureAwait(false);
                var batches = await LaunchAsync(requests, connection, own, token).ConfigureAwait(false);
                await own.CommitAsync(token).ConfigureAwait(false);
                return batches;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<Batch?> FindBatchAsync(string client, Guid id, CancellationToken cancellationToken) =>
        (await FindAsync(new() { Client = client, Id = id }, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.ToBatch();

    /// <inheritdoc />
    public async Task<Batch?> FindBatchAsync(int batch, CancellationToken cancellationToken) =>
        (await FindAsync(new() { Batch = batch }, cancellationToken).ConfigureAwait(false)).FirstOrDefault()?.ToBatch();

    /// <inheritdoc />
    public async IAsyncEnumerable<Batch> ReadBatchesAsync(
        string client,
        BatchFilter filter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int? below = null;
        List<BatchRow> page;
        do
        {
            var next = new PostgreSqlBatchFilter
            {
                Client = client, Upload = filter.Upload, Keys = filter.LaunchKey, Below = below, Limit = BatchPage,
            };
            page = await FindAsync(next, cancellationToken).ConfigureAwait(false);
            foreach (var row in page)
            {
                yield return row.ToBatch();
                below = row.Key;
            }
        }
        while (page.Count == BatchPage);
    }

    /// <summary>Null once the transaction was committed, rolled back or disposed of.</summary>
    private static NpgsqlConnection? ConnectionOf(NpgsqlTransaction transaction)
    {
        try
        {
            // Only a command tells whether its transaction is still one.
            using var probe = new NpgsqlCommand { Transaction = transaction };
            return transaction.Connection;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<Batch>> LaunchAsync(
        IReadOnlyList<LaunchRequest> requests,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var batches = new List<Batch>();
        foreach (var request in requests)
        {
            batches.Add(await LaunchAsync(request, connection, transaction, cancellationToken).ConfigureAwait(false));
            if (batches[0].AlreadyThere)
            {
                break;
            }
        }

        return batches;
    }

    private async Task<Batch> LaunchAsync(
        LaunchRequest request,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var batch = await connection
            .ExecuteScalarAsync<int?>(
                Command(
                    "launch_batch",
                    new
                    {
                        request.Id,
                        request.Upload,
                        request.Client,
                        request.Key,
                        requestHash = request.RequestHash.ToArray(),
                        request.Pipeline,
                        request.Snapshot,
                        request.TraceParent,
                        request.Priority,
                        now = Now,
                    },
                    cancellationToken,
                    transaction))
            .ConfigureAwait(false);
        if (batch is null)
        {
            return await FindLaunchedAsync(request, connection, transaction, cancellationToken).ConfigureAwait(false);
        }

        var items = await connection.ExecuteScalarAsync<int>(Command(
            "launch_items",
            new
            {
                batch,
                request.Upload,
                request.Detail,
                buckets = request.Rows.Select(run => run.Bucket).ToArray(),
                firsts = request.Rows.Select(run => run.First).ToArray(),
                lasts = request.Rows.Select(run => run.Last).ToArray(),
                now = Now,
            },
            cancellationToken,
            transaction,
            Unlimited)).ConfigureAwait(false);
        return items > 0
            ? (await FindAsync(connection, transaction, new() { Batch = batch }, cancellationToken).ConfigureAwait(false))
                .Single()
                .ToBatch()
            : throw new EnrichmentException(
                "Nothing was launched: none of the upload's accepted rows was chosen. Check the launch's condition and row numbers; the upload's report lists the rejected rows.");
    }

    private async Task<Batch> FindLaunchedAsync(
        LaunchRequest request,
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        CancellationToken cancellationToken)
    {
        var filter = new PostgreSqlBatchFilter { Client = request.Client, Key = request.Key };
        var found =
            (await FindAsync(connection, transaction, filter, cancellationToken).ConfigureAwait(false)).FirstOrDefault()
            ?? throw new EnrichmentException(
                $"Client '{request.Client}' has no sealed upload with the key {request.Upload}, or its rows were pruned: then upload the file again.");
        return request.RequestHash.Span.SequenceEqual(found.Request_Hash)
            ? found.ToBatch() with { AlreadyThere = true }
            : throw LaunchRequest.KeyWasUsed(request.Key, found.Id);
    }

    private Task<List<BatchRow>> FindAsync(PostgreSqlBatchFilter filter, CancellationToken cancellationToken) =>
        QueryAsync<BatchRow>("find_batches", filter, cancellationToken);

    private async Task<List<BatchRow>> FindAsync(
        NpgsqlConnection connection,
        NpgsqlTransaction transaction,
        PostgreSqlBatchFilter filter,
        CancellationToken cancellationToken)
    {
        var command = Command("find_batches", filter, cancellationToken, transaction);
        return (await connection.QueryAsync<BatchRow>(command).ConfigureAwait(false)).AsList();
    }

    private sealed record PostgreSqlBatchFilter
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

    private sealed record BatchRow(
        int Key,
        Guid Id,
        string Client,
        Guid Upload_Id,
        int Upload,
        string Pipeline,
        string Snapshot,
        string Launch_Key,
        byte[] Request_Hash,
        short Status,
        int Version,
        int Items,
        DateTime Created_At,
        DateTime? Started_At,
        DateTime? Completed_At,
        short Priority,
        DateTime? Pruned_At,
        bool Entity_Requests,
        string? Trace_Parent)
    {
        public Batch ToBatch() => new()
        {
            Key = Key,
            Id = Id,
            Client = Client,
            UploadId = Upload_Id,
            Upload = Upload,
            RequestHash = Request_Hash,
            Pipeline = Pipeline,
            Snapshot = Snapshot,
            LaunchKey = Launch_Key,
            Status = (BatchStatus)Status,
            Priority = Priority,
            Version = Version,
            Items = Items,
            CreatedAt = new(Created_At, TimeSpan.Zero),
            StartedAt = Started_At is { } started ? new(started, TimeSpan.Zero) : null,
            CompletedAt = Completed_At is { } completed ? new(completed, TimeSpan.Zero) : null,
            PrunedAt = Pruned_At is { } pruned ? new(pruned, TimeSpan.Zero) : null,
            IsRequestBatch = Entity_Requests,
            TraceParent = Trace_Parent,
        };
    }
}
