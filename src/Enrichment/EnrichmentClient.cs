using System.Data.Common;
using System.Text.Json;
using Enrichment.Diagnostics;
using Enrichment.Entities;
using Enrichment.Hosting;
using Enrichment.Ingestion;
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

    /// <summary>Stages a file: every row raw, nothing runs. It is visible as a whole or not at all.</summary>
    /// <param name="content">Read once if it can seek, else kept in a temporary file meanwhile; left open.</param>
    /// <param name="workstream">
    /// The workstream. <c>any</c> requires nothing of a row. Null: the one that <see cref="RecognizeWorkstreamAsync"/> recognizes by the
    /// headers; because that is a guess, it rejects no row.
    /// </param>
    /// <param name="options">How to read it; what is left out is detected.</param>
    /// <param name="again">True to keep the upload even if the same content is already there.</param>
    /// <param name="cancellationToken">Ends the upload; nothing of it stays.</param>
    /// <exception cref="EnrichmentException">The content cannot be read, or the workstream is not known.</exception>
    public async Task<UploadResult> UploadAsync(
        Stream content,
        string? workstream = "any",
        UploadOptions? options = null,
        bool again = false,
        CancellationToken cancellationToken = default)
    {
        // Recognising reads the content once more than UploadReader does, so a stream that cannot seek is kept in a file.
        await using var spool =
            workstream is null && !content.CanSeek ? await Spool.OfAsync(content, cancellationToken).ConfigureAwait(false) : null;
        var source = spool ?? content;
        var kind = workstream is null
            ? await WorkstreamRecognition
                .RecognizeAsync(source, options ?? new(), definitions.Workstreams, cancellationToken)
                .ConfigureAwait(false)
            : definitions.Workstream(workstream);
        await using var reader = await UploadReader.OpenAsync(source, kind, options ?? new(), cancellationToken).ConfigureAwait(false);
        return await StageAsync(reader, kind, options ?? new(), again, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stages a stream of records, each serialised by System.Text.Json; a property is a column.</summary>
    /// <inheritdoc cref="UploadAsync(Stream, string, UploadOptions?, bool, CancellationToken)"/>
    public async Task<UploadResult> UploadAsync<T>(
        IAsyncEnumerable<T> records,
        string workstream = "any",
        JsonSerializerOptions? json = null,
        UploadOptions? options = null,
        bool again = false,
        CancellationToken cancellationToken = default)
    {
        var kind = definitions.Workstream(workstream);
        await using var reader = await UploadReader
            .OpenAsync(records, json, kind, options ?? new(), cancellationToken)
            .ConfigureAwait(false);
        return await StageAsync(reader, kind, options ?? new(), again, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Which workstream a file belongs to by its headers: the one that knows most of them as its own and finds what it requires; <c>any</c>
    /// where none does.
    /// </summary>
    /// <param name="content">Can seek; only its beginning is read, and its position is then what it was before.</param>
    /// <param name="options">As for the upload.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The workstream's name.</returns>
    public async Task<string> RecognizeWorkstreamAsync(
        Stream content,
        UploadOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        var workstream = await WorkstreamRecognition
            .RecognizeAsync(content, options ?? new(), definitions.Workstreams, cancellationToken)
            .ConfigureAwait(false);
        return workstream.Name;
    }

    /// <summary>A sealed upload of this client.</summary>
    /// <exception cref="NotFoundException">This client has none of that id.</exception>
    public async Task<Upload> GetUploadAsync(Guid id, CancellationToken cancellationToken = default) =>
        await store.FindUploadAsync(Slug, id, cancellationToken).ConfigureAwait(false)
        ?? throw new NotFoundException($"Client '{Slug}' has no upload {id}.");

    /// <summary>This client's sealed uploads, the youngest first.</summary>
    public IAsyncEnumerable<Upload> ListUploadsAsync(CancellationToken cancellationToken = default) =>
        store.ReadUploadsAsync(Slug, cancellationToken);

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
        store.ReadBatchesAsync(Slug, cancellationToken);

        // The reserved client can read and control batches, but not upload or launch: its rows would mix with shared answers.
    private void RequireOwn()
    {
        if (Enrichment.Slug.ReservedProblem(Slug) is { } problem)
        {
            throw new EnrichmentException(problem);
        }
    }

    private static void RequireText(string? text, string what)
    {
        if (JsonGate.Refuse(text) is { } refusal)
        {
            throw new EnrichmentException($"{what} cannot be stored: {refusal.Reason}");
        }
    }

    private async Task<UploadResult> StageAsync(
        UploadReader reader,
        Workstream workstream,
        UploadOptions options,
        bool again,
        CancellationToken cancellationToken)
    {
        RequireOwn();
        RequireText(options.ShownName, "The name of the file");
        var staging = await store
            .BeginUploadAsync(
                new(
                    Slug,
                    workstream.Name,
                    workstream.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    options.ShownName.Length == 0 ? null : options.ShownName),
                cancellationToken)
            .ConfigureAwait(false);
        var staged = Task.CompletedTask;
        try
        {
            // While one batch of rows is written, on a thread of the store's choice, the next is read.
            await foreach (var rows in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await staged.ConfigureAwait(false);
                staged = Task.Run(() => store.StageAsync(staging, rows.Accepted, rows.Rejected, cancellationToken), CancellationToken.None);
            }

            await staged.ConfigureAwait(false);
            var report = reader.Report;
            var upload = await store.SealAsync(staging, Seal(reader, report, again), cancellationToken).ConfigureAwait(false);
            if (!upload.AlreadyThere)
            {
                telemetry.Staged(report.Accepted, report.Rejected);
            }

            return new(upload, report, upload.AlreadyThere);
        }
        catch
        {
            // Not cancellable: staged rows must not stay behind. A write in progress ends first. If either fails too, the caller gets the
            // earlier failure, and nothing is lost: an upload that was never sealed stays invisible.
            await staged.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await store.DiscardAsync(staging, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static UploadSeal Seal(UploadReader reader, UploadReport report, bool again) => new()
    {
        SizeBytes = reader.SizeBytes,
        Sha256 = reader.Sha256,
        Fingerprint = reader.Fingerprint,
        Again = again,
        Columns = reader.Columns,
        HeaderMap = reader.HeaderMap,
        Report = report.ToJson(),
        Accepted = report.Accepted,
        Rejected = report.Rejected,
    };
}
