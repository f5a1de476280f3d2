using System.Collections.Concurrent;

namespace Enrichment.Providers.Lookup.Tests;

/// <summary>A vendor who takes money, and remembers for whom.</summary>
[EnrichmentStep("acme.company", "1.0.0", Reads = ["company.domain"], Produces = ["company.employee_count"])]
internal sealed class PaidStep : IEnrichmentStep
{
    private readonly ConcurrentQueue<string> asked = new();

    public IEnumerable<string> Asked => asked.Order(StringComparer.Ordinal);

    /// <summary>The step, this instance of it.</summary>
    public StepDescriptor Descriptor => StepDescriptor.Of(StepManifest.Of(typeof(PaidStep)), "Acme", null, _ => this);

    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        if (context.Record.Text("company.domain") is not { } domain)
        {
            return new(StepOutcome.Skipped("no domain"));
        }

        asked.Enqueue(domain);
        return new(StepOutcome.Completed([new("company.employee_count", 1000)]));
    }
}
