using Enrichment.Normalization;

namespace Enrichment.Providers.Normalization;

/// <summary>
/// The registrable domain under which the company is known: from its domain, else its website, else its own e-mail address, else the
/// person's at work.
/// </summary>
/// <remarks>
/// Free-mail providers and platforms (<c>gmail.com</c>, <c>linkedin.com</c>) name no company and are passed over. The person's e-mail
/// address comes last, because it names
/// the employer that wrote it, which may be a parent company or a former one; still the best key where the list has no other.
/// </remarks>
[EnrichmentStep("company.domain", "1.0.0", Reads = ["company.domain", "company.website", "company.email", "person.email"],
    Produces = ["company.domain"], Pure = true)]
public sealed class CompanyDomainStep : IEnrichmentStep
{
    /// <inheritdoc/>
    public ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        var record = context.Record;
        var domain = OfSite(record.Text("company.domain")) ?? OfSite(record.Text("company.website"))
            ?? OfAddress(record.Text("company.email")) ?? OfAddress(record.Text("person.email"));
        return new(domain is null
            ? StepOutcome.Skipped(
                "neither company.domain nor company.website nor company.email nor person.email holds a domain that could be a company's (free-mail providers and platforms do not count)")
            : StepOutcome.Completed("company.domain", domain.Value));
    }

    private static Domain? OfSite(string? text) => Domain.TryParse(text, out var domain) && domain.IsCompany ? domain : null;

    private static Domain? OfAddress(string? text) => EmailAddress.TryParse(text, out var address)
        && address.Domain is { IsCompany: true } domain ? domain : null;
}
