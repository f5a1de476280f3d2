using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Querying;
using Enrichment.Diagnostics;
using Enrichment.Json;
using Enrichment.Pipelines;
using Enrichment.Storage;

namespace Enrichment;

/// <content>
/// Launches from the rows of a typed table. A row of the table is an item, and an item is a row of an upload: the items of the new batches
/// are those rows again.
/// </content>
internal sealed partial class Launcher
{
    /// <summary>Launches a batch over each upload that the rows of a query are from.</summary>
    /// <exception cref="PreflightException">A pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">No row is left, or the key was used for another request.</exception>
    public async Task<QueryLaunch> LaunchAsync(
        string client,
        ProjectionQuery query,
        LaunchOptions options,
        DbTransaction? transaction,
        CancellationToken cancellationToken)
    {
        var hash = HashOf(query, options);
        if (options.Key is { } given && await FindAsync(client, given, hash, cancellationToken).ConfigureAwait(false) is { } before)
        {
            return before;
        }

        var items = await query.ReadItemsAsync(options.Limit, cancellationToken).ConfigureAwait(false);
        var parts = await PrepareAsync(client, query, items, options, cancellationToken).ConfigureAwait(false);
        using var span = instruments.Telemetry.Launching(parts[0].Pipeline.Name, client);
        var key = options.Key ?? Guid.CreateVersion7(instruments.Time.GetUtcNow()).ToString();
        var detail = Describe(query, items, options);
        var batches = await store.LaunchAsync(
            [
                .. parts.Select((part, index) => new LaunchRequest
                {
                    Id = Guid.CreateVersion7(instruments.Time.GetUtcNow()),
                    Client = client,
                    Upload = part.Upload.Key,
                    Key = index == 0 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}/{index + 1}"),
                    RequestHash = hash,
                    Pipeline = part.Pipeline.Name,
                    Snapshot = part.Snapshot.ToJson(),
                    Rows = BucketRun.Of(part.Upload.Id, items.Uploads[part.Upload.Id]),
                    Priority = (short)options.Priority,
                    TraceParent = Telemetry.TraceParent,
                    Detail = detail,
                }),
            ],
            transaction,
            cancellationToken).ConfigureAwait(false);
        Telemetry.Launched(span, batches[0]);
        signals.Due.Raise();

        // Another call has launched the same meanwhile: its first batch alone came back.
        return (batches[0].AlreadyThere ? await FindAsync(client, key, hash, cancellationToken).ConfigureAwait(false) : null)
            ?? new() { Batches = batches, Superseded = items.Superseded, Pruned = items.Pruned, AlreadyThere = batches[0].AlreadyThere };
    }

    /// <summary>Tells what a launch from the rows of a query would do.</summary>
    /// <exception cref="PreflightException">A pipeline cannot run; the message lists every problem.</exception>
    /// <exception cref="EnrichmentException">No row is left.</exception>
    public async Task<QueryLaunchPreview> PreviewAsync(
        string client,
        ProjectionQuery query,
        LaunchOptions options,
        CancellationToken cancellationToken)
    {
        var items = await query.ReadItemsAsync(options.Limit, cancellationToken).ConfigureAwait(false);
        var uploads = new Dictionary<Guid, LaunchPreview>();
        foreach (var part in await PrepareAsync(client, query, items, options, cancellationToken).ConfigureAwait(false))
        {
            var chosen = new LaunchOptions { Rows = [.. items.Uploads[part.Upload.Id]] };
            uploads.Add(
                part.Upload.Id,
                await CountAsync(client, part.Upload, part.Pipeline, part.Snapshot, chosen, cancellationToken).ConfigureAwait(false));
        }

        return new() { Uploads = uploads, Superseded = items.Superseded, Pruned = items.Pruned };
    }

    // Every upload has its own headers, workstream and settings, and so its own preflight.
    private async Task<List<(Upload Upload, PipelineDefinition Pipeline, PipelineSnapshot Snapshot)>> PrepareAsync(
        string client,
        ProjectionQuery query,
        QueriedItems items,
        LaunchOptions options,
        CancellationToken cancellationToken)
    {
        if (items.Count == 0)
        {
            var left = items.Superseded + items.Pruned;
            throw new EnrichmentException(
                $"Nothing was launched: no row of '{query.Projection.Table}' is left. "
                + (left == 0
                    ? "None satisfies the query."
                    : string.Create(
                        CultureInfo.InvariantCulture,
                        $"Of {items.Superseded} a younger batch has the item, and of {items.Pruned} the rows of the upload were pruned.")));
        }

        var parts = new List<(Upload, PipelineDefinition, PipelineSnapshot)>();
        var refusals = new List<(Guid Upload, PreflightException Refusal)>();
        foreach (var id in items.Uploads.Keys)
        {
            var upload = await store.FindUploadAsync(client, id, cancellationToken).ConfigureAwait(false)
                ?? throw new NotFoundException($"Client '{client}' has no upload {id}.");
            try
            {
                var (pipeline, snapshot) = await PrepareAsync(client, upload, options with { Key = null }, cancellationToken)
                    .ConfigureAwait(false);
                parts.Add((upload, pipeline, snapshot));
            }
            catch (PreflightException refusal)
            {
                refusals.Add((id, refusal));
            }
        }

        return refusals.Count == 0 ? parts : throw new PreflightException(refusals);
    }

    // The batches of an earlier launch with the key; null if there is none.
    private async Task<QueryLaunch?> FindAsync(string client, string key, byte[] hash, CancellationToken cancellationToken)
    {
        var batches = new List<Batch>();
        await foreach (var batch in store.ReadBatchesAsync(client, new() { LaunchKey = key }, cancellationToken).ConfigureAwait(false))
        {
            batches.Insert(0, batch);
        }

        if (batches.Find(batch => batch.LaunchKey == key) is not { } first)
        {
            return null;
        }

        if (!first.RequestHash.Span.SequenceEqual(hash))
        {
            throw LaunchRequest.KeyWasUsed(key, first.Id);
        }

        var events = await store.ReadEventsAsync(first.Key, cancellationToken).ConfigureAwait(false);
        var told = JsonNode.Parse(events.First(e => e.Kind == "launched").Detail ?? "{}")!;
        return new()
        {
            Batches =
            [
                .. batches
                    .Where(batch => batch.RequestHash.Span.SequenceEqual(hash))
                    .Select(batch => batch with { AlreadyThere = true }),
            ],
            Superseded = (int?)told["superseded"] ?? 0,
            Pruned = (int?)told["pruned"] ?? 0,
            AlreadyThere = true,
        };
    }

    private static string Describe(ProjectionQuery query, QueriedItems items, LaunchOptions options) => JsonSerializer.Serialize(new
    {
        table = query.Projection.Table,
        version = items.Version,
        where = query.Terms,
        sort = query.Sort.Select(sort => sort.Descending ? $"{sort.Column}:desc" : sort.Column),
        batch = query.Batch,
        as_of = items.AsOf,
        limit = options.Limit,
        items = items.Count,
        uploads = items.Uploads.Count,
        superseded = items.Superseded,
        pruned = items.Pruned,
    });

    // The question, not its answer: a repetition after rows have changed is still the same request.
    private byte[] HashOf(ProjectionQuery query, LaunchOptions options)
    {
        var pipeline = options.Definition ?? (options.Pipeline is { } name ? definitions.Pipeline(name) : null);
        return SHA256.HashData(
            CanonicalJson.Of(
                JsonSerializer.SerializeToElement(
                    new
                    {
                        query.Projection.Name,
                        Where = query.Terms,
                        Sort = query.Sort.Select(sort => new { sort.Column, sort.Descending }),
                        query.Batch,
                        query.Day,
                        Pipeline = pipeline?.Name,
                        pipeline?.Version,
                        options.Definition?.Stages,
                        options.Limit,
                        options.Refresh,
                        options.Settings,
                    })));
    }
}
