using Enrichment.Consolidation;
using Enrichment.Consolidation.Tables;
using Enrichment.Hosting;
using Enrichment.Retention;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>
/// Checks every invariant that rows can show: those of states, attempts and leases, uploads that no host finishes, and each typed table
/// against its sources. A table of which the host has no definition is not recomputed; it must be there, and its view.
/// </summary>
/// <remarks>
/// Each check of the first kind is one statement, <c>doctor_N_what.sql</c> for invariant N, which returns the rows that break it;
/// <see cref="DoctorSentences"/> has its sentence. It reads everything and changes nothing.
/// </remarks>
internal sealed class Doctor(IStoreAdministration states, IUploadStore uploads, IProjectionTransactions tables, Definitions definitions)
{
    /// <summary>What is wrong; empty means healthy.</summary>
    public async Task<IReadOnlyList<Finding>> ExamineAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>(await states.ExamineAsync(cancellationToken).ConfigureAwait(false));
        findings.AddRange(await new AbandonedUploads(uploads).ExamineAsync(cancellationToken).ConfigureAwait(false));
        foreach (var projection in definitions.Projections)
        {
            findings.AddRange(await tables.ExamineAsync(projection, cancellationToken).ConfigureAwait(false));
        }

        var registered = await RegisteredProjection.ListAsync(tables, cancellationToken).ConfigureAwait(false);
        foreach (var name in registered.Select(known => known.Name).Except(definitions.Projections.Select(known => known.Name)))
        {
            findings.AddRange(await tables.ExamineAsync(name, cancellationToken).ConfigureAwait(false));
        }

        return findings;
    }
}
