using System.Runtime.CompilerServices;
using Dapper;
using Enrichment.Storage;
using Npgsql;

namespace Enrichment.PostgreSql;

/// <content>Retention: a month of results is dropped, other rows are deleted by key in bounded steps.</content>
internal sealed partial class PostgreSqlStore
{
    // How often detaching a month waits a tenth of a second for readers and writers of results; then rows are deleted, and the next run
    // drops the empty month.
    private const int DropTries = 5;

    // Each takes a place in the server's table of locks, which has some thousands.
    private const int WorkersAtOnce = 500;

    /// <inheritdoc />
    public async IAsyncEnumerable<Batch> FindPrunableAsync(PruneQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int? after = null;
        List<int> page;
        do
        {
            page = await QueryAsync<int>(
                    "find_prunable",
                    new
                    {
                        query.OlderThan,
                        query.Client,
                        query.Consolidated,
                        whole = query.WholeMonths,
                        after,
                        limit = BatchPage,
                        now = Now,
                    },
                    cancellationToken)
                .ConfigureAwait(false);
            foreach (var batch in await LoadAllAsync(page, cancellationToken).ConfigureAwait(false))
            {
                yield return batch;
                after = batch.Key;
            }
        }
        while (page.Count == BatchPage);
    }

    /// <inheritdoc />
    public async Task<bool> MarkPrunedAsync(Batch batch, string detail, CancellationToken cancellationToken) =>
        await ExecuteAsync(
                "mark_pruned",
                new
                {
                    batch = batch.Key,
                    batch.Version,
                    detail,
                    now = Now,
                },
                cancellationToken)
            .ConfigureAwait(false) > 0;

    /// <inheritdoc />
    public async Task<IReadOnlyList<Batch>> FindUndeletedAsync(CancellationToken cancellationToken) =>
        await LoadAllAsync(await QueryAsync<int>("find_undeleted", null, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    /// <inheritdoc />
    public async IAsyncEnumerable<int> DeletePrunedAsync(Batch batch, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stages = await StagesAsync(batch.Key, cancellationToken).ConfigureAwait(false);
        await foreach (var run in RunsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            yield return await PruneAsync(
                    new
                    {
                        run.Bucket,
                        batch = batch.Key,
                        stages,
                        run.First,
                        run.Last,
                    },
                    cancellationToken)
                .ConfigureAwait(false);
        }

        await ExecuteAsync("prune_upload", new { batch.Upload, now = Now }, cancellationToken).ConfigureAwait(false);
        if ((await FindUploadAsync(batch.Client, batch.UploadId, cancellationToken).ConfigureAwait(false))?.PrunedAt is not null)
        {
            await foreach (var run in RunsAsync(batch, cancellationToken).ConfigureAwait(false))
            {
                yield return await WriteScalarAsync<int>(
                        "prune_rows",
                        new
                        {
                            run.Bucket,
                            batch.Upload,
                            run.First,
                            run.Last,
                        },
                        cancellationToken)
                    .ConfigureAwait(false);
            }
        }

        await ExecuteAsync("forget_samples", new { batch = batch.Key }, cancellationToken).ConfigureAwait(false);
        await ExecuteAsync("mark_deleted", new { batch = batch.Key, now = Now }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<int> MaintainPartitionsAsync(CancellationToken cancellationToken)
    {
        await ExecuteAsync("add_months", new { now = Now }, cancellationToken).ConfigureAwait(false);
        var dropped = 0;
        foreach (var month in await QueryAsync<int>("find_months_to_drop", new { now = Now }, cancellationToken).ConfigureAwait(false))
        {
            dropped += await DropAsync(month, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return dropped;
    }

    /// <inheritdoc />
    public async Task<int> ForgetWorkersAsync(TimeSpan unseen, CancellationToken cancellationToken)
    {
        var (forgotten, some) = (0, 0);
        do
        {
            some = await ExecuteAsync("forget_workers", new { unseen, limit = WorkersAtOnce, now = Now }, cancellationToken)
                .ConfigureAwait(false);
            forgotten += some;
        }
        while (some == WorkersAtOnce);
        return forgotten;
    }

    /// <inheritdoc />
    public Task<bool> TakeSingletonLeaseAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken) =>
        WriteScalarAsync<bool>("take_singleton_lease", new { name, owner, duration, now = Now }, cancellationToken);

    /// <inheritdoc />
    public Task EndSingletonLeaseAsync(string name, string owner, TimeSpan pause, CancellationToken cancellationToken) =>
        ExecuteAsync("end_singleton_lease", new { name, owner, pause, now = Now }, cancellationToken);

    private async Task<int> PruneAsync(object block, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var deleted =
            await connection.ExecuteScalarAsync<int>(Command("prune_items", block, cancellationToken, transaction)).ConfigureAwait(false)
            + await connection
                .ExecuteScalarAsync<int>(Command("prune_deliveries", block, cancellationToken, transaction))
                .ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return deleted;
    }

    private async Task<bool> DropAsync(int month, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var dropped = false;
                while (await WriteScalarAsync<bool>("drop_month", new { month, now = Now }, cancellationToken).ConfigureAwait(false))
                {
                    dropped = true;
                }

                return dropped;
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                if (tries == DropTries)
                {
                    return false;
                }
            }
        }
    }
}
