using Enrichment;
using Enrichment.Consolidation;
using Enrichment.Providers.Normalization;
using Spectre.Console;

var folder = Directory.CreateDirectory("output").FullName;
var database = Path.Combine(folder, "quickstart.db");
var export = Path.Combine(folder, "final_leads.csv");

// The resulting table: typed columns, each with its sources in order of precedence.
var finalLeads = Projection.Define("final_leads", table => table
    .Text("full_name", from => from.Field("person.full_name"))
    .Text("company", from => from.Field("company.name"))
    .Text("domain", from => from.Field("company.domain"))
    .Text("phone", from => from.Result("company.phone", "/company.phone"))
    .Text("title", from => from.Field("person.title"))
    .Text("email", from => from.Field("person.email"))
    .Text("country", from => from.Field("company.country").Field("person.country"))
    .Integer("employees", from => from.Field("company.employee_count"))
    .Integer("founded", from => from.Field("company.founded_year")));

// The engine: a store, steps, a pipeline, a table.
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
        .AddProjection(finalLeads));
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
    await client.ExportAsync("final_leads", output, batch.Id);
}

const int shown = 4; // columns, so that the table fits a narrow terminal
var preview = new Table().AddColumns([.. finalLeads.ColumnNames.Take(shown)]);
await foreach (var row in client.ReadRowsAsync("final_leads", batch.Id).Take(8))
{
    preview.AddRow(row.Values.Take(shown).Select(value => new Text(value?.ToString() ?? "") { Overflow = Overflow.Ellipsis }));
}

AnsiConsole.Write(preview);
Console.WriteLine(
    $"final_leads: {report.Rows:n0} rows; values that do not fit their column: {string.Join(", ", report.Issues.Select(issue => $"{issue.Key} {issue.Value:n0}"))}");
Console.WriteLine($"Database  {database}");
Console.WriteLine($"Export    {export}");
