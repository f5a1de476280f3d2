using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.Steps;
using Enrichment.Storage;

namespace Enrichment.Execution;

/// <summary>
/// Says what an answer means for its item, by <see cref="OutcomeRules"/>, and hands it to the writer. It runs on the step's threads:
/// reading large answers delays no other write.
/// </summary>
internal sealed class ClassifyOutcome(StagePlan plan, ReadyStep step, OutcomeQueue outcomes)
{
    /// <summary>The answer of a step that has none.</summary>
    public static readonly StepOutcome Null = StepOutcome.Failed("The step returned null instead of an outcome.", ErrorClass.InvalidOutput);

    /// <summary>The answer to an item that the answer of its call leaves out.</summary>
    public static readonly StepOutcome Unanswered = StepOutcome.Retry(
        "The vendor's answer to a call for several items has no answer for this one.");

    /// <summary>The stage.</summary>
    public StagePlan Plan => plan;

    /// <summary>The room that answers find.</summary>
    public AnswerBudget.Account Budget => outcomes.Budget;

    /// <summary>A call ended for an item.</summary>
    /// <param name="item">The item, as claimed.</param>
    /// <param name="outcome">What the step said.</param>
    /// <param name="spread">From 0 to 1, for the spread of the backoff.</param>
    public void Answered(ClaimedItem item, StepOutcome outcome, double spread) =>
        outcomes.Add(plan.OutcomeRules.Of(item, step.Told(outcome), spread));

    /// <summary>The call of an item was not made: it is due again.</summary>
    public void NotCalled(ClaimedItem item) => outcomes.Add(plan.OutcomeRules.Drained(item));

    /// <summary>As <see cref="NotCalled(ClaimedItem)"/>, for a reason.</summary>
    public void NotCalled(ClaimedItem item, string reason) => outcomes.Add(plan.OutcomeRules.Drained(item, reason));

    /// <summary>The outcome for an exception of a step.</summary>
    public StepOutcome Thrown(Exception exception) => StepOutcome.Failed($"The step threw {step.Told(exception)}");

    /// <summary>The answer of a step whose time is over.</summary>
    public StepOutcome TimedOut()
    {
        var reason = $"The step did not answer within {DurationWords.Of(plan.Stage.Timeout)}.";
        return plan.Stage.Manifest.Effects == Effects.Pure ? StepOutcome.Retry(reason) : StepOutcome.Unknown(reason);
    }
}
