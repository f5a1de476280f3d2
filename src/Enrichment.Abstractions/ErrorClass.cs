namespace Enrichment;

/// <summary>Why an attempt did not answer; the retry policy and the operator's filters go by it.</summary>
/// <remarks>The numbers are stored; they never change meaning.</remarks>
public enum ErrorClass
{
    /// <summary>May pass by itself (connection refused, 503): tried again while tries are left.</summary>
    Transient = 1,
    /// <summary>The vendor asked to slow down (429): tried again later, no try is counted.</summary>
    RateLimited = 2,
    /// <summary>Does not pass by itself (400, an exception without a class): the item fails.</summary>
    Permanent = 3,
    /// <summary>The step answered with something that may not be stored; the item fails.</summary>
    InvalidOutput = 4,
    /// <summary>The step cannot work as it is configured (401, a missing setting): the item fails.</summary>
    Configuration = 5,
    /// <summary>A call was sent, and it is unknown whether it had its effect. Decided by the step's <see cref="Effects"/>.</summary>
    OutcomeUnknown = 6,
    /// <summary>The item's work was alone in a lease and lost its host each time: it ends, so that the others can.</summary>
    Poison = 7,
    /// <summary>
    /// The account with the vendor is used up (402): tried again later, no try is counted, and meanwhile no call uses the account.
    /// </summary>
    OutOfCredits = 8,
}
