using System.Data.Common;
using Enrichment.Consolidation;
using Enrichment.Pipelines;

namespace Enrichment;

/// <content>Launches from the rows of a typed table.</content>
public sealed partial class EnrichmentClient
{
    /// <summary>
    /// Launches the items of a typed table's rows again: one batch for each upload that they are from, in one transaction. All problems are
    /// reported at once, before anything is made.
    /// </summary>
    /// <remarks>
    /// If a younger batch of the upload has an item, its older row does not count, also while the younger batch works. Rows of pruned
    /// uploads are left out. A row of a table by key is the youngest item that contributes to it.
    /// </remarks>
    /// <param name="query">
    /// Which rows, from <see cref="Query(string)"/> of this client; with <see cref="LaunchOptions.Limit"/> the first in its order.
    /// </param>
    /// <param name="options">Which pipeline. The rows are those of the query.</param>
    /// <param name="transaction">The host's own transaction on the same database to take part in; null for one of the store's.</param>
    /// <param name="cancellationToken">Ends the launch; nothing is launched.</param>
    /// <exception cref="PreflightException">A pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">
    /// No row is left, the query does not fit the table or is of another client, the pipeline is not known, or the key was used for another
    /// request or is reserved.
    /// </exception>
    public async Task<QueryLaunch> LaunchAsync(
        ProjectionQuery query,
        LaunchOptions? options = null,
        DbTransaction? transaction = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        RequireLaunchable(query, options);
        return await launcher.LaunchAsync(Slug, query, options, transaction, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Tells what a launch from a query would do, as <see cref="PreviewLaunchAsync(Guid, LaunchOptions?, CancellationToken)"/> does for an
    /// upload. Changes nothing and calls nobody.
    /// </summary>
    /// <param name="query">As for the launch.</param>
    /// <param name="options">As for the launch.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="PreflightException">A pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">As for the launch.</exception>
    public async Task<QueryLaunchPreview> PreviewLaunchAsync(
        ProjectionQuery query,
        LaunchOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        RequireLaunchable(query, options);
        return await launcher.PreviewAsync(Slug, query, options, cancellationToken).ConfigureAwait(false);
    }

    private void RequireLaunchable(ProjectionQuery query, LaunchOptions options)
    {
        RequireLaunchable(options);
        if (query.Client != Slug)
        {
            throw new EnrichmentException($"The query is of client '{query.Client}', not of '{Slug}'. Make it with this client's Query.");
        }

        if (options.Rows is not null || options.Where is not null)
        {
            throw new EnrichmentException(
                "The query says which rows are launched. Leave LaunchOptions.Rows and LaunchOptions.Where out, and add conditions to the query.");
        }
    }
}
