using Enrichment.Storage;

namespace Enrichment.Steps;

/// <summary>A step as it is called for claimed work.</summary>
/// <param name="Ready">The step.</param>
/// <param name="Context">Makes its context for an item.</param>
internal sealed record CalledStep(ReadyStep Ready, Func<ClaimedItem, StepContext> Context);
