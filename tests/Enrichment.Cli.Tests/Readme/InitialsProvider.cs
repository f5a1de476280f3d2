// <README: a provider>
using Enrichment;

namespace House;

[EnrichmentStep("person.initials", "1.0.0", Reads = ["person.full_name"], Produces = ["person.initials"], Pure = true)]
public sealed class InitialsStep : IEnrichmentStep
{
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken) =>
        new(context.Record.Text("person.full_name") is { } name
            ? StepOutcome.Completed("person.initials", string.Concat(name.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.EnumerateRunes().First())))
            : StepOutcome.Skipped("the record has no name"));
}

public sealed class InitialsProvider : IEnrichmentProvider
{
    public IReadOnlyList<StepDescriptor> Steps { get; } = [StepDescriptor.Of<InitialsStep>()];
}
// </README>
