using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>
/// The person's first, last and full name without titles, credentials and decoration, in the usual capitals; each fills the gaps of the
/// others.
/// </summary>
[EnrichmentStep(
    "person.name",
    "1.0.0",
    Reads = ["person.first_name", "person.last_name", "person.full_name"],
    Produces = ["person.first_name", "person.last_name", "person.full_name"],
    Pure = true)]
public sealed class PersonNameStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var record = context.Record;
        return new(
            PersonName.TryParse(
                record.Text("person.first_name"),
                record.Text("person.last_name"),
                record.Text("person.full_name"),
                out var name)
                ? StepOutcome.Completed(
                    new("person.first_name", name.First),
                    new("person.last_name", name.Last),
                    new("person.full_name", name.Full))
                : StepOutcome.Skipped("neither person.first_name nor person.last_name nor person.full_name holds a name"));
    }
}
