using Enrichment.Consolidation;

namespace Enrichment;

/// <summary>The tables of this package. A host adds them with <c>AddLeadProjections()</c>.</summary>
public static class LeadProjections
{
    /// <summary>
    /// A row for each lead: person, company, size, revenue and funding in ordered buckets, and indicators. Its child table
    /// <c>person_work_history</c> has the person's jobs.
    /// </summary>
    public static Projection FinalLeads { get; } = Read("final_leads");

    /// <summary>A row for each company of a client by its domain, from every list that names it.</summary>
    public static Projection Companies { get; } = Read("companies");

    private static Projection Read(string name)
    {
        using var stream = typeof(LeadProjections).Assembly.GetManifestResourceStream($"Enrichment.Leads.Projections.{name}.json")!;
        using var reader = new StreamReader(stream);
        return Projection.Parse(reader.ReadToEnd(), $"{name}.json");
    }
}
