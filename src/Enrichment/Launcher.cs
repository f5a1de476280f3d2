using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using Enrichment.Diagnostics;
using Enrichment.Hosting;
using Enrichment.Ingestion;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Plans;
using Enrichment.Providers;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment;

/// <summary>
/// Launches batches, or previews that: finds the pipeline, has the preflight report all problems, and makes the items and their first
/// states.
/// </summary>
internal sealed partial class Launcher(
    IEnrichmentStore store,
    Definitions definitions,
    StepCatalogue catalogue,
    WorkSignals signals,
    Instruments instruments,
    StepActivator steps,
    IServiceProvider services)
{
    /// <summary>Launches a batch over an upload of a client.</summary>
    /// <exception cref="PreflightException">The pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">
    /// No row is left, the pipeline is not known, or the key was used for another request.
    /// </exception>
    public async Task<Batch> LaunchAsync(
        string client,
        Upload upload,
        LaunchOptions options,
        DbTransaction? transaction,
        CancellationToken cancellationToken)
    {
        var (pipeline, snapshot) = await PrepareAsync(client, upload, options, cancellationToken).ConfigureAwait(false);
        using var span = instruments.Telemetry.Launching(pipeline.Name, client);
        var batch = await store.LaunchAsync(
            new LaunchRequest
            {
                Id = Guid.CreateVersion7(instruments.Time.GetUtcNow()),
                Client = client,
                Upload = upload.Key,
                Key = options.Key ?? Guid.CreateVersion7(instruments.Time.GetUtcNow()).ToString(),
                RequestHash = HashOf(upload, pipeline, options),
                Pipeline = pipeline.Name,
                Snapshot = snapshot.ToJson(),
                Rows = await ChooseRowsAsync(upload, options, cancellationToken).ConfigureAwait(false) is { } rows
                    ? BucketRun.Of(upload.Id, rows)
                    : BucketRun.All,
                Priority = (short)options.Priority,
                TraceParent = Telemetry.TraceParent,
            },
            transaction,
            cancellationToken).ConfigureAwait(false);
        Telemetry.Launched(span, batch);
        signals.Due.Raise();
        return batch;
    }

    /// <summary>Tells from the upload's rows what a launch would do.</summary>
    /// <exception cref="PreflightException">The pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">No row is left, or the pipeline is not known.</exception>
    public async Task<LaunchPreview> PreviewAsync(
        string client,
        Upload upload,
        LaunchOptions options,
        CancellationToken cancellationToken)
    {
        var (pipeline, snapshot) = await PrepareAsync(client, upload, options with { Key = null }, cancellationToken).ConfigureAwait(false);
        return await CountAsync(client, upload, pipeline, snapshot, options, cancellationToken).ConfigureAwait(false);
    }

    private async Task<LaunchPreview> CountAsync(
        string client,
        Upload upload,
        PipelineDefinition pipeline,
        PipelineSnapshot snapshot,
        LaunchOptions options,
        CancellationToken cancellationToken)
    {
        var counter = new CallCounter(client, upload, snapshot, store, steps, instruments.Time);
        await foreach (var row in RowsAsync(upload, options, cancellationToken).ConfigureAwait(false))
        {
            await counter.AddAsync(row, cancellationToken).ConfigureAwait(false);
        }

        return await counter.EndAsync(pipeline.Name, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(PipelineDefinition Pipeline, PipelineSnapshot Snapshot)> PrepareAsync(
        string client,
        Upload upload,
        LaunchOptions options,
        CancellationToken cancellationToken)
    {
        if (upload.PrunedAt is { } pruned && options.Key is null)
        {
            throw new EnrichmentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Upload {upload.Id} has no rows to launch: they were pruned on {pruned.UtcDateTime:yyyy-MM-dd}. Upload the file again."));
        }

        if (upload.Accepted == 0)
        {
            throw new EnrichmentException(
                $"Upload {upload.Id} has no row to launch: "
                    + (
                        upload.Rejected == 0
                            ? "the file holds a header and nothing below it."
                            : $"every row of the file was rejected ({upload.Rejected} in all). ReadRejectedRowsAsync says why."));
        }

        var workstream = definitions.FindWorkstream(upload.Workstream);
        var pipeline = options.Definition ?? definitions.Pipeline(PipelineName(client, options, upload, workstream));
        var preflight = new PreflightRequest
        {
            Pipeline = pipeline,
            Steps = catalogue.With(await store.ReadManifestsAsync(cancellationToken).ConfigureAwait(false)),
            Workstream = upload.Workstream,
            WorkstreamVersion = upload.WorkstreamVersion,
            Fields = upload.HeaderMap.Keys,
            WorkstreamSettings = workstream?.Steps ?? PreflightRequest.None,
            ClientSettings = definitions.Client(client)?.Settings ?? PreflightRequest.None,
            BatchSettings = options.Settings,
            Refresh = options.Refresh,
            Secrets = definitions.Secrets,
            Client = client,
            LaunchedPipeline = options.Definition is not null,
            Trust = definitions.Trust,
            Services = services,
        };
        return (pipeline, await Preflight.RunAsync(preflight, cancellationToken).ConfigureAwait(false));
    }

    private string PipelineName(string client, LaunchOptions options, Upload upload, Workstream? workstream) => options.Pipeline
        ?? definitions.Client(client)?.Pipelines.GetValueOrDefault(upload.Workstream)
        ?? workstream?.Pipeline
        ?? throw new EnrichmentException(
            $"No pipeline is named, and neither client '{client}' nor workstream '{upload.Workstream}' has a default one. Name it in LaunchOptions.Pipeline.");

    private async Task<IReadOnlyList<int>?> ChooseRowsAsync(Upload upload, LaunchOptions options, CancellationToken cancellationToken) =>
        options.Where is null && options.Limit is null
            ? options.Rows?.Distinct().Order().ToList()
            : await RowsAsync(upload, options, cancellationToken)
                .Select(row => row.Row)
                .ToListAsync(cancellationToken)
                .ConfigureAwait(false);

    private async IAsyncEnumerable<StagedRow> RowsAsync(
        Upload upload,
        LaunchOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var shape = new RecordShape(upload.Columns, upload.HeaderMap, []);
        EnrichmentClient.RequireFields(options.Where, shape, "nothing is produced before the launch");
        var named = options.Rows?.ToHashSet();
        var chosen = 0;
        await foreach (var row in store.ReadRowsAsync(upload, after: 0, cancellationToken).ConfigureAwait(false))
        {
            if (chosen == options.Limit)
            {
                yield break;
            }

            if (named?.Contains(row.Row) != false && options.Where?.Holds(new ItemRecord(shape, row.Raw, [])) != false)
            {
                chosen++;
                yield return row;
            }
        }
    }

    // The request itself, not its resolved form: a repetition after a deployment is still the same request. A pipeline by name counts as
    // its name and version; one in the request counts as its whole definition.
    private static byte[] HashOf(Upload upload, PipelineDefinition pipeline, LaunchOptions options) =>
        SHA256.HashData(
            CanonicalJson.Of(
                JsonSerializer.SerializeToElement(
                    new
                    {
                        upload.Id,
                        pipeline.Name,
                        pipeline.Version,
                        options.Definition?.Stages,
                        Rows = options.Rows?.Distinct().Order(),
                        options.Where,
                        options.Limit,
                        options.Refresh,
                        options.Settings,
                    })));
}
