using System.Globalization;
using System.Text;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class FromCsvToResultsTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const int Rows = 5000;

    [Fact]
    public Task A_csv_becomes_results_through_three_steps_on_PostgreSQL() => RunAsync(e => e.UsePostgreSql(database.ConnectionString));

    [Fact]
    public Task A_csv_becomes_results_through_three_steps_on_SQLite() => RunAsync(e => e.UseSqlite(":memory:"));

    private static async Task RunAsync(Action<EnrichmentBuilder> store)
    {
        await using var engine = await TestEngine.StartAsync(e =>
        {
            store(e);
            e.AddStep<DomainStep>().AddStep<SizeStep>().AddStep<LabelStep>();
            e.AddPipeline("leads", p => p.Step("test.domain").Step("test.size").Step("test.label"));
        });
        var client = engine.Client("acme");
        var upload = await client.UploadAsync(Csv(), "apollo_scrape");
        Assert.Equal(Rows, upload.Upload.Accepted);

        var batch = await client.LaunchAsync(upload.Upload.Id, new() { Pipeline = "leads" });
        await engine.RunUntilDrainedAsync();

        var progress = await client.GetProgressAsync(batch.Id);
        Assert.Equal(BatchStatus.Completed, progress.Batch.Status);
        Assert.Equal(Rows, progress.Ended);
        Assert.Equal([Rows * 9 / 10, Rows, Rows], progress.Stages.Select(stage => stage.Completed));
        Assert.Equal(["launched", "completed"], (await client.ListEventsAsync(batch.Id)).Select(e => e.Kind));
        Assert.Empty(await engine.ExamineAsync());
        var records = await (await client.ReadRecordsAsync(batch.Id)).ReadAsync().ToListAsync();
        Assert.Equal(Rows, records.Count);
        Assert.Equal(
            ["Company 7", "https://company-7.example.com/about", "company-7.example.com", "21", "company-7.example.com (21)"],
            records[6].Select(cell => cell ?? ""));
    }

    private static MemoryStream Csv()
    {
        var csv = new StringBuilder("Company Name,Website\n");
        for (var i = 1; i <= Rows; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"Company {i},{(i % 10 == 0 ? "" : $"https://company-{i}.example.com/about")}\n");
        }

        return new(Encoding.UTF8.GetBytes(csv.ToString()));
    }
}
