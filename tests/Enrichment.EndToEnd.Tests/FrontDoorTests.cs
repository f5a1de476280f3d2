using System.Text;
using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class FrontDoorTests
{
    private static readonly string Fixtures = Path.Combine(TestPaths.RepositoryRoot, "tests", "Enrichment.Tests", "Ingestion", "data");

    [Fact]
    public async Task A_limit_takes_the_first_of_the_rows_that_the_other_options_leave()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.domain"), ["a", "b", "c", "d"]);

        Assert.Equal([1, 2], await ItemsAsync(new() { Limit = 2 }));
        Assert.Equal([2, 3], await ItemsAsync(new() { Limit = 2, Where = Condition.Ne("company.name", "a") }));
        Assert.Equal([3], await ItemsAsync(new() { Limit = 1, Rows = [4, 3, 99] }));
        await Assert.ThrowsAsync<EnrichmentException>(() => ItemsAsync(new() { Limit = 0 }));

        async Task<List<int>> ItemsAsync(LaunchOptions options) =>
            [.. (await bench.StatesAsync(await bench.RunAsync(options))).Select(state => state.Item)];
    }

    [Fact]
    public async Task Watching_ends_with_the_batch_and_shows_its_end()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.domain").Step("test.label"), ["a", "b"]);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        var watching = bench.Client.WatchAsync(batch.Id, TimeSpan.FromMilliseconds(1)).ToListAsync().AsTask();

        await bench.Engine.RunUntilDrainedAsync();

        var seen = await watching;
        Assert.Equal((BatchStatus.Completed, 1.0), (seen[^1].Batch.Status, seen[^1].Share));
        Assert.Equal(seen.Select(progress => progress.Share).Order(), seen.Select(progress => progress.Share));
    }

    [Theory]
    [InlineData("apollo-native.csv", "apollo_scrape")]
    [InlineData("apollo-scraper.csv", "apollo_scrape")]
    [InlineData("salesnav.csv", "salesnav_koolkit")]
    [InlineData("salesnav.tsv", "salesnav_koolkit")]
    [InlineData("crm.csv", "crm_data")]
    [InlineData("customers.csv", "customer_companies")]
    [InlineData("shape-empty.csv", "any")]
    public async Task A_workstream_is_recognised_by_its_headers(string file, string workstream)
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.domain"), ["a"]);
        await using var content = File.OpenRead(Path.Combine(Fixtures, file));

        var recognised = await bench.Client.RecognizeWorkstreamAsync(content);

        Assert.Equal(workstream, recognised);
        Assert.Equal(0, content.Position);
    }

    [Theory]
    [InlineData("Title,Year\nDune,1965\n")]
    [InlineData("a,b\n1,2\n")]
    public async Task A_list_that_no_workstream_could_accept_is_any(string csv)
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.domain"), ["a"]);

        Assert.Equal("any", await bench.Client.RecognizeWorkstreamAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv))));
    }
}
