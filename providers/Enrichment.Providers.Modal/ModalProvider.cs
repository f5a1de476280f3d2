namespace Enrichment.Providers.Modal;

/// <summary>
/// Steps for any function on Modal: <c>modal.call</c>, <c>modal.spawn</c> and <c>modal.callback</c>. They read and may answer the fields
/// that most lists have; a function with fields of its own is a <see cref="ModalFunction"/>.
/// </summary>
public sealed class ModalProvider : IEnrichmentProvider
{
    private static readonly string[] Fields =
    [
        "company.name",
        "company.domain",
        "company.website",
        "company.linkedin_url",
        "company.phone",
        "company.industry",
        "company.description",
        "company.employee_count",
        "company.founded_year",
        "company.city",
        "company.state",
        "company.country",
        "person.first_name",
        "person.last_name",
        "person.full_name",
        "person.title",
        "person.email",
        "person.phone",
        "person.linkedin_url",
        "person.city",
        "person.state",
        "person.country",
    ];

    // The same ones each time, so that a host may add the provider twice, as it may add classes twice.
    private static readonly StepDescriptor[] All = [Any("modal.call").Call(), Any("modal.spawn").Spawn(), Any("modal.callback").Callback()];

    /// <inheritdoc/>
    public IReadOnlyList<StepDescriptor> Steps => All;

    private static ModalFunction Any(string step) =>
        new()
        {
            Step = step,
            Reads = [.. Fields.Select(field => field + "?")],
            Produces = Fields,
        };
}
