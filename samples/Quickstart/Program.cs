using Enrichment;
using Enrichment.Providers.Normalization;
using Spectre.Console;

var folder = Directory.CreateDirectory("output").FullName;
var database = Path.Combine(folder, "quickstart.db");
var export = Path.Combine(folder, "final_leads.csv");

// The engine: a store, steps, a pipeline, and the typed tables of leads. (Projection.Define declares a table of your own.)
await using var engine = EnrichmentEngine.Create(e =>
    e.UseSqlite(database)
        .AddProvider<NormalizationProvider>()
        .AddPipeline(
            "leads",
            p =>
                p.Step("company.country")
                    .Step("company.name")
                    .Step("company.domain")
                    .Step("company.phone")
                    .Step("person.name")
                    .Step("person.email"))
        .AddLeadProjections());
await engine.MigrateAsync();

// Stage the file and launch a batch of its rows. The key makes a second run find the first one's batch.
var client = engine.Client("quickstart");
await using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "leads.csv"));
var upload = await client.UploadAsync(file, "apollo_scrape", new() { FileName = "leads.csv" });
var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads", Key = $"quickstart {upload.Upload.Id}" });
Console.WriteLine(
    $"leads.csv: {upload.Upload.Accepted:n0} rows accepted, {upload.Upload.Rejected:n0} rejected{(batch.AlreadyThere ? "; this batch was run before, nothing is done twice" : "")}.");

// Work here until all is done, and watch. (A host adds .AddWorker() instead.)
var work = engine.RunUntilDrainedAsync();
await AnsiConsole.Progress()
    .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
    .StartAsync(async context =>
{
    var bar = context.AddTask("starting", maxValue: 1);
    await foreach (var progress in client.WatchAsync(batch.Id, TimeSpan.FromMilliseconds(50)))
    {
        bar.Value = progress.Share;
        bar.Description = $"{progress.Ended:n0} of {progress.Batch.Items:n0} rows through all stages, {progress.Failed:n0} failed";
    }
});
await work;

// The typed table: consolidated when the batch ended, and here once more, which changes nothing.
var report = await client.ConsolidateAsync("final_leads", batch.Id);
await using (var output = File.Create(export))
{
    await client.Query("final_leads").InBatch(batch.Id).ExportAsync(output);
}

string[] shown = ["person_full_name", "company_name", "company_domain", "company_size_bucket"]; // so few that a narrow terminal is enough
var names = LeadProjections.FinalLeads.ColumnNames.ToList();
var preview = new Table().AddColumns(shown);
await foreach (var row in client.ReadRowsAsync("final_leads", batch.Id).Take(8))
{
    preview.AddRow(shown.Select(name => new Text(row.Values[names.IndexOf(name)]?.ToString() ?? "") { Overflow = Overflow.Ellipsis }));
}

AnsiConsole.Write(preview);
Console.WriteLine(
    $"final_leads: {report.Rows:n0} rows; values that do not fit their column: {string.Join(", ", report.Issues.Select(issue => $"{issue.Key} {issue.Value:n0}"))}");
Console.WriteLine($"Database  {database}");
Console.WriteLine($"Export    {export}");
