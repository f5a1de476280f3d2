using System.Diagnostics.Metrics;
using System.Text.Json;
using Enrichment.Pipelines;
using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.EndToEnd.Tests;

/// <summary>The counter of settled items equals the store, also for items that end without an outcome of their own.</summary>
public sealed class SettledItemsTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    private const string People =
        "Company Name,Website\nAnn,company-1.com\nBob,company-1.com\nEve,company-2.com\nAda,company-2.com\nKim,company-2.com\nJim,gmail.com\n";

    private readonly string folder = Directory.CreateTempSubdirectory("settled-").FullName;
    private readonly string schema = $"settled_{Guid.NewGuid():n}";
    private readonly Measurements heard = new();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Waiters_withdrawn_cancelled_skipped_and_supplied_items_are_counted(string store)
    {
        var script = CompanyStep.Script(schema, context => context.Record.Text("company.website") == "company-1.com"
            ? StepOutcome.Completed("company.size", "42")
            : StepOutcome.Failed("the vendor refused"));
        await using (var engine = await StartAsync(store, script, e => e.AddStep<CompanyStep>().AddStep<DomainStep>()))
        {
            var client = engine.Client("acme");
            var batch = await engine.RunAsync(People, "people");
            Assert.Equal(1, await client.SkipAsync(batch.Id, new() { Items = [3] }));
            var size = JsonSerializer.Deserialize<JsonElement>("""{"company.size":"7"}""");
            Assert.Equal(1, await client.SupplyAsync(batch.Id, size, new() { Items = [4] }));
            await engine.RunUntilDrainedAsync();
            Assert.Equal(await StoredAsync(engine, resolved: 2), heard.Sums("enrichment.items.settled"));

            // Of another website, so that no stored answer serves.
            await client.LaunchAsync(People.Replace("company", "house", StringComparison.Ordinal), "people");
        }

        // A host without the step makes the requests, and nobody calls: they are withdrawn with their waiters' batch.
        await using var without = await StartAsync(store, script, e => e.AddStep<DomainStep>());
        await without.RunUntilDrainedAsync();
        var waiting = await without.Client("acme").ListBatchesAsync().FirstAsync();
        await without.Client("acme").CancelAsync(waiting.Id);

        var settled = heard.Sums("enrichment.items.settled");
        Assert.Equal(await StoredAsync(without, resolved: 2), settled);
        Assert.Contains("step=test.company provider=test outcome=cancelled: 7", settled, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        heard.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>What the store counts of all batches, those of requests too, as the counter should say it.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="resolved">How many items were failed until an operator resolved them: they settled twice.</param>
    private static async Task<string> StoredAsync(EnrichmentEngine engine, int resolved)
    {
        var sums = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var first = (await engine.Client("acme").ListBatchesAsync().LastAsync()).Key;
        for (var key = first; await engine.Store.FindBatchAsync(key, default) is { } batch; key++)
        {
            foreach (var counts in await engine.Store.ReadProgressAsync(key, default))
            {
                var step = PipelineSnapshot.FromJson(batch.Snapshot).Stage(counts.Stage).Manifest.Slug;
                Add(step, "completed", counts.Completed);
                Add(step, "failed", counts.Failed);
                Add(step, "skipped", counts.Skipped);
                Add(step, "cancelled", counts.Cancelled);
            }
        }

        Add("test.company", "failed", resolved);
        return string.Join('\n', sums.Where(sum => sum.Value > 0).Select(sum => $"{sum.Key}: {sum.Value}"));

        void Add(string step, string outcome, int items)
        {
            var tags = $"step={step} provider=test outcome={outcome}";
            sums[tags] = sums.GetValueOrDefault(tags) + items;
        }
    }

    private Task<EnrichmentEngine> StartAsync(string store, object script, Action<EnrichmentBuilder> steps) => TestEngine.StartAsync(e =>
    {
        (store == "postgres"
            ? e.UsePostgreSql(database.ConnectionString, new() { Schema = schema })
            : e.UseSqlite(Path.Combine(folder, "leads.db")))
            .AddPipeline("people", p => p.Step("test.company", s => s.Options(script)).Step("test.domain"))
            .ConfigureWorker(TestEngine.Quick);
        e.Services.AddSingleton<IMeterFactory>(heard);
        steps(e);
    });
}
