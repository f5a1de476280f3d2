using Enrichment.Outcomes;
using Enrichment.Plans;
using Enrichment.RateLimiting;
using Enrichment.Steps;

namespace Enrichment.Execution;

/// <summary>The means with which a host calls steps.</summary>
/// <param name="Threads">The threads on which calls begin.</param>
/// <param name="Slots">The calls that may be in flight.</param>
/// <param name="Answers">The memory for answers that are not written yet.</param>
/// <param name="Credits">The accounts with vendors that are used up.</param>
/// <param name="Run">The run of the worker.</param>
internal sealed record StepHost(StepThreads Threads, CallSlots Slots, AnswerBudget Answers, VendorCredits Credits, WorkerRun Run)
{
    /// <summary>Makes the way of outcomes from the calls of a stage to the writer.</summary>
    public OutcomeQueue Queue(StagePlan plan) => new(Answers.Of(plan.Batch.Client, plan.Stage.Manifest.Slug), Run.Options, Run.Time);
}
