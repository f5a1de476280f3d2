using System.Text.Json;
using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>
/// Prunes ended batches: archives and marks them, then deletes their rows. With the mark a batch is pruned; the deletion may be interrupted
/// at any point, and the next run finishes it. Two runs at once do no harm.
/// </summary>
internal sealed class Pruner(IRetentionStore retention, IBatchStore batches, IUploadStore uploads, IBatchReader reader, bool consolidates)
{
    // A worker that is there asks every second or so, under a name that a new process of it does not have.
    private static readonly TimeSpan Unseen = TimeSpan.FromDays(1);

    /// <summary>Prunes batches that are old enough, and finishes batches that others left unfinished.</summary>
    /// <param name="options">What is pruned.</param>
    /// <param name="wholeMonths">As <see cref="PruneQuery.WholeMonths"/>.</param>
    /// <param name="goOn">Called before each step; false ends the work there.</param>
    /// <param name="cancellationToken">Ends the work between two steps.</param>
    public async Task<PruneReport> PruneAsync(
        PruneOptions options,
        bool wholeMonths,
        Func<Task<bool>> goOn,
        CancellationToken cancellationToken)
    {
        var query = new PruneQuery
        {
            OlderThan = options.OlderThan,
            Client = options.Client,
            Consolidated = consolidates,
            WholeMonths = wholeMonths,
        };
        var pruned = new List<Batch>();
        await foreach (var batch in retention.FindPrunableAsync(query, cancellationToken).ConfigureAwait(false))
        {
            if (options.DryRun
                || (await goOn().ConfigureAwait(false) && await RetireAsync(batch, options, cancellationToken).ConfigureAwait(false)))
            {
                pruned.Add(batch);
            }
        }

        return options.DryRun
            ? new(pruned, 0, 0)
            : (await FinishAsync(goOn, cancellationToken).ConfigureAwait(false)) with
            {
                Batches = pruned,
            };
    }

    /// <summary>Prunes one batch, whatever its age.</summary>
    /// <returns>How many rows were deleted.</returns>
    /// <exception cref="EnrichmentException">It has not ended, or a host still holds something of it.</exception>
    public async Task<long> PruneAsync(Batch batch, PruneOptions options, CancellationToken cancellationToken)
    {
        if (batch.PrunedAt is null && !await RetireAsync(batch, options, cancellationToken).ConfigureAwait(false))
        {
            var now = await batches.LoadBatchAsync(batch.Key, cancellationToken).ConfigureAwait(false);
            if (now.PrunedAt is null)
            {
                throw new EnrichmentException(now.HasEnded
                    ? $"Batch {batch.Id} cannot be pruned yet: it was just retried, or a host still holds something of it. Try again in a minute."
                    : $"Batch {batch.Id} cannot be pruned: it is {now.Status.Word()}. Let it end, or cancel it first.");
            }
        }

        return await DeletePrunedAsync(batch, () => Task.FromResult(true), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Drops the months and deletes the rows of all marked batches, and of uploads that were never finished. Forgets external workers
    /// that are gone.
    /// </summary>
    public async Task<PruneReport> FinishAsync(Func<Task<bool>> goOn, CancellationToken cancellationToken)
    {
        await retention.ForgetWorkersAsync(Unseen, cancellationToken).ConfigureAwait(false);
        var months = await retention.MaintainPartitionsAsync(cancellationToken).ConfigureAwait(false);
        var rows = 0L;
        foreach (var batch in await retention.FindUndeletedAsync(cancellationToken).ConfigureAwait(false))
        {
            rows += await DeletePrunedAsync(batch, goOn, cancellationToken).ConfigureAwait(false);
        }

        return new([], rows, months, await new AbandonedUploads(uploads).DiscardAsync(goOn, cancellationToken).ConfigureAwait(false));
    }

    private async Task<bool> RetireAsync(Batch batch, PruneOptions options, CancellationToken cancellationToken)
    {
        if (!batch.HasEnded)
        {
            return false;
        }

        var archive = options.Archive is { } folder
            ? await new BatchArchive(batches, uploads, reader, batch).WriteAsync(folder, cancellationToken).ConfigureAwait(false)
            : null;
        var detail = JsonSerializer.Serialize(new { by = options.By ?? $"{Environment.UserName}@{Environment.MachineName}", archive });
        return await retention.MarkPrunedAsync(batch, detail, cancellationToken).ConfigureAwait(false);
    }

    private async Task<long> DeletePrunedAsync(Batch batch, Func<Task<bool>> goOn, CancellationToken cancellationToken)
    {
        var rows = 0L;
        await foreach (var deleted in retention.DeletePrunedAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            rows += deleted;
            if (!await goOn().ConfigureAwait(false))
            {
                break;
            }
        }

        return rows;
    }
}
