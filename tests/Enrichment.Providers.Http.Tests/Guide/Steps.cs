namespace Enrichment.Providers.Http.Tests.Guide;

[EnrichmentStep("acme.company", "1.0.0",
    Reads = ["company.domain", "company.name"], Produces = ["company.employee_count", "company.industry"], Options = typeof(HttpCallOptions))]
public sealed class AcmeCompanyStep(OutboundHttp? http = null) : HttpCallStep(http);

[EnrichmentStep("acme.person", "1.0.0",
    Reads = ["person.linkedin_url"], Produces = ["person.email"], Options = typeof(HttpCallbackOptions))]
public sealed class AcmePersonStep(OutboundHttp? http = null) : HttpCallbackStep(http);

[EnrichmentStep("acme.research", "1.0.0",
    Reads = ["company.domain"], Produces = ["company.summary"], Options = typeof(HttpPollOptions))]
public sealed class AcmeResearchStep(OutboundHttp? http = null) : HttpPollStep(http);

[EnrichmentStep("acme.verify", "1.0.0",
    Reads = ["person.email"], Produces = ["person.email_status"], BulkSize = 100, Options = typeof(HttpBulkOptions))]
public sealed class AcmeVerifyStep(OutboundHttp? http = null) : HttpBulkStep(http);
