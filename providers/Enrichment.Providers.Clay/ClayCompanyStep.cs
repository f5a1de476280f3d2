using System.Text.Json;
using Enrichment.Providers.Http;

namespace Enrichment.Providers.Clay;

/// <summary>
/// Has a Clay table find out about a company. Both shapes of company that Clay knows are read: that of its enrichment and that of "find
/// companies".
/// </summary>
/// <param name="http">Makes the calls; null: <see cref="OutboundHttp.Default"/>.</param>
[EnrichmentStep(
    "clay.company",
    "1.0.0",
    Reads = ["company.name", "company.domain", "company.linkedin_url", "company.industry", "company.city", "company.state", "company.country"],
    Produces =
    [
        "company.name", "company.domain", "company.linkedin_url", "company.website", "company.logo_url", "company.description", "company.industry", "company.industries",
        "company.subindustries", "company.size_bucket", "company.employee_count", "company.city", "company.state", "company.country", "company.revenue_range",
        "company.funding_range", "company.founded_year", "company.type", "company.business_stage", "company.clay_payload",
    ],
    Options = typeof(ClayOptions))]
// If a company is known by its name alone, two rows cannot be said to mean the same one.
[Entity("company", "company.domain", "company.linkedin_url", CallsWithoutKey = true)]
public sealed class ClayCompanyStep(OutboundHttp? http = null) : ClayStep(
    http,
    "raw_clay_company_enriched_payload",
    ("company_name", "company.name"),
    ("company_domain", "company.domain"),
    ("company_linkedin_url", "company.linkedin_url"),
    ("company_industry", "company.industry"),
    ("company_city", "company.city"),
    ("company_state", "company.state"),
    ("company_country", "company.country"))
{
    private protected override string? Lacking(EnrichmentRecord record) =>
        (record.Text("company.domain") ?? record.Text("company.linkedin_url") ?? record.Text("company.name")) is null
            ? "The record has neither domain, LinkedIn address nor name of a company."
            : null;

    private protected override IEnumerable<KeyValuePair<string, object?>> Fields(Payload payload)
    {
        var industries = payload.Texts("derived_datapoints", "industry") ?? payload.Texts("industries") ?? payload.Texts("industry");
        var office = payload.First("locations");
        var locality = (payload.Text("locality") ?? payload.Text("location"))?.Split(", ", StringSplitOptions.TrimEntries);
        return new Dictionary<string, object?>
        {
            ["company.name"] = payload.Text("name"),
            ["company.domain"] = payload.Text("domain") ?? payload.Text("resolved_domain"),
            ["company.linkedin_url"] = payload.Text("url") ?? payload.Text("linkedin_url"),
            ["company.website"] = payload.Text("website"),
            ["company.logo_url"] = payload.Text("logo_url"),
            ["company.description"] = payload.Text("derived_datapoints", "description") ?? payload.Text("description"),
            ["company.industry"] = industries?[0],
            ["company.industries"] = List(industries),
            ["company.subindustries"] = List(payload.Texts("derived_datapoints", "subindustry")),
            ["company.size_bucket"] = payload.Text("size"),
            ["company.employee_count"] = payload.Whole("employee_count"),
            ["company.city"] = office?.Text("inferred_location", "locality") ?? locality?[0],
            ["company.state"] = office?.Text("inferred_location", "admin_district") ?? locality?.ElementAtOrDefault(1),
            ["company.country"] = payload.Text("country"),
            ["company.revenue_range"] = payload.Text("annual_revenue"),
            ["company.funding_range"] = payload.Text("total_funding_amount_range_usd"),
            ["company.founded_year"] = payload.Whole("founded"),
            ["company.type"] = payload.Text("type"),
            ["company.business_stage"] = payload.Text("derived_datapoints", "business_stage"),
            ["company.clay_payload"] = payload.Value,
        };
    }

    private static JsonElement? List(IReadOnlyList<string>? texts) => texts is null ? null : JsonSerializer.SerializeToElement(texts);
}
