namespace Enrichment;

/// <summary>
/// The effects of a step outside the process. They decide what happens if it is unknown whether a call had its effect.
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
