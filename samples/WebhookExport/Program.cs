using System.Text;
using Enrichment;
using Enrichment.Providers.Http;
using Microsoft.Extensions.DependencyInjection;
using WebhookExport;

// With a list and an address it sends that list there; without, a made-up list to a webhook of its own.
using var webhook = args.Length < 2 ? new Webhook() : null;
var url = webhook?.Url ?? args[1];
var folder = Directory.CreateDirectory("output").FullName;
await using var engine = EnrichmentEngine.Create(e =>
{
    if (webhook is not null)
    {
        e.Services.AddSingleton(new OutboundHttp(new() { Allow = ["127.0.0.0/8"] })); // Else only public addresses are called.
    }

    e.UseSqlite(Path.Combine(folder, "export.db"))
        .AddSteps(HttpVendors.Load(Path.Combine(AppContext.BaseDirectory, "webhook.json")))
        .AddPipeline("export", p => p.Step("export.webhook", s => s.Options(new { request = new { url } })));
});
await engine.MigrateAsync();

await using Stream file = args.Length > 0
    ? File.OpenRead(args[0])
    : new MemoryStream(Encoding.UTF8.GetBytes("Email,Company\n" + string.Concat(
        Enumerable.Range(1, 60).Select(n => $"p{n}@c{n}.example,Company {n}\n"))));
var client = engine.Client("acme");
var upload = (await client.UploadAsync(file)).Upload;
var export = new Export(engine, client, upload, "export", Console.Out) { BatchRows = webhook is null ? 25_000 : 25 };
return await export.RunAsync(folder) ? 0 : 1;
