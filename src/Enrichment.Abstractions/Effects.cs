namespace Enrichment;

/// <summary>
/// What a step does to the world outside the process, and so what may happen when nobody knows whether a call went through.
/// </summary>
public enum Effects
{
    /// <summary>
    /// Effects outside that must not be repeated blindly: an unknown outcome fails the item as <see cref="ErrorClass.OutcomeUnknown"/> and
    /// waits for review. The default.
    /// </summary>
    Review = 0,
    /// <summary>Effects outside that are safe to repeat with the same idempotency key: an unknown outcome is tried again.</summary>
    SafeToRepeat = 1,
    /// <summary>
    /// No effect outside: a function of its input. Runs without an attempt written beforehand, and again whenever a host is lost.
    /// </summary>
    Pure = 2,
}
