namespace Enrichment.Cli.Commands;

/// <summary>How the command line names a batch.</summary>
internal static class BatchId
{
    public const string Last = "last";

    public const string Description = "The batch's id, or 'last' for the client's youngest.";

    /// <exception cref="EnrichmentException">It is no id, or the client has no batch yet.</exception>
    public static async Task<Guid> FindAsync(EnrichmentClient client, string given, CancellationToken cancellationToken)
    {
        if (given != Last)
        {
            return Guid.TryParse(given, out var id)
                ? id
                : throw new EnrichmentException($"'{given}' is not a batch: expected its id or 'last'. 'enrich status' lists the batches.");
        }

        await foreach (var youngest in client.ListBatchesAsync(cancellationToken))
        {
            return youngest.Id;
        }

        throw new EnrichmentException($"Client '{client.Slug}' has no batch yet.");
    }
}
