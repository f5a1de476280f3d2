using System.CommandLine;
using System.Text.Json.Nodes;

namespace Enrichment.Cli.Commands;

/// <summary>One upload: how it was read, what its columns feed, which batches were launched from it.</summary>
internal sealed class UploadsShowCommand : CliCommand
{
    private readonly Argument<string> upload = UploadId.Argument();

    public UploadsShowCommand()
        : base(
            "show",
            "Shows an upload: its file, how it was read, which columns feed which fields, how many rows were rejected and why, and the batches that were launched from it.",
            "enrich uploads show last",
            "enrich uploads show 019a8f5e-7c1b-7000-8000-000000000001 --json") => Arguments.Add(upload);

    protected override async Task<Answer> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var session = await Session.OpenAsync(parsed, cancellationToken);
        var found = await UploadId.FindAsync(session.Client, parsed.GetRequiredValue(upload), cancellationToken);
        var batches = await session.Client.ListBatchesAsync(found.Id, cancellationToken).ToListAsync(cancellationToken);
        var json = JsonNode.Parse(Answer.Json(UploadsCommand.Facts(found)))!.AsObject();
        json["batches"] = JsonNode.Parse(Answer.Json(batches.Select(batch => new
        {
            Batch = batch.Id, batch.Pipeline, Status = batch.Status.Word(), batch.Items, batch.CreatedAt, batch.PrunedAt,
        })));
        json["report"] = JsonNode.Parse(found.Report);
        return new(json, string.Join('\n', Lines(found, batches)));
    }

    private static IEnumerable<string> Lines(Upload upload, List<Batch> batches)
    {
        yield return $"Upload {upload.Id}, {upload.FileName ?? "a stream without a name"}, {Sizes.Words(upload.SizeBytes)}, SHA-256 {Convert.ToHexStringLower(upload.Sha256.Span)}";
        yield return $"Staged {upload.SealedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z by {upload.By ?? "nobody who is known"} as {upload.Workstream}, version {upload.WorkstreamVersion}{(upload.PrunedAt is { } pruned ? $"; pruned {pruned.UtcDateTime:yyyy-MM-dd HH:mm}Z" : "")}";
        yield return $"{Plural.Of(upload.Accepted + upload.Rejected, "row")}, {upload.Accepted:n0} accepted, {upload.Rejected:n0} rejected";
        var fields = upload.HeaderMap
            .SelectMany(mapped => mapped.Value, (mapped, column) => (Column: column, mapped.Key))
            .ToLookup(fed => fed.Column, fed => fed.Key);
        foreach (var (position, header) in upload.Columns.Index())
        {
            yield return $"  column {position + 1}: {(string.IsNullOrWhiteSpace(header) ? "no header" : header)}{(fields[position].FirstOrDefault() is { } field ? $" -> {field}" : "")}";
        }

        yield return batches.Count == 0 ? "No batch was launched from it." : "Batches:";
        foreach (var batch in batches)
        {
            yield return $"  {batch.Id}  {batch.Pipeline}  {batch.Status.Word()}  {Plural.Of(batch.Items, "item")}";
        }
    }
}
