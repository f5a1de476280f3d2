using System.Buffers;
using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Enrichment.Storage;

namespace Enrichment.Retention;

/// <summary>
/// An ended batch as one file of JSON lines, compressed: a head, its upload's refused rows, its items with all that became of them, an end
/// that counts them.
/// </summary>
/// <remarks>Streams: memory does not grow with the batch. The form is documented in docs/reference/archive.md.</remarks>
internal sealed class BatchArchive(IBatchStore batches, IUploadStore uploads, IBatchReader reader, Batch batch)
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    // Lines are gathered here, because a writer on the stream itself would end a block of the compression with each of them.
    private readonly ArrayBufferWriter<byte> buffer = new();

    /// <summary>Writes the file under another name, flushes it to the disk, and renames it once it is known to be whole.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="EnrichmentException">The store holds fewer items than the batch has.</exception>
    public async Task<string> WriteAsync(string folder, CancellationToken cancellationToken)
    {
        PrivateFile.CreateFolder(folder);
        var path = Path.Combine(Path.GetFullPath(folder), $"{batch.Id}.jsonl.gz");
        var unfinished = $"{path}.{Guid.NewGuid():n}.unfinished";
        try
        {
            await using (var file = PrivateFile.Create(unfinished))
            {
                await using (var compressed = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
                {
                    await WriteAsync(compressed, cancellationToken).ConfigureAwait(false);
                }

                file.Flush(flushToDisk: true);
            }

            // What another host has begun to delete meanwhile must not take the place of what it has archived.
            if ((await batches.LoadBatchAsync(batch.Key, cancellationToken).ConfigureAwait(false)).PrunedAt is null)
            {
                File.Move(unfinished, path, overwrite: true);

                // The file's new name lies in the same journal of the file system: flushing it once more brings the name to the disk too.
                await using var named = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
                named.Flush(flushToDisk: true);
            }

            return path;
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private async Task WriteAsync(Stream output, CancellationToken cancellationToken)
    {
        await using var line = new Utf8JsonWriter(buffer);
        await WriteHeadAsync(output, line, cancellationToken).ConfigureAwait(false);
        var items = 0;
        await using var states = reader.ReadStatesAsync(batch.Key, null, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var results = reader.ReadResultsAsync(batch.Key, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var (moreStates, moreResults) = (
            await states.MoveNextAsync().ConfigureAwait(false),
            await results.MoveNextAsync().ConfigureAwait(false));
        await foreach (var item in reader.ReadItemsAsync(batch, cancellationToken).ConfigureAwait(false))
        {
            items++;
            line.WriteStartObject();
            line.WriteNumber("item", item.Item);
            line.WritePropertyName("raw");
            line.WriteRawValue(item.Raw.Span);
            line.WriteStartArray("states");
            for (; moreStates && states.Current.Item == item.Item; moreStates = await states.MoveNextAsync().ConfigureAwait(false))
            {
                Write(line, states.Current);
            }

            line.WriteEndArray();
            line.WriteStartArray("results");
            for (; moreResults && results.Current.Item == item.Item; moreResults = await results.MoveNextAsync().ConfigureAwait(false))
            {
                Write(line, results.Current);
            }

            line.WriteEndArray();
            await EndAsync(output, line, cancellationToken).ConfigureAwait(false);
        }

        if (items != batch.Items || moreStates || moreResults)
        {
            throw new EnrichmentException(
                $"Batch {batch.Id} was not archived: it has {batch.Items} items, but {items} could be read. Run the doctor; nothing was pruned.");
        }

        line.WriteStartObject();
        line.WriteNumber("end", items);
        await EndAsync(output, line, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteHeadAsync(Stream output, Utf8JsonWriter line, CancellationToken cancellationToken)
    {
        var upload = await uploads.FindUploadAsync(batch.Client, batch.UploadId, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"Batch {batch.Id} refers to upload {batch.UploadId}, which does not exist.");
        var events = await reader.ReadEventsAsync(batch.Key, cancellationToken).ConfigureAwait(false);
        line.WriteStartObject();
        line.WriteString("format", "enrichment.batch/1");
        line.WritePropertyName("batch");
        JsonSerializer.Serialize(
            line,
            new
            {
                batch.Id,
                batch.Client,
                batch.Pipeline,
                batch.LaunchKey,
                batch.Status,
                batch.Items,
                batch.CreatedAt,
                batch.StartedAt,
                batch.CompletedAt,
            },
            Form);
        line.WritePropertyName("snapshot");
        line.WriteRawValue(batch.Snapshot);
        line.WritePropertyName("upload");
        JsonSerializer.Serialize(
            line,
            new
            {
                upload.Id,
                upload.Workstream,
                upload.WorkstreamVersion,
                upload.FileName,
                upload.SizeBytes,
                Sha256 = Convert.ToHexStringLower(upload.Sha256.Span),
                upload.Columns,
                upload.HeaderMap,
                upload.Accepted,
                upload.Rejected,
                upload.SealedAt,
            },
            Form);
        line.WriteStartArray("events");
        foreach (var e in events)
        {
            JsonSerializer.Serialize(
                line,
                new
                {
                    e.Kind,
                    Detail = e.Detail is null ? null : JsonSerializer.Deserialize<JsonElement?>(e.Detail),
                    e.At,
                },
                Form);
        }

        line.WriteEndArray();
        await EndAsync(output, line, cancellationToken).ConfigureAwait(false);
        await foreach (var reject in uploads.ReadRejectsAsync(upload, after: 0, cancellationToken).ConfigureAwait(false))
        {
            line.WriteStartObject();
            line.WriteNumber("rejected", reject.Row);
            line.WriteNumber("line", reject.Line);
            line.WriteString("code", reject.Code);
            line.WriteString("reason", reject.Reason);
            line.WriteBase64String("bytes", reject.Raw.Span);
            await EndAsync(output, line, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Write(Utf8JsonWriter line, ItemState state) =>
        JsonSerializer.Serialize(
            line,
            new
            {
                state.Stage,
                state.Generation,
                state.Status,
                state.Attempt,
                state.Tries,
                state.ErrorClass,
                state.Error,
                state.UpdatedAt,
            },
            Form);

    private static void Write(Utf8JsonWriter line, StoredResult result)
    {
        line.WriteStartObject();
        line.WriteNumber("stage", result.Stage);
        line.WriteNumber("attempt", result.Attempt);
        line.WriteString("kind", JsonNamingPolicy.SnakeCaseLower.ConvertName(result.Kind.ToString()));
        line.WriteString("created_at", result.CreatedAt);
        line.WritePropertyName("data");
        line.WriteRawValue(result.Data.Span);
        line.WriteEndObject();
    }

    private async Task EndAsync(Stream output, Utf8JsonWriter line, CancellationToken cancellationToken)
    {
        line.WriteEndObject();
        line.Flush();
        line.Reset();
        buffer.Write("\n"u8);
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }
}
