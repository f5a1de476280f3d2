using Enrichment.Json;
using Enrichment.Plans;
using Enrichment.Storage;

namespace Enrichment.Tests.Execution;

/// <summary>
/// The rules by which outcomes become states: one table for what steps answer, one for everything else that happens to an item.
/// </summary>
public sealed class OutcomeRulesTests
{
    private const int Tries = 3;

    // Called: a step that answers at once. Sent: the call of a step that may be answered later. Polled and delivered: its later answer.
    private static readonly RuleTable Answers = new("""
        outcome                        | asked                   | effects            | tries left → status      | waits     | tries | class
        Completed                      | *                       | *                  | *          → COMPLETED   | None      | +1    | none
        NotFound                       | *                       | *                  | *          → COMPLETED   | None      | +1    | none
        Skipped                        | *                       | *                  | *          → SKIPPED     | None      | +0    | none
        Retry                          | *                       | *                  | yes        → PENDING     | Retry     | +1    | Transient
        Retry                          | *                       | *                  | no         → FAILED      | None      | +1    | Transient
        RateLimited                    | called, sent, delivered | *                  | *          → PENDING     | RateLimit | +0    | RateLimited
        OutOfCredits                   | called, sent, delivered | *                  | *          → PENDING     | RateLimit | +0    | OutOfCredits
        RateLimited, OutOfCredits      | polled                  | *                  | *          → IN_PROGRESS | Callback  | +0    | none
        Failed                         | *                       | *                  | *          → FAILED      | None      | +1    | Permanent
        Unknown                        | sent, polled            | *                  | *          → IN_PROGRESS | Callback  | +0    | none
        Unknown                        | called, delivered       | Pure, SafeToRepeat | yes        → PENDING     | Retry     | +1    | OutcomeUnknown
        Unknown                        | called, delivered       | Pure, SafeToRepeat | no         → FAILED      | None      | +1    | OutcomeUnknown
        Unknown                        | called, delivered       | Review             | *          → FAILED      | None      | +1    | OutcomeUnknown
        AwaitingCallback, AwaitingPoll | called                  | *                  | *          → FAILED      | None      | +0    | InvalidOutput
        AwaitingCallback, AwaitingPoll | sent, polled, delivered | *                  | *          → IN_PROGRESS | Callback  | +0    | none
        """);

    private static readonly RuleTable Happenings = new("""
        what happened                 | effects            | tries left → status    | waits       | tries | class
        condition is false            | *                  | *          → SKIPPED   | None        | +0    | none
        record has no entity key      | *                  | *          → SKIPPED   | None        | +0    | none
        stored answer is fresh        | *                  | *          → COMPLETED | None        | +0    | none
        requests are being cancelled  | *                  | *          → PENDING   | Retry       | +0    | none
        limit allows no call          | *                  | *          → PENDING   | RateLimit   | +0    | none
        account is used up            | *                  | *          → PENDING   | RateLimit   | +0    | OutOfCredits
        host does not have the step   | *                  | *          → PENDING   | CapableHost | +0    | none
        host drained before the call  | *                  | *          → PENDING   | None        | +0    | none
        deadline passed               | Pure, Review       | *          → FAILED    | None        | +1    | OutcomeUnknown
        deadline passed               | SafeToRepeat       | yes        → PENDING   | Retry       | +1    | OutcomeUnknown
        deadline passed               | SafeToRepeat       | no         → FAILED    | None        | +1    | OutcomeUnknown
        host was lost before the call | *                  | *          → unchanged
        host was lost during the call | Pure, SafeToRepeat | *          → PENDING   | None        | +0    | OutcomeUnknown
        host was lost during the call | Review             | *          → FAILED    | None        | +0    | OutcomeUnknown
        host was lost once too often  | *                  | *          → FAILED    | None        | +0    | Poison
        """);

    // By the halves that the step implements. With both, polls are the fallback.
    private static readonly RuleTable Waits = new("""
        outcome          | implements      → status      | waits    | tries | class
        AwaitingCallback | receiving, both → IN_PROGRESS | Callback | +0    | none
        AwaitingCallback | polling         → FAILED      | None     | +0    | InvalidOutput
        AwaitingPoll     | polling         → IN_PROGRESS | Poll     | +0    | none
        AwaitingPoll     | both            → IN_PROGRESS | Callback | +0    | none
        AwaitingPoll     | receiving       → FAILED      | None     | +0    | InvalidOutput
        Unknown          | polling         → IN_PROGRESS | Poll     | +0    | none
        Unknown          | receiving, both → IN_PROGRESS | Callback | +0    | none
        """);

    private static readonly RuleTable Advances = new("""
        status               | stage              → next stage begins
        COMPLETED, SKIPPED   | required, optional → yes
        FAILED               | optional           → yes
        FAILED               | required           → no
        PENDING, IN_PROGRESS | required, optional → no
        *                    | last               → no
        """);

    private static readonly Dictionary<string, StepOutcome> Outcomes =
        Enum.GetValues<StepOutcomeKind>().Select(Outcome).Append(("OutOfCredits", StepOutcome.OutOfCredits("402"))).ToDictionary();

    private static readonly string[] Asked = ["called", "sent", "polled", "delivered"];

    private static readonly string[] Happened =
    [
        "condition is false",
        "record has no entity key",
        "stored answer is fresh",
        "requests are being cancelled",
        "limit allows no call",
        "account is used up",
        "host does not have the step",
        "host drained before the call",
        "deadline passed",
        "host was lost before the call",
        "host was lost during the call",
        "host was lost once too often",
    ];

    [Fact]
    public void Each_outcome_leads_to_the_state_that_the_table_names() => Answers.Hold(
        from outcome in Outcomes.Keys
        from asked in Asked
        from effects in Enum.GetValues<Effects>()
        from left in new[] { true, false }
        select ((outcome, asked, effects, left), new[] { outcome, asked, effects.ToString(), left ? "yes" : "no" }),
        one => Words(Answer(Rules(one.effects, later: one.asked != "called"), Outcomes[one.outcome], one.asked, one.left), one.left));

    [Fact]
    public void Each_other_event_leads_to_the_state_that_the_table_names() =>
        Happenings.Hold(
            from happened in Happened
            from effects in Enum.GetValues<Effects>()
            from left in new[] { true, false }
            select ((happened, effects, left), new[] { happened, effects.ToString(), left ? "yes" : "no" }),
            one =>
                Happen(Rules(one.effects, later: one.happened == "deadline passed"), one.happened, one.left) is { } change
                    ? Words(change, one.left)
                    : "unchanged");

    [Fact]
    public void A_step_waits_as_it_can_be_answered() => Waits.Hold(
        from outcome in new[] { "AwaitingCallback", "AwaitingPoll", "Unknown" }
        from half in new[] { "receiving", "polling", "both" }
        select ((outcome, half), new[] { outcome, half }),
        one => Words(Rules(Effects.Review, later: true, one.half).Of(Claimed(left: true), Outcomes[one.outcome], 0), left: true));

    [Fact]
    public void The_next_stage_begins_when_this_one_lets_the_item_pass() =>
        Advances.Hold(
            from outcome in Outcomes.Keys
            from asked in Asked
            from stage in new[] { "required", "optional", "last" }
            let change = Answer(
                Rules(Effects.Review, asked != "called", optional: stage == "optional", last: stage == "last"),
                Outcomes[outcome],
                asked,
                left: true)
            select (change, new[] { Name(change.Status), stage }),
            change => change.Advances ? "yes" : "no");

    [Fact]
    public void Only_a_call_under_its_claim_begins_an_attempt() => Assert.All(
        from outcome in Outcomes.Values from asked in Asked select (outcome, asked),
        one =>
        {
            var change = Answer(Rules(Effects.Review, later: one.asked != "called"), one.outcome, one.asked, left: true);
            Assert.Equal(one.asked == "called" ? 7 : 8, change.ExpectedAttempt);
            Assert.Equal(8, change.Attempt);
        });

    private static StateChange Answer(OutcomeRules rules, StepOutcome outcome, string asked, bool left) => asked switch
    {
        "polled" => rules.OfPoll(SentItem.Of(Claimed(left)), outcome, 0),
        "delivered" => rules.OfDelivery(SentItem.Of(Claimed(left)), outcome, 0),
        _ => rules.Of(Claimed(left), outcome, 0),
    };

    private static StateChange? Happen(OutcomeRules rules, string happened, bool left) => happened switch
    {
        "condition is false" => rules.ConditionFalse(Claimed(left)),
        "record has no entity key" => rules.WithoutKey(Claimed(left), new("company", ["company.domain"])),
        "stored answer is fresh" => rules.FreshAnswer(Claimed(left), StepOutcomeKind.Completed, "{}"u8.ToArray(), default),
        "requests are being cancelled" => rules.NotRequested(Claimed(left)),
        "limit allows no call" => OutcomeRules.NotAllowed(Claimed(left), TimeSpan.Zero, usedUp: false),
        "account is used up" => OutcomeRules.NotAllowed(Claimed(left), TimeSpan.Zero, usedUp: true),
        "host does not have the step" => OutcomeRules.NotHere(Claimed(left)),
        "host drained before the call" => rules.Drained(Claimed(left)),
        "deadline passed" => rules.Overdue(SentItem.Of(Claimed(left)), 0),
        "host was lost before the call" => rules.HostLost(new(1, 1, 7, Used(left), OpenAttempt: null)),
        "host was lost during the call" => rules.HostLost(new(1, 1, 7, Used(left), OpenAttempt: 8)),
        "host was lost once too often" => rules.Poisoned(new(1, 1, 7, Used(left), OpenAttempt: null), OutcomeRules.PoisonAfter),
        _ => throw new NotSupportedException(happened),
    };

    private static OutcomeRules Rules(Effects effects, bool later, string half = "both", bool optional = false, bool last = false) => new(
        new()
        {
            Manifest = new()
            {
                Slug = "test.step",
                Version = "1.0.0",
                Effects = effects,
                ReceivesCallbacks = later && half != "polling",
                PollInterval = later && half != "receiving" ? TimeSpan.FromMinutes(1) : null,
            },
            Retry = new() { MaxTries = Tries },
            Timeout = TimeSpan.FromMinutes(1),
            Optional = optional,
        },
        last,
        new JsonGate(1024));

    private static ClaimedItem Claimed(bool left) => new() { Item = 1, Generation = 1, Attempt = 7, Tries = Used(left), Raw = "[]"u8.ToArray() };

    // With none left, this try is the last.
    private static short Used(bool left) => (short)(left ? Tries - 2 : Tries - 1);

    private static string Words(StateChange change, bool left) =>
        $"{Name(change.Status)} | {change.Waits} | +{change.Tries - Used(left)} | {change.ErrorClass?.ToString() ?? "none"}";

    private static string Name(Status status) => status == Status.InProgress ? "IN_PROGRESS" : status.ToString().ToUpperInvariant();

    private static (string Name, StepOutcome Outcome) Outcome(StepOutcomeKind kind) => (kind.ToString(), kind switch
    {
        StepOutcomeKind.Completed => StepOutcome.Completed("company.size", "7"),
        StepOutcomeKind.NotFound => StepOutcome.NotFound(),
        StepOutcomeKind.Skipped => StepOutcome.Skipped("nothing to do"),
        StepOutcomeKind.Retry => StepOutcome.Retry("503"),
        StepOutcomeKind.RateLimited => StepOutcome.RateLimited("429"),
        StepOutcomeKind.Failed => StepOutcome.Failed("400"),
        StepOutcomeKind.Unknown => StepOutcome.Unknown("timed out"),
        StepOutcomeKind.AwaitingCallback => StepOutcome.AwaitingCallback(),
        StepOutcomeKind.AwaitingPoll => StepOutcome.AwaitingPoll(),
        _ => throw new NotSupportedException($"{kind} needs rows in the table."),
    });
}
