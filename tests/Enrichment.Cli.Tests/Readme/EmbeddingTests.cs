using Enrichment.Providers.Normalization;
using Enrichment.TestKit;
using House;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Enrichment.Cli.Tests.Readme;

public sealed class EmbeddingTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task The_readmes_host_does_what_it_shows()
    {
        var connectionString = database.ConnectionString;
        await using var file = File.OpenRead(Workspace.QuickstartLeads);
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });

        builder.Services.AddEnrichment(e => e
            .UsePostgreSql(connectionString)
            .AddProvider<NormalizationProvider>()
            .AddProvider<InitialsProvider>()
            .AddPipeline("leads", p => p.Step("person.name").Step("person.initials").Step("company.domain"))
            .AddWorker());
        using var host = builder.Build();
        await host.StartAsync();

        // <README: launching>
        var client = host.Services.GetRequiredService<EnrichmentEngine>().Client("acme");
        var upload = await client.UploadAsync(file, "apollo_scrape");
        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        // </README>

        var end = await client.WatchAsync(batch.Id).LastAsync();
        Assert.Equal((BatchStatus.Completed, 990), (end.Batch.Status, end.Ended));
        var records = await client.ReadRecordsAsync(batch.Id);
        Assert.Equal("ZL", (await records.ReadAsync().FirstAsync())[records.Columns.Count + records.Fields.ToList().IndexOf("person.initials")]);
        await host.StopAsync();
    }
}
