using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Work;

/// <summary>
/// A typed table of 15 columns over the uploaded cells and the answers of all three steps. <c>References/final_leads.sql</c> says the same
/// by hand.
/// </summary>
internal static class FinalLeads
{
    public static readonly Projection Projection = Projection.Define("final_leads", p => p
        .Text("first_name", s => s.Field("person.first_name"))
        .Text("last_name", s => s.Field("person.last_name"))
        .Text("title", s => s.Result("bench.three", "/job_title").Field("person.title"))
        .Text("email", s => s.Field("person.email"))
        .Text("linkedin_url", s => s.Field("person.linkedin_url"))
        .Text("company", s => s.Field("company.normalized_name").Field("company.name"))
        .Text("domain", s => s.Result("bench.one", "/normalized_company_domain").Column("Website"))
        .Text("seniority", s => s.Field("person.seniority"))
        .Text("city", s => s.Field("company.city").Column("City"))
        .Text("state", s => s.Result("bench.three", "/state").Column("State"))
        .Text("country", s => s.Result("bench.three", "/country").Column("Country"))
        .Integer("employees", s => s.Result("bench.two", "/employee_count"))
        .Integer("founded", s => s.Result("bench.two", "/founded_year"))
        .Number("confidence", s => s.Result("bench.one", "/confidence"))
        .Boolean("is_current", s => s.Result("bench.three", "/is_current")));
}
