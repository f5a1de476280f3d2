namespace Enrichment;

/// <summary>What can happen to a state. <see cref="StateMachine"/> says which may happen when.</summary>
internal enum StateEvent
{
    /// <summary>Launch, or the sequencer reached this stage.</summary>
    Created,

    /// <summary>A lease covers the due state.</summary>
    Claimed,

    /// <summary>The step, a genuine callback or poll, or the entity answered.</summary>
    Answered,

    /// <summary>The step may be answered later and is about to send.</summary>
    AboutToSend,

    /// <summary>A request for the entity that the answer is about is already open.</summary>
    EntityRequested,

    /// <summary>The entity's request was lost or cancelled.</summary>
    EntityRequestLost,

    /// <summary>The external task was withdrawn before it was called for: it was not fetched, or was given back.</summary>
    TaskWithdrawn,

    /// <summary>A stored answer is fresh enough.</summary>
    FreshAnswerFound,

    /// <summary>A fault that may pass, with tries left.</summary>
    FailedTransiently,

    /// <summary>Rate limited, drained, or out of budget: no try is counted.</summary>
    Deferred,

    /// <summary>The host was lost; the step is pure or declared safe to repeat.</summary>
    LeaseLost,

    /// <summary>The deadline passed or the sending host was lost; the step is declared safe to repeat and has tries left.</summary>
    RepeatedAfterSilence,

    /// <summary>It is unknown whether the call had its effect, and the call may not be repeated.</summary>
    OutcomeUnknown,

    /// <summary>A permanent fault, invalid output, tries exhausted, or poison.</summary>
    FailedForGood,

    /// <summary>The condition is false, or the step says that there is nothing to do.</summary>
    NothingToDo,

    /// <summary>An operator skips the item here.</summary>
    OperatorSkips,

    /// <summary>The batch or the item is cancelled.</summary>
    Cancelled,

    /// <summary>An operator begins a new generation from here.</summary>
    OperatorRetries,

    /// <summary>An operator supplies the result.</summary>
    OperatorSupplies,
}
