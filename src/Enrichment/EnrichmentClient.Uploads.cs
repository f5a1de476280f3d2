using System.Runtime.CompilerServices;
using System.Text.Json;
using Enrichment.Ingestion;
using Enrichment.Storage;

namespace Enrichment;

/// <content>Uploads: staging a file, trying how it would be read, finding and deleting what was staged.</content>
public sealed partial class EnrichmentClient
{
    private const int NamedBatches = 3;

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
        options ??= new();
        return await ReadAsync(
            content,
            workstream,
            options,
            (reader, kind) => StageAsync(reader, kind, options, again, cancellationToken),
            cancellationToken).ConfigureAwait(false);
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
            .OpenAsync(
                records,
                json,
                kind,
                options ?? new(),
                await store.ReadMappingsAsync(Slug, cancellationToken).ConfigureAwait(false),
                cancellationToken)
            .ConfigureAwait(false);
        return await StageAsync(reader, kind, options ?? new(), again, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Tells how a file would be staged: its workstream, what each column feeds and holds, which rows would be rejected and why. Reads the
    /// whole content and stores nothing.
    /// </summary>
    /// <param name="content">As for the upload.</param>
    /// <param name="workstream">As for the upload.</param>
    /// <param name="options">As for the upload.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="EnrichmentException">The content cannot be read, or the workstream is not known.</exception>
    public Task<UploadPreview> PreviewUploadAsync(
        Stream content,
        string? workstream = "any",
        UploadOptions? options = null,
        CancellationToken cancellationToken = default) => ReadAsync(
        content,
        workstream,
        options ?? new(),
        async (reader, _) =>
        {
            var counter = new ColumnCounter();
            await foreach (var rows in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                counter.Add(rows.Accepted);
            }

            var report = reader.Report;
            var same = ListUploadsAsync(new() { Sha256 = reader.Sha256 }, cancellationToken);
            return new UploadPreview
            {
                Report = report,
                Columns = counter.Columns(report),
                SameContent = await same.FirstOrDefaultAsync(upload => upload.PrunedAt is null, cancellationToken).ConfigureAwait(false),
            };
        },
        cancellationToken);

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

    /// <summary>This client's sealed uploads, the youngest first. Pages are read as they are asked for.</summary>
    /// <param name="filter">Which ones; null for all.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="NotFoundException">This client has no upload <see cref="UploadFilter.Before"/>.</exception>
    public async IAsyncEnumerable<Upload> ListUploadsAsync(
        UploadFilter? filter = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var below = filter?.Before is { } before
            ? (await GetUploadAsync(before, cancellationToken).ConfigureAwait(false)).Key
            : int.MaxValue;
        await foreach (var upload in store.ReadUploadsAsync(Slug, filter ?? new(), below, cancellationToken).ConfigureAwait(false))
        {
            yield return upload;
        }
    }

    /// <summary>
    /// Deletes an upload and its rows, if no batch was launched from it. It disappears at once and as a whole; then its rows are deleted in
    /// parts. If that is interrupted, any worker goes on with it.
    /// </summary>
    /// <param name="id">The upload's id.</param>
    /// <param name="cancellationToken">Ends the call; the upload may have disappeared by then.</param>
    /// <returns>The upload as it was.</returns>
    /// <exception cref="NotFoundException">This client has none of that id.</exception>
    /// <exception cref="EnrichmentException">A batch was launched from it; the message names the batches.</exception>
    public async Task<Upload> DeleteUploadAsync(Guid id, CancellationToken cancellationToken = default)
    {
        RequireOwn();
        var upload = await GetUploadAsync(id, cancellationToken).ConfigureAwait(false);
        if (!await store.WithdrawUploadAsync(upload, cancellationToken).ConfigureAwait(false))
        {
            // Another call may have deleted it meanwhile.
            upload = await GetUploadAsync(id, cancellationToken).ConfigureAwait(false);
            var batches = await ListBatchesAsync(id, cancellationToken)
                .Take(NamedBatches)
                .Select(batch => batch.Id)
                .ToListAsync(cancellationToken)
                .ConfigureAwait(false);
            var more = upload.Batches - batches.Count;
            throw new EnrichmentException(
                $"Upload {id} cannot be deleted: its rows belong to the items of {(upload.Batches == 1 ? "batch" : "batches")} {string.Join(", ", batches)}{(more > 0 ? FormattableString.Invariant($" and {more:n0} more") : "")}. "
                + (upload.PrunedAt is null
                    ? "Prune them: the rows of the upload are deleted with its last batch."
                    : "They were pruned, and the rows of the upload with them; what is left says where their table rows are from."));
        }

        await store.DiscardAsync(new(upload.Key, upload.Id, upload.Client), cancellationToken).ConfigureAwait(false);
        return upload;
    }

    private async Task<T> ReadAsync<T>(
        Stream content,
        string? workstream,
        UploadOptions options,
        Func<UploadReader, Workstream, Task<T>> read,
        CancellationToken cancellationToken)
    {
        // Recognising reads the content once more than UploadReader does, so a stream that cannot seek is kept in a file.
        await using var spool =
            workstream is null && !content.CanSeek ? await Spool.OfAsync(content, cancellationToken).ConfigureAwait(false) : null;
        var source = spool ?? content;
        var kind = workstream is null
            ? await WorkstreamRecognition.RecognizeAsync(source, options, definitions.Workstreams, cancellationToken).ConfigureAwait(false)
            : definitions.Workstream(workstream);
        var mappings = await store.ReadMappingsAsync(Slug, cancellationToken).ConfigureAwait(false);
        await using var reader = await UploadReader.OpenAsync(source, kind, options, mappings, cancellationToken).ConfigureAwait(false);
        return await read(reader, kind).ConfigureAwait(false);
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
        RequireText(options.By, "The actor");
        var staging = await store
            .BeginUploadAsync(
                new(
                    Slug,
                    workstream.Name,
                    workstream.Version.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    options.ShownName.Length == 0 ? null : options.ShownName,
                    options.By ?? Actor),
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
            await RememberAsync(reader.Given, options, cancellationToken).ConfigureAwait(false);
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
