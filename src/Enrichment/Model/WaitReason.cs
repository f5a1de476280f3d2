namespace Enrichment;

/// <summary>Why a pending state waits for a date. The numbers are stored.</summary>
internal enum WaitReason
{
    /// <summary>Due at once.</summary>
    None = 0,

    /// <summary>A try failed; the next comes after its backoff.</summary>
    Retry = 1,

    /// <summary>The vendor asked to slow down.</summary>
    RateLimit = 2,

    /// <summary>Sent; a delivery will answer, or else the deadline acts. Of states IN_PROGRESS.</summary>
    Callback = 3,

    /// <summary>Sent; the next poll is made at its date. Of states IN_PROGRESS.</summary>
    Poll = 4,

    /// <summary>Its entity is being requested; the request's end ends it. Of states IN_PROGRESS.</summary>
    Entity = 5,

    /// <summary>
    /// The host that claimed it can make requests for its stage, but does not have the step. Any host may claim it again at its date.
    /// </summary>
    CapableHost = 6,

    /// <summary>Its task is handed out; a worker's report ends it, else the deadline. Of states IN_PROGRESS.</summary>
    Worker = 7,
}
