namespace Enrichment.Consolidation.Tests;

/// <summary>The code that docs/guide/projections.md shows about the rules of columns.</summary>
internal static class ChosenLeads
{
    public static readonly Projection Projection = Projection.Define("final_leads", p => p
        .Integer(
            "employees",
            s => s.Result("acme.company-size", "/size/employees", observed: "/size/seen_at").Column("# Employees").Latest().Default(0))
        .Text("email", s => s.Field("person.email").Column("Email").Normalise("email").Required()));
}
