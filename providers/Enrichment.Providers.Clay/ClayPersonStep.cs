using Enrichment.Providers.Http;

namespace Enrichment.Providers.Clay;

/// <summary>Has a Clay table find out about a person. The jobs, education and the rest stay in <c>person.clay_payload</c>.</summary>
/// <param name="http">Makes the calls; null: <see cref="OutboundHttp.Default"/>.</param>
[EnrichmentStep(
    "clay.person",
    "1.0.0",
    Reads =
    [
        "person.first_name", "person.last_name", "person.full_name", "person.linkedin_url", "person.title", "person.email", "person.phone",
        "company.name", "company.domain", "company.linkedin_url",
    ],
    Produces =
    [
        "person.full_name",
        "person.first_name",
        "person.last_name",
        "person.title",
        "person.headline",
        "person.linkedin_url",
        "person.location",
        "person.country",
        "person.summary",
        "person.current_job_start_date",
        "person.clay_payload",
    ],
    Options = typeof(ClayOptions))]
[Entity(
    "person",
    "person.linkedin_url",
    "person.email",
    "person.full_name",
    CompanyKeys = ["company.domain", "company.linkedin_url"],
    CallsWithoutKey = true)]
public sealed class ClayPersonStep(OutboundHttp? http = null) : ClayStep(
    http,
    "raw_clay_person_enriched_payload",
    ("person_first_name", "person.first_name"),
    ("person_last_name", "person.last_name"),
    ("full_name", "person.full_name"),
    ("person_linkedin_url", "person.linkedin_url"),
    ("job_title", "person.title"),
    ("email", "person.email"),
    ("mobile_phone", "person.phone"),
    ("company_name", "company.name"),
    ("company_domain", "company.domain"),
    ("company_linkedin_url", "company.linkedin_url"))
{
    private static readonly string[] Identifying = ["person.linkedin_url", "person.email", "person.full_name", "person.last_name"];

    private protected override string? Lacking(EnrichmentRecord record) =>
        Identifying.Any(field => record.Text(field) is not null)
            ? null
            : "The record has neither LinkedIn address, e-mail address nor name of a person.";

    private protected override IEnumerable<KeyValuePair<string, object?>> Fields(Payload payload) => new Dictionary<string, object?>
    {
        ["person.full_name"] = payload.Text("name"),
        ["person.first_name"] = payload.Text("first_name"),
        ["person.last_name"] = payload.Text("last_name"),
        ["person.title"] = payload.Text("title"),
        ["person.headline"] = payload.Text("headline"),
        ["person.linkedin_url"] = payload.Text("url"),
        ["person.location"] = payload.Text("location_name"),
        ["person.country"] = payload.Text("country"),
        ["person.summary"] = payload.Text("summary"),
        ["person.current_job_start_date"] = JobStart(payload),
        ["person.clay_payload"] = payload.Value,
    };

    /// <summary>
    /// As Clay wrote it; a reader that needs a date casts it. If there is no latest job, the first that is called current.
    /// </summary>
    private static string? JobStart(Payload payload) =>
        payload.Text("latest_experience", "start_date")
        ?? payload.First("current_experience")?.Text("start_date")
        ?? payload.All("experience").FirstOrDefault(job => job.Is("is_current"))?.Text("start_date");
}
