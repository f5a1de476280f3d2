using Enrichment.Providers.Lookup.Rows;

namespace Enrichment.Providers.Lookup;

/// <summary>Looks up many items at once: one read serves them all, and items with the same key share a row.</summary>
internal abstract class LookupStep<TOptions> : IBulkStep
    where TOptions : LookupOptions
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        (await ExecuteAsync([context], cancellationToken).ConfigureAwait(false))[context.IdempotencyKey];

    public async ValueTask<IReadOnlyDictionary<string, StepOutcome>> ExecuteAsync(
        IReadOnlyList<StepContext> contexts,
        CancellationToken cancellationToken)
    {
        var options = contexts[0].Options<TOptions>();
        var keys = contexts.Select(context => RecordKey.Of(options, context.Record)).ToList();
        var wanted = keys.OfType<RecordKey>().DistinctBy(key => key.Whole).ToList();
        try
        {
            var table =
                wanted.Count == 0 ? null : await FindAsync(options, wanted, contexts[0].Timeout, cancellationToken).ConfigureAwait(false);
            var now = contexts[0].TimeProvider.GetUtcNow();
            return Each(contexts, keys, options, key => RowAnswer.Of(table!.Find(key.Whole), options, now));
        }
        catch (LookupFault fault)
        {
            return Each(contexts, keys, options, _ => fault.Outcome);
        }
    }

    /// <summary>Reads the rows of these keys; others may be among them.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="keys">No two alike.</param>
    /// <param name="timeout">What the call has.</param>
    /// <param name="cancellationToken">The engine's.</param>
    /// <exception cref="LookupFault">They cannot be read.</exception>
    private protected abstract ValueTask<LookupTable> FindAsync(
        TOptions options,
        IReadOnlyList<RecordKey> keys,
        TimeSpan timeout,
        CancellationToken cancellationToken);

    private static Dictionary<string, StepOutcome> Each(
        IReadOnlyList<StepContext> contexts,
        List<RecordKey?> keys,
        TOptions options,
        Func<RecordKey, StepOutcome> found) =>
        contexts
            .Zip(keys)
            .ToDictionary(
                pair => pair.First.IdempotencyKey,
                pair =>
                    pair.Second is { } key
                        ? found(key)
                        : StepOutcome.Skipped(
                            $"The record lacks a part of the key: {string.Join(", ", options.Key.Values.Select(part => $"{part.Field} ({part.As})"))}."),
                StringComparer.Ordinal);
}
