using System.Text;
using Enrichment;
using Enrichment.AspNetCore;
using Enrichment.Consolidation;
using PolyglotWorker;

var builder = WebApplication.CreateBuilder(args);
var connectionString =
    builder.Configuration.GetConnectionString("Enrichment")
    ?? throw new InvalidOperationException("Say where the store is: ConnectionStrings__Enrichment=\"Host=…\".");
var workerKey = builder.Configuration["WORKER_KEY"] is { Length: > 0 } key
    ? key
    : throw new InvalidOperationException("Give the workers a key: WORKER_KEY=….");

// The host declares what the steps read and produce, and runs none of them.
builder.Services.AddEnrichment(e =>
    e.UsePostgreSql(connectionString)
        .DeclareSteps("steps")
        .AddPipeline("companies", p => p.Step("python.domain").Step("python.score"))
        .AddProjection(
            Projection.Define(
                "scored_companies",
                p =>
                    p.Text("company", s => s.Field("company.name"))
                        .Text("domain", s => s.Field("company.domain"))
                        .Integer("score", s => s.Field("company.score"))))
        .AddWorker());
builder
    .Services.AddAuthentication(KeyAuthentication.Name)
    .AddScheme<KeyOptions, KeyAuthentication>(KeyAuthentication.Name, options => options.Key = workerKey);
builder.Services.AddAuthorizationBuilder().AddPolicy("workers", policy => policy.RequireRole("worker"));

var app = builder.Build();
app.MapEnrichmentWorkers("workers", _ => new WorkerScope(["polyglot"], ["*"]), "/workers");

// A file to work on, once: the same content and key are recognised.
app.Lifetime.ApplicationStarted.Register(() => _ = Task.Run(async () =>
{
    var client = app.Services.GetRequiredService<EnrichmentEngine>().Client("polyglot");
    using var file = new MemoryStream(Encoding.UTF8.GetBytes("Company Name,Website\nAcme,https://www.acme.example/about\nGlobex,globex.example\n"));
    var upload = await client.UploadAsync(file, "apollo_scrape", new() { FileName = "companies.csv" });
    var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "companies", Key = "sample" });
    await foreach (var progress in client.WatchAsync(batch.Id, TimeSpan.FromSeconds(1)))
    {
        app.Logger.LogInformation("{Ended} of {Items} companies have ended", progress.Ended, progress.Batch.Items);
    }

    await client.ConsolidateAsync("scored_companies", batch.Id);
    await client.Query("scored_companies").InBatch(batch.Id).ExportAsync(Console.OpenStandardOutput());
}));
app.Run();
