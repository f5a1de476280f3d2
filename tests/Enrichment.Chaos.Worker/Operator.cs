namespace Enrichment.Chaos.Worker;

/// <summary>An operator who cannot make up his mind: pauses, resumes, cancels and retries batches at random.</summary>
public static class Operator
{
    /// <summary>Does so many acts that took effect. An act that the batch's state does not allow does not count.</summary>
    public static async Task ActAsync(EnrichmentEngine engine, int seed, int acts, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        var client = engine.Client("acme");
        var batches = await client.ListBatchesAsync(cancellationToken).ToListAsync(cancellationToken);
        while (acts > 0)
        {
            try
            {
                var batch = batches[random.Next(batches.Count)];
                acts -= await ActAsync(client, batch, random, cancellationToken) ? 1 : 0;
            }
            catch (EnrichmentException)
            {
                // Another operator was faster, or the batch has ended.
            }
        }
    }

    private static async Task<bool> ActAsync(EnrichmentClient client, Batch batch, Random random, CancellationToken cancellationToken)
    {
        switch (random.Next(8))
        {
            case 0 or 1:
                await client.PauseAsync(batch.Id, cancellationToken);
                return true;
            case 2 or 3 or 4:
                await client.ResumeAsync(batch.Id, cancellationToken);
                return true;
            case 5:
                await client.CancelAsync(batch.Id, cancellationToken);
                return true;
            case 6:
                return await client.RetryAsync(batch.Id, cancellationToken: cancellationToken) > 0;
            default:
                var items = Enumerable.Range(0, 50).Select(_ => 1 + random.Next(batch.Items)).Distinct().ToArray();
                return await client.RetryAsync(batch.Id, new() { Items = items, FromStage = 1 }, cancellationToken) > 0;
        }
    }
}
