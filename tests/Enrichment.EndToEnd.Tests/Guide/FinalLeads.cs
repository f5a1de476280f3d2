using Enrichment.Consolidation;

namespace Enrichment.EndToEnd.Tests.Guide;

public static class FinalLeads
{
    public static readonly Projection Projection = Projection.Define("final_leads", p => p
        .Text("company", s => s.Field("company.name"))
        .Text("domain", s => s.Field("company.domain"))
        .Integer("employees", s => s.Result("acme.company-size", "/size/employees").Column("# Employees"))
        .Text("email", s => s.Field("person.email").Column("Email")));
}
