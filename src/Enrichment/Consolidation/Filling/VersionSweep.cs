using Enrichment.Consolidation.Changes;
using Enrichment.Consolidation.Tables;

namespace Enrichment.Consolidation.Filling;

/// <summary>Drops the tables of versions that were replaced long enough ago, and what is left of them.</summary>
internal sealed class VersionSweep(IProjectionTransactions store)
{
    /// <param name="span">How long a replaced table is kept.</param>
    /// <param name="cancellationToken">Ends the call; a later one goes on.</param>
    public async Task RunAsync(TimeSpan span, CancellationToken cancellationToken)
    {
        var expired = await store.LookAsync("", session => session.ExpiredAsync(span, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        foreach (var (projection, version) in expired)
        {
            await DropAsync(projection, version, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Drops the table of a version that was replaced, and forgets what it has beside it, bucket by bucket.</summary>
    public async Task DropAsync(string projection, int version, CancellationToken cancellationToken)
    {
        if (!await store.TransactAsync(projection, session => DropAsync(session, version, cancellationToken), cancellationToken)
            .ConfigureAwait(false))
        {
            return;
        }

        foreach (var bucket in ProjectionSession.EveryBucket)
        {
            await store.TransactAsync(
                projection,
                session => VersionChange.ForgetAsync(session, version, bucket, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }

        await store.TransactAsync(
            projection,
            session => session.RunAsync("forget_version_lists", session.Bound(version), cancellationToken),
            cancellationToken).ConfigureAwait(false);

        // The last, because a dropped version of which this is left is swept once more.
        await store.TransactAsync(
            projection,
            session => session.RunAsync("forget_version_batches", session.Bound(version), cancellationToken),
            cancellationToken).ConfigureAwait(false);
    }

    private static async Task<bool> DropAsync(ProjectionSession session, int version, CancellationToken cancellationToken)
    {
        var registry = await ProjectionRegistry.ReadAsync(session, null, cancellationToken).ConfigureAwait(false);
        var dropped = registry?.Versions.SingleOrDefault(known => known.Version == version);
        if (dropped is { Status: VersionStatus.Kept })
        {
            await VersionChange.DropAsync(session, dropped, cancellationToken).ConfigureAwait(false);
        }

        return dropped is { Status: VersionStatus.Kept or VersionStatus.Dropped };
    }
}
