using System.Globalization;
using Enrichment.TestKit;

namespace Enrichment.Consolidation.Tests;

/// <summary>How often a host waits for a server that may be far away.</summary>
public sealed class PostgreSqlRoundTripTests
{
    private const int Items = 500;

    private static readonly Projection ByItem = Projection.Define("people", p => Describe(p, "people"));

    private static readonly Projection ByKey = Projection.Define("companies", p => Describe(p, "companies").Key("company"));

    private static readonly Projection ByColumns = Projection.Define("folded", p => Describe(p, "folded").Key("company").FoldColumns());

    // Two for each copy, and one for whatever depends on an answer, among them what is counted of rows by item.
    // Another child table adds a copy and nothing else.
    [Fact]
    public async Task A_refresh_of_a_few_items_takes_few_round_trips()
    {
        await using var link = new SlowLink(await PostgresServer.ConnectionStringAsync(), TimeSpan.Zero);
        await using var ground = await PostgreSqlGround.CreateAsync(link.Through);
        var rows = Enumerable.Range(1, Items).Select(row => new[] { string.Create(CultureInfo.InvariantCulture, $"company {row / 4}") });
        var batch = await ground.LaunchAsync(await ground.UploadAsync("acme", ["Company"], [], [.. rows]), ("vendor.person", []));
        await AnswerAsync("first");
        Projection[] projections = [ByItem, ByKey, ByColumns];
        foreach (var projection in projections)
        {
            await ground.Store.ConsolidateAsync(projection, batch.Key, default);
        }

        // The first refresh of a connection also prepares its statements.
        var asked = new List<long>();
        foreach (var answer in new[] { "second", "third" })
        {
            await ground.Store.RetryAsync(batch.Key, 1, [7, 251, 499], sameKey: false, default);
            await AnswerAsync(answer);
            asked.Clear();
            foreach (var projection in projections)
            {
                var before = link.RoundTrips;
                await ground.Store.ConsolidateAsync(projection, batch.Key, default);
                asked.Add(link.RoundTrips - before);
                Assert.Equal(3, (await ground.RowsAsync(projection)).Count(row => Equals(row[1], answer)));
                Assert.Empty(await ground.Store.ExamineAsync(projection, default));
            }
        }

        Assert.True(asked is [<= 23, <= 23, <= 29], $"By item, by key and folded by columns it took {string.Join(", ", asked)} round trips.");

        async Task AnswerAsync(string name)
        {
            await ground.AnswerAsync(
                batch,
                1,
                last: true,
                item => string.Create(CultureInfo.InvariantCulture, $$"""{"name":"{{name}}","jobs":[{"title":"{{name}} {{item}}"}],"schools":[{"title":"{{name}}"}]}"""));
            await ground.Store.CompleteBatchesAsync(default);
        }
    }

    private static ProjectionBuilder Describe(ProjectionBuilder projection, string name)
    {
        projection.Text("company", s => s.Column("Company")).Text("name", s => s.Result("vendor.person", "/name"));
        foreach (var child in new[] { "jobs", "schools" })
        {
            projection.Children(child, c => c
                .Table($"{name}_{child}")
                .Each(s => s.Result("vendor.person", $"/{child}"))
                .Text("title", s => s.At("/title")));
        }

        return projection;
    }
}
