using System.Data.Common;
using System.Runtime.CompilerServices;
using Enrichment.Diagnostics;
using Enrichment.Entities;
using Enrichment.Hosting;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Retention;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>A client's door: its uploads, its batches, its tables. What belongs to another client does not exist here.</summary>
public sealed partial class EnrichmentClient
{
    private readonly IEnrichmentStore store;
    private readonly Pruner pruner;
    private readonly Definitions definitions;
    private readonly Launcher launcher;
    private readonly BatchPlans plans;
    private readonly JsonGate gate;
    private readonly WorkSignals signals;
    private readonly TimeProvider time;
    private readonly Telemetry telemetry;

    internal EnrichmentClient(
        string slug,
        EnrichmentEngine engine,
        Launcher launcher,
        BatchPlans plans,
        JsonGate gate,
        WorkSignals signals,
        Instruments instruments)
    {
        Slug = Enrichment.Slug.NameProblem(slug, "a client") is { } problem ? throw new EnrichmentException(problem) : slug;
        (store, pruner, definitions) = (engine.Store, engine.Pruner, engine.Definitions);
        (time, telemetry) = (instruments.Time, instruments.Telemetry);
        this.launcher = launcher;
        this.plans = plans;
        this.gate = gate;
        this.signals = signals;
    }

    /// <summary>The client's slug.</summary>
    public string Slug { get; }

    /// <summary>
    /// Launches a batch: one transaction, which makes its items and their first states. All problems are reported at once, before anything
    /// is made.
    /// </summary>
    /// <param name="upload">The upload's id.</param>
    /// <param name="options">Which pipeline over which rows.</param>
    /// <param name="transaction">The host's own transaction on the same database to take part in; null for one of the store's.</param>
    /// <param name="cancellationToken">Ends the launch; nothing is launched.</param>
    /// <exception cref="PreflightException">The pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">
    /// Upload or pipeline is not known, no row is left, the condition names a field that no row has, or the key was used for another
    /// request or is reserved.
    /// </exception>
    public async Task<Batch> LaunchAsync(
        Guid upload,
        LaunchOptions? options = null,
        DbTransaction? transaction = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        RequireLaunchable(options);
        return await launcher
            .LaunchAsync(
                Slug,
                await GetUploadAsync(upload, cancellationToken).ConfigureAwait(false),
                options,
                transaction,
                cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Tells from the uploaded rows what a launch would do: how many rows reach each stage, how many entities they are about, how
    /// many calls that makes and spares. Changes nothing and calls nobody; reads every row, and runs the steps that are pure.
    /// </summary>
    /// <param name="upload">The upload's id.</param>
    /// <param name="options">As for the launch.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="PreflightException">The pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">
    /// Upload or pipeline is not known, no row is left, or the condition names a field that no row has.
    /// </exception>
    public async Task<LaunchPreview> PreviewLaunchAsync(
        Guid upload,
        LaunchOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        RequireOwn();
        return await launcher
            .PreviewAsync(Slug, await GetUploadAsync(upload, cancellationToken).ConfigureAwait(false), options ?? new(), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>A batch of this client in its current state.</summary>
    /// <exception cref="NotFoundException">This client has none of that id.</exception>
    public async Task<Batch> GetBatchAsync(Guid id, CancellationToken cancellationToken = default) =>
        await store.FindBatchAsync(Slug, id, cancellationToken).ConfigureAwait(false)
        ?? throw new NotFoundException($"Client '{Slug}' has no batch {id}.");

    /// <summary>This client's batches, the youngest first.</summary>
    public IAsyncEnumerable<Batch> ListBatchesAsync(CancellationToken cancellationToken = default) =>
        store.ReadBatchesAsync(Slug, new(), cancellationToken);

    /// <summary>The batches that were launched from an upload, the youngest first.</summary>
    /// <param name="upload">The upload's id.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="NotFoundException">This client has none of that id.</exception>
    public async IAsyncEnumerable<Batch> ListBatchesAsync(
        Guid upload,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var found = await GetUploadAsync(upload, cancellationToken).ConfigureAwait(false);
        await foreach (var batch in store.ReadBatchesAsync(Slug, new() { Upload = found.Key }, cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
    }

    // The reserved client can read and control batches, but not upload or launch: its rows would mix with shared answers.
    private void RequireOwn()
    {
        if (Enrichment.Slug.ReservedProblem(Slug) is { } problem)
        {
            throw new EnrichmentException(problem);
        }
    }

    private void RequireLaunchable(LaunchOptions options)
    {
        if (options.Limit < 1)
        {
            throw new EnrichmentException(
                $"LaunchOptions.Limit is {options.Limit}, but a batch needs at least one row. Give 1 or more, or leave it out for all rows.");
        }

        RequirePriority(options.Priority);
        RequireOwn();
        RequireText(options.Key, "The key of the launch");
        if (options.Key?.StartsWith(EntityRequests.Keys, StringComparison.Ordinal) == true)
        {
            throw new EnrichmentException(
                $"'{options.Key}' cannot be the key of a launch: request batches use the keys that begin with '{EntityRequests.Keys}'. Choose another.");
        }
    }

    private static void RequireText(string? text, string what)
    {
        if (JsonGate.Refuse(text) is { } refusal)
        {
            throw new EnrichmentException($"{what} cannot be stored: {refusal.Reason}");
        }
    }
}
