namespace Enrichment.Providers.Http.Tests.Guide;

[EnrichmentStep(
    "acme.company",
    "1.0.0",
    Reads = ["company.domain", "company.name"],
    Produces = ["company.employee_count", "company.industry"],
    Options = typeof(HttpCallOptions))]
public sealed class AcmeCompanyStep(OutboundHttp? http = null) : HttpCallStep(http);
