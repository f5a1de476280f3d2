using System.Text;
using System.Text.Json.Nodes;
using Enrichment.Consolidation;
using Enrichment.Consolidation.Reading;
using Enrichment.Providers.Clay;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests.Leads;

/// <summary>The tables of Enrichment.Leads over the workstreams and Clay's deliveries, with every odd case that was met.</summary>
public sealed class LeadProjectionTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static readonly DateOnly AsOf = new(2026, 11, 30);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Every_odd_case_has_the_cells_and_issues_that_were_approved(string store)
    {
        JsonNode[] cases = [.. (await File.ReadAllLinesAsync(Fixture("odd_cases.jsonl"))).Select(line => JsonNode.Parse(line)!)];
        await using var engine = await StartAsync(store, cases);
        var client = engine.Client("acme");
        string[] headers = [.. cases.SelectMany(each => each["row"]?.AsObject().Select(cell => cell.Key) ?? []).Distinct()];
        var csv = new StringBuilder().AppendJoin(',', headers.Append(FixtureStep.Case).Append("Company Name").Append("Last Name").Select(Quoted)).Append('\n');
        foreach (var each in cases)
        {
            csv.AppendJoin(',', headers.Select(header => (string?)each["row"]?[header]).Append((string?)each["case"]).Append("Acme").Append("Example").Select(Quoted)).Append('\n');
        }

        await client.UploadAsync(Text("Company Name,Domain,Company LinkedIn URL\nSoylent,soylent.com,\nHooli,,https://www.linkedin.com/company/hooli\n"), "customer_companies");
        var customers = await client.ListUploadsAsync().FirstAsync();
        await client.LaunchAsync(customers.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();
        var batch = await engine.RunAsync(csv.ToString(), "leads");

        var issues = await client.ReadIssuesAsync("final_leads", batch.Id).ToListAsync();
        var jobs = (await client.ReadChildrenAsync("final_leads", "work_history", batch.Id).ToListAsync())
            .ToLookup(job => job.Item, job => string.Join(" | ", job.Values.Select(CsvExport.Format)));
        var names = LeadProjections.FinalLeads.ColumnNames;
        var lines = new List<string>();
        await foreach (var row in client.ReadRowsAsync("final_leads", batch.Id, AsOf))
        {
            lines.Add($"{(string?)cases[row.Item - 1]["case"]}");
            foreach (var (name, value) in names.Zip(row.Values).Where(cell => cell is { Second: not null, First: not ("raw_company_payload" or "raw_person_payload") }))
            {
                lines.Add($"    {name} = {Shown(value!)}");
            }

            lines.AddRange(jobs[row.Item].Order(StringComparer.Ordinal).Select(job => $"    job: {job}"));
            foreach (var issue in issues.Where(issue => issue.Item == row.Item))
            {
                lines.Add($"    ! {issue.Column} {issue.Reason} {Shown(issue.Value)}");
            }
        }

        Snapshot.Match(string.Join('\n', lines));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Every_workstream_fills_the_tables_and_a_CRM_splits_into_people_and_companies(string store)
    {
        await using var engine = await StartAsync(store, []);
        var client = engine.Client("acme");
        await RunAsync(
            "salesnav_koolkit",
            "Matching filters\tFirst name\tLast name\tProfile headline\tJob title\tJob started on\tLinkedIn URL (user profile)\tCompany\tCompany website\tCompany headcount\n"
            + "TRUE\tAda\tLovelace\tnull\tAnalyst\t08-2026\thttps://www.linkedin.com/sales/lead/ACwAAA,NAME_SEARCH\tEngines Ltd\thttps://engines.example\t1,234\n");
        await RunAsync(
            "crm_data",
            "Account Name,Website,Name,Work Email,Mobile\n"
            + "Globex,globex.com,Ann Example,ann@globex.com,+49 30 1234567\n"
            + "Globex Corp,www.globex.com,Bob Example,bob@globex.com,\n");
        await RunAsync("customer_companies", "Company Name,Domain\nSoylent,soylent.com\n");

        Assert.Equal(
            [
                "Ada Lovelace | Analyst | 2026-08 | Engines Ltd | engines.example | 1001-5000 | true | salesnav_koolkit",
                "Ann Example |  |  | Globex | globex.com |  |  | crm_data",
                "Bob Example |  |  | Globex Corp | globex.com |  |  | crm_data",
            ],
            await CellsAsync(
                client,
                LeadProjections.FinalLeads,
                ["person_full_name", "person_title", "current_job_start_date", "company_name", "company_domain", "company_size_bucket", "is_new_in_role", "source_workstream"]));
        Assert.Equal(
            ["engines.example | Engines Ltd | false", "globex.com | Globex Corp | false", "soylent.com | Soylent | true"],
            (await CellsAsync(client, LeadProjections.Companies, ["company_domain", "company_name", "is_customer"])).Order(StringComparer.Ordinal));

        async Task RunAsync(string workstream, string file)
        {
            var upload = await client.UploadAsync(Text(file), workstream);
            Assert.Equal(0, upload.Upload.Rejected);
            await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
            await engine.RunUntilDrainedAsync();
        }
    }

    private static async Task<List<string>> CellsAsync(EnrichmentClient client, Projection projection, string[] columns)
    {
        var names = projection.ColumnNames.ToList();
        return await client.ReadRowsAsync(projection.Name, asOf: AsOf)
            .Select(row => string.Join(" | ", columns.Select(column => CsvExport.Format(row.Values[names.IndexOf(column)]))))
            .ToListAsync();
    }

    private static MemoryStream Text(string file) => new(Encoding.UTF8.GetBytes(file));

    private static string Shown(object value) =>
        CsvExport.Format(value) is { Length: > 80 } text ? $"{text[..20]}… {text.Length}" : CsvExport.Format(value)!;

    private static string Quoted(string? cell) => cell is null ? "" : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Leads", name);

    private Task<EnrichmentEngine> StartAsync(string store, JsonNode[] cases)
    {
        var deliveries = cases.ToDictionary(each => (string)each["case"]!);
        return TestEngine.StartAsync(e => (store == "postgres"
            ? e.UsePostgreSql(database.ConnectionString, new() { Schema = $"leads_{Guid.NewGuid():n}" })
            : e.UseSqlite(":memory:"))
            .AddSteps(
            [
                FixtureStep.Of(new ClayCompanyStep(), name => deliveries.GetValueOrDefault(name)?["company"]),
                FixtureStep.Of(new ClayPersonStep(), name => deliveries.GetValueOrDefault(name)?["person"]),
            ])
            .AddPipeline("leads", p => p.Step("clay.company").Step("clay.person"))
            .AddLeadProjections()
            .ConfigureWorker(TestEngine.Quick));
    }
}
