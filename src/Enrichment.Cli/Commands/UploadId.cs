using System.CommandLine;

namespace Enrichment.Cli.Commands;

/// <summary>How the command line names an upload.</summary>
internal static class UploadId
{
    public static Argument<string> Argument() => new("UPLOAD")
    {
        Description = "The id that 'enrich upload' printed, or 'last' for the client's youngest upload.",
    };

    /// <exception cref="EnrichmentException">It is no id, or the client has no such upload.</exception>
    public static async Task<Upload> FindAsync(EnrichmentClient client, string given, CancellationToken cancellationToken) =>
        given == BatchId.Last
            ? await client.ListUploadsAsync(cancellationToken: cancellationToken).FirstOrDefaultAsync(cancellationToken)
                ?? throw new EnrichmentException($"Client '{client.Slug}' has no upload yet.")
        : Guid.TryParse(given, out var id) ? await client.GetUploadAsync(id, cancellationToken)
        : throw new EnrichmentException($"'{given}' is not an upload: expected its id or 'last'. 'enrich uploads' lists them.");
}
