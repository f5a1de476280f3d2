namespace Enrichment.Providers.Lookup;

/// <summary>Nothing can be looked up now: what becomes of all items of the call.</summary>
internal sealed class LookupFault(StepOutcome outcome) : Exception(outcome.Reason)
{
    public StepOutcome Outcome { get; } = outcome;

    /// <summary>The settings, or the source that they name, have to be corrected.</summary>
    public static LookupFault Configuration(string reason) => new(StepOutcome.Failed(reason, ErrorClass.Configuration));

    /// <summary>It may pass by itself.</summary>
    public static LookupFault Passing(string reason) => new(StepOutcome.Retry(reason));
}
