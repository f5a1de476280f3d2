using EmbeddedHost;
using Enrichment;
using Enrichment.AspNetCore;
using Enrichment.Consolidation;
using Enrichment.Ingestion;
using Enrichment.Pipelines;
using Enrichment.Providers.Normalization;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration;
builder.Services.AddHttpClient();
builder.Services.AddEnrichment(e =>
{
    // A server where one is named, else a file beside the program.
    if (settings.GetConnectionString("Enrichment") is { Length: > 0 } connectionString)
    {
        e.UsePostgreSql(connectionString);
    }
    else
    {
        e.UseSqlite(Path.Combine(builder.Environment.ContentRootPath, settings["Database"] ?? "leads.db"));
    }

    e.AddProvider<NormalizationProvider>()
        .AddProvider<HouseProvider>()
        .AddWorkstream(Workstream.Define("web_form", version: 1, w => w
            .Field("person.full_name", "Name", "Your name")
            .Field("person.email", "Email", "E-mail")
            .Field("company.website", "Website")
            .Required("person.email")
            .Pipeline("leads")))
        .AddPipeline("leads", p => p
            .Step("person.name")
            .Step("person.initials")
            .Step("company.domain")
            .Step("house.title", s => s
                .When(Condition.Exists("company.domain"))
                .Options(new { address = settings["Vendor:Address"], signingSecret = "secret:VENDOR_SIGNING" })
                .Optional()))
        .AddClient(ClientDefinition.Create("globex", c => c.Step("house.title", new { language = "de" })))
        .AddProjection(Projection.Define("final_leads", p => p
            .Text("name", s => s.Field("person.full_name"))
            .Text("initials", s => s.Field("person.initials"))
            .Text("email", s => s.Field("person.email"))
            .Text("domain", s => s.Field("company.domain"))
            .Text("title", s => s.Field("person.title"))))
        .UseSecrets(secret => settings[$"Secrets:{secret.Name}"])
        .Configure(settings.GetSection("Enrichment"))
        .AddWorker();
});

var app = builder.Build();
app.MapEnrichmentCallbacks("/callbacks");
app.MapLeads();
app.MapPretendVendor(settings["Secrets:VENDOR_SIGNING"]!);
app.Run();
