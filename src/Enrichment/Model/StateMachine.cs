using System.Collections.Immutable;
using static Enrichment.StateEvent;
using static Enrichment.Status;

namespace Enrichment;

/// <summary>One legal move of a state; <paramref name="From"/> is null for the move that creates it.</summary>
internal readonly record struct Transition(Status? From, StateEvent On, Status To);

/// <summary>
/// Every legal move of a state. Nothing else decides this: the stores' guards, the documentation and the tests are checked against it.
/// </summary>
internal static class StateMachine
{
    /// <summary>The table, in the order of an item's life.</summary>
    public static readonly ImmutableArray<Transition> All =
    [   //   from        on                    to
        new(null,       Created,              Pending),
        new(Pending,    Claimed,              Queued),
        new(Queued,     Answered,             Completed),
        new(Queued,     AboutToSend,          InProgress),
        new(Pending,    EntityRequested,          InProgress),
        new(Queued,     EntityRequested,          InProgress),
        new(InProgress, EntityRequestLost,        Pending),
        new(InProgress, TaskWithdrawn,        Pending),
        new(Pending,    FreshAnswerFound,     Completed),
        new(Queued,     FreshAnswerFound,     Completed),
        new(InProgress, Answered,             Completed),
        new(Pending,    Answered,             Completed),   // an answer to an earlier attempt of the generation: it was paid for
        new(Queued,     FailedTransiently,    Pending),
        new(InProgress, FailedTransiently,    Pending),
        new(Queued,     Deferred,             Pending),
        new(InProgress, Deferred,             Pending),
        new(Queued,     LeaseLost,            Pending),
        new(InProgress, RepeatedAfterSilence, Pending),
        new(Queued,     OutcomeUnknown,       Failed),
        new(InProgress, OutcomeUnknown,       Failed),
        new(Queued,     FailedForGood,        Failed),
        new(InProgress, FailedForGood,        Failed),
        new(Pending,    NothingToDo,          Skipped),
        new(Queued,     NothingToDo,          Skipped),
        new(InProgress, NothingToDo,          Skipped),
        new(Pending,    OperatorSkips,        Skipped),
        new(Failed,     OperatorSkips,        Skipped),
        new(Pending,    StateEvent.Cancelled, Status.Cancelled),
        new(Queued,     StateEvent.Cancelled, Status.Cancelled),
        new(InProgress, StateEvent.Cancelled, Status.Cancelled),
        new(Completed,  OperatorRetries,      Pending),
        new(Failed,     OperatorRetries,      Pending),
        new(Skipped,    OperatorRetries,      Pending),
        new(Status.Cancelled, OperatorRetries, Pending),
        new(Pending,    OperatorSupplies,     Completed),
        new(Failed,     OperatorSupplies,     Completed),
    ];

    /// <summary>Whether a state of this status is finished in its generation.</summary>
    public static bool IsTerminal(this Status status) => status is Completed or Failed or Skipped or Status.Cancelled;

    /// <summary>Where an event leads.</summary>
    /// <exception cref="InvalidOperationException">The event is not legal in this status: a bug in the caller.</exception>
    public static Status Next(Status? from, StateEvent on)
    {
        foreach (var transition in All)
        {
            if (transition.From == from && transition.On == on)
            {
                return transition.To;
            }
        }

        throw new InvalidOperationException(
            $"A state in {(object?)from ?? "no status"} cannot take {on}. Legal there: {string.Join(", ", All.Where(t => t.From == from).Select(t => t.On))}.");
    }
}
