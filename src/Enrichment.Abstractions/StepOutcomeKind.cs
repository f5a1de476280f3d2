namespace Enrichment;

/// <summary>The kinds of answer that a step can give.</summary>
public enum StepOutcomeKind
{
    /// <summary>An answer with data.</summary>
    Completed = 1,
    /// <summary>The answer is that there is nothing to be found. Counts as an answer: COMPLETED with an empty result.</summary>
    NotFound = 2,
    /// <summary>There was nothing to do for this item. Lets the item pass.</summary>
    Skipped = 3,
    /// <summary>Did not work this time and may the next: costs one try.</summary>
    Retry = 4,
    /// <summary>The vendor asked to wait: costs no try.</summary>
    RateLimited = 5,
    /// <summary>Will not work: the item fails, unless the stage is optional.</summary>
    Failed = 6,
    /// <summary>The call may or may not have had its effect.</summary>
    Unknown = 7,
    /// <summary>Sent; the vendor delivers the answer later. Legal for a step that implements <see cref="ICallbackReceiver"/>.</summary>
    AwaitingCallback = 8,
    /// <summary>Sent; the answer has to be fetched later. Legal for a step that implements <see cref="IPollingStep"/>.</summary>
    AwaitingPoll = 9,
}
