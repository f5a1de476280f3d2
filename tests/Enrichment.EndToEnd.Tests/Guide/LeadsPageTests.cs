using System.Text;
using Enrichment.Consolidation;
using Enrichment.Providers.Normalization;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests.Guide;

/// <summary>The code that docs/guide/leads.md shows, on the tables of Enrichment.Leads.</summary>
public sealed class LeadsPageTests
{
    private const string Csv =
        "First Name,Last Name,Company Name,Website,Email,# Employees\nJane,Roe,Acme,https://www.acme.com/about,jane@acme.com,\"1,200\"\nJohn,Doe,Tiny,,,3\n";

    [Fact]
    public async Task The_shipped_table_is_asked_searched_and_handed_over()
    {
        await using var engine = await TestEngine.StartAsync(e => e
            .UseSqlite(":memory:")
            .AddProvider<NormalizationProvider>()
            .AddPipeline("leads", p => p.Step("company.domain").Step("person.email"))
            .AddLeadProjections());
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(Csv)), "apollo_scrape");
        await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        var page = await TargetsAsync(client, null);
        var found = await client.Query("final_leads").Search("jan acm").CountAsync();
        using var handed = new MemoryStream();
        var export = await HandOverAsync(client, handed, "jane");

        Assert.Single(page.Rows);
        Assert.Equal(1, found.Rows);
        Assert.Equal("""{"company_name":"Acme","person_email":"jane@acme.com"}""" + "\n", Encoding.UTF8.GetString(handed.ToArray()));
        Assert.Equal([(export.Id, "jane")], await client.ListExportsAsync().Select(known => (known.Id, known.By)).ToListAsync());
    }

    public static async Task<ProjectedPage> TargetsAsync(EnrichmentClient client, string? cursor) =>
        await client.Query("final_leads")
            .Where("""{"all": [{"field": "company_employee_count", "ge": 50}, {"field": "company_name", "contains": "ac"}]}""")
            .OrderBy("company_employee_count", descending: true)
            .OrderBy("company_name")
            .ReadPageAsync(limit: 50, cursor);

    public static async Task<Export> HandOverAsync(EnrichmentClient client, Stream output, string user) =>
        await client.Query("final_leads")
            .Where("""{"field": "company_employee_count", "ge": 50}""")
            .OrderBy("company_employee_count", descending: true)
            .ExportAsync(output, new() { Format = new JsonLinesFormat(), Columns = ["company_name", "person_email"], By = user });
}
