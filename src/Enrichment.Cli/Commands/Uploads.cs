using Enrichment.Ingestion;

namespace Enrichment.Cli.Commands;

/// <summary>What `run` and `upload` share.</summary>
internal static class Uploads
{
    public static async Task<UploadResult> StageAsync(
        EnrichmentClient client, Stream file, string? workstream, UploadOptions options, bool again, StatusLine status, CancellationToken cancellationToken)
    {
        var result = await client.UploadAsync(file, workstream, options, again, cancellationToken);
        var report = result.Report;
        status.Say($"{options.FileName}: {report.Rows:n0} rows, {report.Accepted:n0} accepted, {report.Rejected:n0} rejected; {report.Mapped.Length} fields, {report.Unmapped.Length} columns unmapped"
            + $" ({result.Upload.Workstream}{(workstream is null ? " by its headers" : "")}, {report.Encoding}){(result.AlreadyThere ? "; uploaded before" : "")}.");
        foreach (var rejection in report.Rejections.Take(5))
        {
            status.Say($"  row {rejection.Row} (line {rejection.Line}) rejected: {rejection.Reason}");
        }

        return result;
    }
}
