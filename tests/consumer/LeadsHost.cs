using Enrichment;
using Enrichment.Providers.Normalization;

namespace Consumer;

/// <summary>The host that the README of Enrichment.Leads shows.</summary>
internal static class LeadsHost
{
    public static async Task RunAsync()
    {
        await using var engine = EnrichmentEngine.Create(e => e
            .UseSqlite("leads.db")
            .AddProvider<NormalizationProvider>()
            .AddPipeline("leads", p => p.Step("company.domain").Step("person.email"))
            .AddLeadProjections());
        await engine.MigrateAsync();

        var client = engine.Client("acme");
        await using var list = File.OpenRead("crm.csv");
        var upload = await client.UploadAsync(list, "crm_data");
        await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        await using var csv = File.Create("final_leads.csv");
        await client.Query("final_leads").ExportAsync(csv);
    }
}
