namespace Enrichment;

/// <summary>The receiving half of a step whose answers are delivered to the host later.</summary>
/// <remarks>
/// Which attempt a delivery answers is decided by its token alone, never by anything else in it. A delivery may come before the call has
/// returned, twice, or not at all.
/// </remarks>
public interface ICallbackReceiver : IEnrichmentStep
{
    /// <summary>How a delivery proves that it is the vendor's. Checked before the delivery is stored.</summary>
    /// <param name="options">The step's settings in the batch of the attempt, with secrets resolved; null if the step has none.</param>
    CallbackAuthentication Authentication(object? options);

    /// <summary>
    /// Finds the token in a delivery to the step's own address, for a vendor that cannot be given an address for each call. Null if there
    /// is none.
    /// </summary>
    /// <param name="delivery">
    /// The delivery. It is not authenticated yet, because the token decides which settings authenticate it. An exception counts as no
    /// token.
    /// </param>
    string? TokenOf(CallbackDelivery delivery) => null;

    /// <summary>Reads the answer. Called again whenever the delivery is interpreted again, so it only reads.</summary>
    /// <param name="context">The attempt that is answered.</param>
    /// <param name="delivery">The delivery.</param>
    /// <returns>What happened. An exception is a fault of the step: the delivery stays where it is, and can be interpreted again.</returns>
    StepOutcome Receive(AttemptContext context, CallbackDelivery delivery);
}
