namespace Enrichment.Storage;

/// <summary>Ends of batches that observers have yet to be told of.</summary>
internal interface IObserverStore
{
    /// <summary>
    /// Says that there are observers: they are told of batches that end from now on. Without effect if it was said before.
    /// </summary>
    Task BeginObservingAsync(CancellationToken cancellationToken);

    /// <summary>Batches that have ended since there are observers, and of whose end no observer has been told.</summary>
    Task<IReadOnlyList<Batch>> FindUnobservedAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Notes that observers were told of a batch as it was read: if it has been reopened since, its next end is told too.
    /// </summary>
    Task MarkObservedAsync(Batch batch, CancellationToken cancellationToken);
}
