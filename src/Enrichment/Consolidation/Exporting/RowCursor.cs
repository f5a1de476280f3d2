using System.Data.Common;

namespace Enrichment.Consolidation.Exporting;

/// <summary>Reads the rows of a statement in sets, between which other statements may run on the connection.</summary>
internal abstract class RowCursor : IAsyncDisposable
{
    /// <summary>Reads the next rows.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="read">Takes each; false if it takes no more for now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether there may be more.</returns>
    public abstract Task<bool> ReadAsync(int most, Func<DbDataReader, bool> read, CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
