using Enrichment.Pipelines;

namespace Enrichment.Steps;

/// <summary>The step of a stage with its settings bound, and the place where what it says is made fit to be kept.</summary>
/// <param name="activation">How it comes to its calls.</param>
/// <param name="options">Its settings, and the secrets in them.</param>
/// <param name="keepMessages">Whether messages of exceptions are kept.</param>
internal sealed class ReadyStep(StepActivation activation, BoundOptions options, bool keepMessages)
{
    public object? Options => options.Value;

    public StepUse Begin() => activation.Begin();

    /// <summary>The outcome without the values of secrets in its reason or in what the vendor answered.</summary>
    public StepOutcome Told(StepOutcome outcome)
    {
        if (outcome.Kind == StepOutcomeKind.Completed
            && options.Redactor.Redact(outcome.Result) is var result
            && !result.Equals(outcome.Result))
        {
            var clean = StepOutcome.CompletedJson(result);
            outcome = outcome.Cost is { } cost ? clean.WithCost(cost) : clean;
        }

        return outcome.Reason is { } reason && options.Redactor.Redact(reason) is var told && !ReferenceEquals(told, reason)
            ? outcome.WithReason(told)
            : outcome;
    }

    /// <summary>The text that is kept of an exception.</summary>
    public string Told(Exception exception) => options.Redactor.Redact(ErrorText.Of(exception, keepMessages));
}
