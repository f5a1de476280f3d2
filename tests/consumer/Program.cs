// Uses the packages as a newcomer would, with nothing but what they promise. Ends with 0 only if all of it holds.
using System.Text;
using Consumer;
using Enrichment;
using Enrichment.Consolidation;
using Enrichment.Parquet;
using Enrichment.Providers.Normalization;
using Enrichment.Testing;

var step = StepDescriptor.Of<EmailDomainStep>();
Expect(
    "manifest",
    "acme.email-domain 1.0.0 reads person.email",
    $"{step.Manifest.Slug} {step.Manifest.Version} reads {string.Join(", ", step.Manifest.Reads)}");

var outcome = await new EmailDomainStep().ExecuteAsync(
    new StepContext(new OneField("person.email", "Ada@Mail.Example.CO.UK")),
    CancellationToken.None);
Expect("answer", """Completed {"company.domain":"example.co.uk"}""", $"{outcome.Kind} {Encoding.UTF8.GetString(outcome.Result.Span)}");

var nothing = await new EmailDomainStep().ExecuteAsync(
    new StepContext(new OneField("person.email", "ada@gmail.com")),
    CancellationToken.None);
Expect("no answer", "Skipped: the record has no e-mail address of a company", $"{nothing.Kind}: {nothing.Reason}");

var tried = await StepHarness.For<EmailDomainStep>().With("person.email", "ada@acme.com").RunAsync();
Expect("harness", "acme.com", $"{tried.Text("company.domain")}");

await using var engine = EnrichmentEngine.Create(e => e
    .UseSqlite("consumer.db")
    .AddStep<EmailDomainStep>()
    .AddProvider<NormalizationProvider>()
    .AddPipeline("leads", p => p.Step("person.email").Step("acme.email-domain"))
    .AddLeadProjections()
    .AddProjection(Projection.Define("emails", p => p
        .Text("email", s => s.Field("person.email"))
        .Text("domain", s => s.Field("company.domain")))));
await engine.MigrateAsync();
var client = engine.Client("acme");
using var csv = new MemoryStream("First Name,Email\nAda, Ada@Mail.Example.CO.UK \nBob,bob@gmail.com\n"u8.ToArray());
var upload = await client.UploadAsync(csv, "apollo_scrape");
var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
await engine.RunUntilDrainedAsync();
Expect("batch", "Completed", $"{(await client.GetBatchAsync(batch.Id)).Status}");
using var table = new MemoryStream();
await client.Query("emails").ExportAsync(table);
Expect(
    "table",
    "email,domain|ada@mail.example.co.uk,example.co.uk|bob@gmail.com,",
    string.Join('|', Encoding.UTF8.GetString(table.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries)));
using var parquet = new MemoryStream();
var export = await client.Query("emails").ExportAsync(parquet, new() { Format = new ParquetFormat() });
Expect("parquet", "2 PAR1", $"{export.Rows} {Encoding.ASCII.GetString(parquet.ToArray()[..4])}");
var names = LeadProjections.FinalLeads.ColumnNames.ToList();
var leads = new List<string>();
await foreach (var row in client.ReadRowsAsync("final_leads", batch.Id))
{
    leads.Add($"{row.Values[names.IndexOf("person_full_name")]} at {row.Values[names.IndexOf("company_domain")]}");
}

Expect("leads", "Ada at example.co.uk|Bob at ", string.Join('|', leads));
Expect("doctor", "0", $"{(await engine.ExamineAsync()).Count}");

await File.WriteAllTextAsync("crm.csv", "Account Name,Website,Name,Work Email\nGlobex,globex.com,Ann Example,ann@globex.com\n");
await LeadsHost.RunAsync();
Expect("leads host", "2", $"{(await File.ReadAllLinesAsync("final_leads.csv")).Length}");

// The package itself has the projections' files, for the tool and to be copied, and its README.
var package = Path.Combine(AppContext.BaseDirectory, "leads");
foreach (var known in new[] { LeadProjections.FinalLeads, LeadProjections.Companies })
{
    Expect(
        $"file of {known.Name}",
        Convert.ToHexString(known.Hash.Span),
        Convert.ToHexString(Projection.Load(Path.Combine(package, $"{known.Name}.json")).Hash.Span));
}

Expect("leads README", "# Enrichment.Leads", (await File.ReadAllLinesAsync(Path.Combine(package, "README.md")))[0]);

return 0;

static void Expect(string what, string expected, string actual)
{
    Console.WriteLine($"{what}: {actual}");
    if (actual != expected)
    {
        throw new InvalidOperationException($"{what}: expected '{expected}', got '{actual}'.");
    }
}
