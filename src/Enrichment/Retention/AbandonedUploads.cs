using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>Uploads that their hosts left behind half-way, staged or deleted: no reader sees them, and they hold personal data.</summary>
internal sealed class AbandonedUploads(IUploadStore store)
{
    /// <summary>How long nothing is added to an upload until its host counts as dead.</summary>
    /// <value>
    /// 10 minutes. A host that lives adds rows many times a second; one that was only stopped gets an error, and loses no file.
    /// </value>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    /// <summary>Gives them up and deletes their rows.</summary>
    /// <param name="goOn">Called before each; false ends the work.</param>
    /// <param name="cancellationToken">Ends the work between two steps; the next run finishes it.</param>
    public async Task<int> DiscardAsync(Func<Task<bool>> goOn, CancellationToken cancellationToken)
    {
        var discarded = 0;
        foreach (var upload in await store.FindAbandonedUploadsAsync(Idle, cancellationToken).ConfigureAwait(false))
        {
            if (!await goOn().ConfigureAwait(false))
            {
                break;
            }

            if (await store.GiveUpAsync(upload, Idle, cancellationToken).ConfigureAwait(false))
            {
                await store.DiscardAsync(upload, cancellationToken).ConfigureAwait(false);
                discarded++;
            }
        }

        return discarded;
    }

    /// <summary>One finding for each.</summary>
    public async Task<IEnumerable<Finding>> ExamineAsync(CancellationToken cancellationToken) =>
        (await store.FindAbandonedUploadsAsync(Idle, cancellationToken).ConfigureAwait(false)).Select(upload => new Finding(
            1,
            "1_abandoned",
            $"upload {upload.Id} of client '{upload.Client}' was begun and never finished, or its deletion was interrupted; its rows are still stored. A worker deletes them within the hour, 'enrich prune' at once"));
}
