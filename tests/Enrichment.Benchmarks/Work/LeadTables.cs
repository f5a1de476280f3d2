using Enrichment.Consolidation;

namespace Enrichment.Benchmarks.Work;

/// <summary>
/// A typed table of 40 columns with four child tables over a file and <see cref="LeadAnswers"/>. <c>References/lead_tables.sql</c> says
/// the same by hand.
/// </summary>
internal static class LeadTables
{
    /// <summary>The child tables, without the prefix.</summary>
    public static readonly string[] Children = ["work_history", "education", "technologies", "funding"];

    /// <summary>A row for each item.</summary>
    public static readonly Projection ByItem = Projection.Define("bench_leads", p => Define(p, "lead_"));

    /// <summary>A row for each company, of its youngest item.</summary>
    public static readonly Projection ByKey = Projection.Define("bench_companies", p => Define(p.Key("domain"), "company_"));

    /// <summary><see cref="ByItem"/> with a column more.</summary>
    public static readonly Projection Extended = Projection.Define("bench_leads", p =>
        Define(p, "lead_").Text("provider", s => s.Result("bench.email", "/provider")));

    /// <summary><see cref="ByItem"/> with a column more, and one of another type.</summary>
    public static readonly Projection Changed = Projection.Define("bench_leads", p =>
        Define(p, "lead_", score: false).Number("email_score", s => s.Result("bench.email", "/score"))
            .Text("provider", s => s.Result("bench.email", "/provider")));

    /// <summary><see cref="ByItem"/> with an indexed and a searched column more.</summary>
    public static readonly Projection Asked = Projection.Define("bench_leads", p =>
        Define(p, "lead_").Integer("headcount", s => s.Result("bench.company", "/employee_count").Indexed())
            .Text("name", s => s.Result("bench.person", "/full_name").Searched()));

    private static ProjectionBuilder Define(ProjectionBuilder p, string prefix, bool score = true)
    {
        p.Text("first_name", s => s.Column("First Name"))
            .Text("last_name", s => s.Column("Last Name"))
            .Text("full_name", s => s.Result("bench.person", "/full_name"))
            .Text("title", s => s.Result("bench.person", "/current_title").Column("Title"))
            .Text("headline", s => s.Result("bench.person", "/headline"))
            .Text("seniority", s => s.Result("bench.person", "/seniority"))
            .Text("department", s => s.Result("bench.person", "/department"))
            .Text("person_linkedin", s => s.Result("bench.person", "/linkedin").Column("Person Linkedin Url"))
            .Text("person_city", s => s.Result("bench.person", "/city").Column("City"))
            .Text("person_region", s => s.Result("bench.person", "/region").Column("State"))
            .Text("person_country", s => s.Result("bench.person", "/country").Column("Country"))
            .Integer("followers", s => s.Result("bench.person", "/followers"))
            .Integer("connections", s => s.Result("bench.person", "/connections"))
            .Boolean("open_to_work", s => s.Result("bench.person", "/open_to_work"))
            .Timestamp("person_updated_at", s => s.Result("bench.person", "/updated"))
            .Number("person_confidence", s => s.Result("bench.person", "/confidence"))
            .TextList("skills", s => s.Result("bench.person", "/skills"))
            .Text("company", s => s.Result("bench.company", "/name").Column("Company Name"))
            .Text("domain", s => s.Result("bench.company", "/domain").Column("Website"))
            .Text("website", s => s.Result("bench.company", "/website").Column("Website"))
            .Text("company_linkedin", s => s.Result("bench.company", "/linkedin").Column("Company Linkedin Url"))
            .Text("industry", s => s.Result("bench.company", "/industry").Column("Industry"))
            .Integer("employees", s => s.Result("bench.company", "/employee_count"))
            .Text("size", s => s.Result("bench.company", "/size"))
            .Integer("founded", s => s.Result("bench.company", "/founded"))
            .Number("revenue", s => s.Result("bench.company", "/revenue"))
            .Boolean("is_public", s => s.Result("bench.company", "/public"))
            .Text("company_phone", s => s.Result("bench.company", "/phone"))
            .Text("hq_street", s => s.Result("bench.company", "/hq/street"))
            .Text("hq_city", s => s.Result("bench.company", "/hq/city").Column("City"))
            .Text("hq_state", s => s.Result("bench.company", "/hq/state").Column("State"))
            .Text("hq_country", s => s.Result("bench.company", "/hq/country").Column("Country"))
            .Text("description", s => s.Result("bench.company", "/description"))
            .TextList("tags", s => s.Result("bench.company", "/tags"))
            .Text("email", s => s.Result("bench.email", "/email").Column("Email"))
            .Text("email_status", s => s.Result("bench.email", "/status"))
            .Boolean("catch_all", s => s.Result("bench.email", "/catch_all"))
            .Date("verified_on", s => s.Result("bench.email", "/verified_at"))
            .Json("signals", s => s.Result("bench.email", "/signals"))
            .Children("work_history", c => c.Table($"{prefix}work_history").Each(s => s.Result("bench.person", "/experience"))
                .Key("company", "title", "started")
                .Text("title", s => s.At("/title"))
                .Text("company", s => s.At("/company"))
                .Text("domain", s => s.At("/domain"))
                .Date("started", s => s.At("/start"))
                .Date("ended", s => s.At("/end"))
                .Boolean("is_current", s => s.At("/current")))
            .Children("education", c => c.Table($"{prefix}education").Each(s => s.Result("bench.person", "/education"))
                .Text("school", s => s.At("/school"))
                .Text("degree", s => s.At("/degree"))
                .Text("field", s => s.At("/field"))
                .Integer("began", s => s.At("/from"))
                .Integer("ended", s => s.At("/to")))
            .Children("technologies", c => c.Table($"{prefix}technologies").Each(s => s.Result("bench.company", "/technologies"))
                .Key("name")
                .Text("name", s => s.At("/name"))
                .Text("category", s => s.At("/category"))
                .Date("since", s => s.At("/since")))
            .Children("funding", c => c.Table($"{prefix}funding").Each(s => s.Result("bench.company", "/funding"))
                .Key("round", "raised_on")
                .Text("round", s => s.At("/round"))
                .Number("amount", s => s.At("/amount"))
                .Date("raised_on", s => s.At("/date"))
                .Text("lead", s => s.At("/lead")));
        return score ? p.Integer("email_score", s => s.Result("bench.email", "/score")) : p;
    }
}
