using System.Runtime.CompilerServices;

namespace Enrichment.Cli.Commands;

/// <summary>The failed items of the batches that have changed between two reads of the store.</summary>
/// <remarks>A batch that had ended before, and has not ended again since, is not reported again.</remarks>
internal sealed class FailedItems
{
    private readonly HashSet<Standing> before;

    private FailedItems(HashSet<Standing> before) => this.before = before;

    /// <summary>Looks for the first time.</summary>
    public static async Task<FailedItems> SinceNowAsync(EnrichmentEngine engine, CancellationToken cancellationToken)
    {
        var before = new HashSet<Standing>();
        await foreach (var (client, batch) in BatchesAsync(engine, cancellationToken))
        {
            before.Add(Standing.Of(batch, batch.HasEnded ? 0 : (await client.GetProgressAsync(batch.Id, cancellationToken)).Failed));
        }

        return new(before);
    }

    /// <summary>Looks again.</summary>
    public async Task<IReadOnlyList<FailedAt>> FindAsync(EnrichmentEngine engine, CancellationToken cancellationToken)
    {
        var failed = new List<FailedAt>();
        await foreach (var (client, batch) in BatchesAsync(engine, cancellationToken))
        {
            if (batch.HasEnded && before.Contains(Standing.Of(batch, 0)))
            {
                continue;
            }

            var progress = await client.GetProgressAsync(batch.Id, cancellationToken);
            if (progress.Failed == 0 || before.Contains(Standing.Of(progress.Batch, progress.Failed)))
            {
                continue;
            }

            // At an optional stage a failure ends no item: 'run' counts none there either.
            var counts = client.ReadStatesAsync(batch.Id, Status.Failed, cancellationToken)
                .Where(state => !progress.Stages[state.Stage - 1].Optional)
                .CountBy(state => (state.Stage, state.ErrorClass));
            await foreach (var ((stage, error), items) in counts.OrderBy(count => count.Key))
            {
                failed.Add(new(batch.Id, client.Slug, stage, progress.Stages[stage - 1].Step, Statuses.Word(error), items));
            }
        }

        return failed;
    }

    /// <summary>Each on a line that follows.</summary>
    public static string Lines(IReadOnlyList<FailedAt> failed) =>
        string.Concat(
            failed.Select(at =>
                $"\n  {Plural.Of(at.Items, "item")} of batch {at.Batch} (client {at.Client}) failed at stage {at.Stage}, {at.Step} ({at.ErrorClass})."))
        + (
            failed.Count == 0
                ? ""
                : $"\n'enrich status {failed[0].Batch}{(failed[0].Client == CommonOptions.DefaultClient ? "" : $" --client {failed[0].Client}")}' says why; 'enrich retry' runs them again.");

    private static async IAsyncEnumerable<(EnrichmentClient Client, Batch Batch)> BatchesAsync(
        EnrichmentEngine engine,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var client in (await engine.ListClientsAsync(cancellationToken)).Select(engine.Client))
        {
            await foreach (var batch in client.ListBatchesAsync(cancellationToken).Where(batch => batch.PrunedAt is null))
            {
                yield return (client, batch);
            }
        }
    }

    // An ended batch cannot fail further without ending again.
    private readonly record struct Standing(Guid Batch, DateTimeOffset? EndedAt, int Failed)
    {
        public static Standing Of(Batch batch, int failed) =>
            batch.HasEnded ? new(batch.Id, batch.CompletedAt, 0) : new(batch.Id, null, failed);
    }
}

/// <summary>How many items of a batch failed at a stage for one kind of reason.</summary>
internal sealed record FailedAt(Guid Batch, string Client, short Stage, string Step, string? ErrorClass, int Items);
