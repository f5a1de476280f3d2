namespace Enrichment;

/// <summary>Adds the tables of leads.</summary>
public static class LeadProjectionsBuilderExtensions
{
    /// <summary>Adds the tables <c>final_leads</c>, <c>person_work_history</c> and <c>companies</c>.</summary>
    /// <param name="builder">The engine's builder.</param>
    public static EnrichmentBuilder AddLeadProjections(this EnrichmentBuilder builder) =>
        builder.AddProjection(LeadProjections.FinalLeads).AddProjection(LeadProjections.Companies);
}
