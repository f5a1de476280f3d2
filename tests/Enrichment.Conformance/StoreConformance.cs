using Enrichment.Conformance.Cases;

namespace Enrichment.Conformance;

/// <summary>
/// What every store promises, as a list of cases that any test framework can enumerate. A store that passes all of them may stand behind
/// the engine.
/// </summary>
internal static class StoreConformance
{
    /// <summary>Every case, topic by topic. None is optional.</summary>
    public static IReadOnlyList<StoreCase> Cases { get; } =
    [
        .. StoreCase.Of(typeof(Cases.Staging)),
        .. StoreCase.Of(typeof(StagedUploads)),
        .. StoreCase.Of(typeof(Mappings)),
        .. StoreCase.Of(typeof(Launching)),
        .. StoreCase.Of(typeof(Claiming)),
        .. StoreCase.Of(typeof(Committing)),
        .. StoreCase.Of(typeof(Attempts)),
        .. StoreCase.Of(typeof(Cases.Sending)),
        .. StoreCase.Of(typeof(Settling)),
        .. StoreCase.Of(typeof(EarlierAttempts)),
        .. StoreCase.Of(typeof(Cases.Timers)),
        .. StoreCase.Of(typeof(Receiving)),
        .. StoreCase.Of(typeof(TakingDeliveries)),
        .. StoreCase.Of(typeof(Renewing)),
        .. StoreCase.Of(typeof(EntityCalls)),
        .. StoreCase.Of(typeof(EntityWaiters)),
        .. StoreCase.Of(typeof(WithdrawnRequests)),
        .. StoreCase.Of(typeof(EntityRequestBatches)),
        .. StoreCase.Of(typeof(LostLeases)),
        .. StoreCase.Of(typeof(Sequencing)),
        .. StoreCase.Of(typeof(Control)),
        .. StoreCase.Of(typeof(Retrying)),
        .. StoreCase.Of(typeof(Resolving)),
        .. StoreCase.Of(typeof(Reading)),
        .. StoreCase.Of(typeof(Pruning)),
        .. StoreCase.Of(typeof(Cases.Doctor)),
        .. StoreCase.Of(typeof(HostileText)),
        .. StoreCase.Of(typeof(Parity)),
        .. StoreCase.Of(typeof(RandomWalks)),
        .. StoreCase.Of(typeof(FairSharing)),
        .. StoreCase.Of(typeof(Limiting)),
        .. StoreCase.Of(typeof(Tasks)),
        .. StoreCase.Of(typeof(LimitedTasks)),
        .. StoreCase.Of(typeof(Accounts)),
        .. StoreCase.Of(typeof(Unable)),
        .. StoreCase.Of(typeof(Observing)),
        .. StoreCase.Of(typeof(Drifting)),
        .. StoreCase.Of(typeof(Exporting)),
        .. StoreCase.Of(typeof(Backlogs)),
    ];

    /// <summary>Tries the case of a name on an empty store.</summary>
    /// <exception cref="ArgumentException">No case has this name.</exception>
    /// <exception cref="ConformanceException">The store does not hold the claim.</exception>
    public static Task RunAsync(string name, StoreFixture fixture) =>
        (
            Cases.FirstOrDefault(c => c.Name == name)
            ?? throw new ArgumentException($"No conformance case is named '{name}'.", nameof(name))).RunAsync(fixture);

    /// <summary>
    /// Lets a seeded stream of operations run over the store, checking after each that every state moved legally and every count is exact,
    /// then drains it and asks the doctor.
    /// </summary>
    /// <param name="fixture">A store that no one else uses.</param>
    /// <param name="seed">What decides the operations: the same seed, the same walk.</param>
    /// <param name="operations">How many to make before draining.</param>
    /// <exception cref="ConformanceException">
    /// An invariant was broken; the message begins with the seed and ends with the last operations.
    /// </exception>
    public static Task WalkAsync(StoreFixture fixture, int seed, int operations = 60) =>
        new RandomWalk(new Scene(fixture), seed).RunAsync(operations);

    /// <summary>
    /// Lets hosts share their loops, by the engine's own rule, over a seeded mix of clients, batches, priorities and speeds; small batches
    /// arrive while large ones are worked on.
    /// </summary>
    /// <param name="fixture">A store that no one else uses.</param>
    /// <param name="seed">What decides the mix: the same seed, the same walk.</param>
    /// <exception cref="ConformanceException">
    /// A batch waited longer, or a client or batch got less, than the documentation promises; the message begins with the seed.
    /// </exception>
    public static Task ShareAsync(StoreFixture fixture, int seed) => new FairnessWalk(new Scene(fixture), seed).RunAsync();
}
