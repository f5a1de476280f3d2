namespace Enrichment;

/// <summary>One attempt of one step at one item, with the item's record.</summary>
public sealed class StepContext : AttemptContext
{
    /// <summary>Makes a context; the engine and the test harness do this.</summary>
    /// <param name="record">What the step may read.</param>
    /// <param name="options">An instance of the step's options type; null if it has none.</param>
    public StepContext(EnrichmentRecord record, object? options = null)
        : base(options) => Record = record;

    /// <summary>What the step may read.</summary>
    public EnrichmentRecord Record { get; }

    /// <summary>
    /// For a step with a receiving half: the unguessable name of this attempt, which a delivery must bring back, in the address or where
    /// <see cref="ICallbackReceiver.TokenOf"/> finds it. A secret: only its hash is stored.
    /// </summary>
    public string? CallbackToken { get; init; }

    /// <summary>
    /// The address, with the token, to which the vendor may deliver the answer; null if the host has not said under which address the world
    /// reaches it.
    /// </summary>
    public Uri? CallbackUrl { get; init; }
}
