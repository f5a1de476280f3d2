using System.Globalization;
using System.Text;
using Enrichment.PostgreSql;
using Enrichment.Storage;
using Enrichment.TestKit;
using Microsoft.Extensions.Logging;

namespace Enrichment.EndToEnd.Tests;

public sealed class FromCsvToResultsTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task A_csv_becomes_results_through_three_steps()
    {
        await using var engine = EnrichmentEngine.Create(
            e => e.UsePostgreSql(database.ConnectionString)
                .AddStep<DomainStep>().AddStep<SizeStep>().AddStep<LabelStep>()
                .AddPipeline("leads", p => p.Step("test.domain").Step("test.size").Step("test.label")),
            log => log.AddConsole().SetMinimumLevel(LogLevel.Information));
        await engine.MigrateAsync();
        var csv = new StringBuilder("Company Name,Website\n");
        for (var i = 1; i <= 5000; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"Company {i},{(i % 10 == 0 ? "" : $"https://company-{i}.example.com/about")}\n");
        }

        var client = engine.Client("acme");
        var upload = await client.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), "apollo_scrape");
        Assert.Equal(5000, upload.Upload.Accepted);

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        var progress = await client.ProgressAsync(batch.Id);
        Assert.Equal(BatchStatus.Completed, progress.Batch.Status);
        Assert.Equal(5000, progress.Ended);
        Assert.Equal([4500, 5000, 5000], progress.Stages.Select(stage => stage.Counts.Completed));
        Assert.Empty(await engine.ExamineAsync());
        Assert.Equal("company-7.example.com (21)", (await (await client.RecordsAsync(batch.Id)).ReadAsync().Skip(6).FirstAsync())[^1]);
    }
}
