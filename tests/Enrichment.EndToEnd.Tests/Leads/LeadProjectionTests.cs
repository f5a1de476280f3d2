using System.Text;
using System.Text.Json.Nodes;
using Enrichment.Consolidation;
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
        var csv = new StringBuilder().AppendJoin(',', headers.Append(FixtureStep.Case).Append("Company Name").Select(Quoted)).Append('\n');
        foreach (var each in cases)
        {
            csv.AppendJoin(',', headers.Select(header => (string?)each["row"]?[header]).Append((string?)each["case"]).Append("Acme").Select(Quoted)).Append('\n');
        }

        var batch = await engine.RunAsync(csv.ToString(), "leads");

        var issues = await client.ReadIssuesAsync("final_leads", batch.Id).ToListAsync();
        var names = LeadProjections.FinalLeads.ColumnNames;
        var lines = new List<string>();
        await foreach (var row in client.ReadRowsAsync("final_leads", batch.Id, AsOf))
        {
            lines.Add($"{(string?)cases[row.Item - 1]["case"]}");
            foreach (var (name, value) in names.Zip(row.Values).Where(cell => cell is { Second: not null, First: not ("raw_company_payload" or "raw_person_payload") }))
            {
                lines.Add($"    {name} = {Shown(value!)}");
            }

            foreach (var issue in issues.Where(issue => issue.Item == row.Item))
            {
                lines.Add($"    ! {issue.Column} {issue.Reason} {Shown(issue.Value)}");
            }
        }

        Snapshot.Match(string.Join('\n', lines));
    }

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
                FixtureStep.Of(new ClayCompanyStep(), name => deliveries[name]["company"]),
                FixtureStep.Of(new ClayPersonStep(), name => deliveries[name]["person"]),
            ])
            .AddPipeline("leads", p => p.Step("clay.company").Step("clay.person"))
            .AddLeadProjections()
            .ConfigureWorker(TestEngine.Quick));
    }
}
