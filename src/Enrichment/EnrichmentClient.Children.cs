using System.Runtime.CompilerServices;
using Enrichment.Consolidation;

namespace Enrichment;

/// <content>Child tables of projections: a row of each element of an array.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>This client's rows of a child table of a projection's live version, ordered by batch, item and key.</summary>
    /// <param name="projection">The name of a projection of this host.</param>
    /// <param name="child">The child table, by the name that expressions have for it or by its table's.</param>
    /// <param name="batch">Only those of this batch; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="EnrichmentException">There is no such projection or child table, or its table was never made.</exception>
    public async IAsyncEnumerable<ProjectedRow> ReadChildrenAsync(
        string projection,
        string child,
        Guid? batch = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var live = await LiveAsync(definitions.Projection(projection), cancellationToken).ConfigureAwait(false);
        await foreach (var row in store
            .ReadChildrenAsync(live, live.ChildNamed(child), Slug, batch, cancellationToken)
            .ConfigureAwait(false))
        {
            yield return row;
        }
    }
}
