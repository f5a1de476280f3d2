namespace Enrichment.Providers.Http.Tests.Declared;

[EnrichmentStep(
    "acme.company",
    "1.0.0",
    Reads = ["company.domain", "company.name", "company.size"],
    Produces = ["company.employee_count", "company.industry"],
    Options = typeof(HttpCallOptions))]
internal sealed class AcmeCompanyStep(OutboundHttp? http = null) : HttpCallStep(http);

[EnrichmentStep(
    "acme.whole",
    "1.0.0",
    Reads = ["company.domain"],
    Produces = ["company.employee_count=/data/size"],
    Options = typeof(HttpCallOptions))]
internal sealed class AcmeWholeStep(OutboundHttp? http = null) : HttpCallStep(http);

[EnrichmentStep(
    "acme.person",
    "1.0.0",
    Reads = ["person.linkedin_url"],
    Produces = ["person.email"],
    Options = typeof(HttpCallbackOptions))]
internal sealed class AcmePersonStep(OutboundHttp? http = null) : HttpCallbackStep(http)
{
    protected override string? TokenPointer => "/token";
}

[EnrichmentStep("acme.research", "1.0.0", Reads = ["company.domain"], Produces = ["company.summary"], Options = typeof(HttpPollOptions))]
internal sealed class AcmeResearchStep(OutboundHttp? http = null) : HttpPollStep(http);

[EnrichmentStep("acme.verify", "1.0.0", Reads = ["person.email"], Produces = ["person.email_status"], Options = typeof(HttpBulkOptions))]
internal sealed class AcmeVerifyStep(OutboundHttp? http = null) : HttpBulkStep(http);
