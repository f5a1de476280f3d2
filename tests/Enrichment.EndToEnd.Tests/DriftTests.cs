using System.Text;
using Enrichment.Consolidation;
using Enrichment.Drift;
using Enrichment.Hosting;
using Enrichment.Sqlite;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A worker notices with a batch that a vendor's answers have changed.</summary>
public sealed class DriftTests
{
    private const int Rows = 60;

    private string property = "employees";

    [Fact]
    public async Task A_renamed_property_is_in_the_inbox_with_its_batch_and_a_patch()
    {
        await using var engine = await StartAsync(e => e.UseSqlite(":memory:"));
        var client = engine.Client("acme");
        await engine.RunAsync(TestEngine.Companies(Rows), "scripted");
        Assert.Empty(await client.ListDriftAsync());

        property = "headcount";
        var batch = await engine.RunAsync(TestEngine.Companies(Rows), "scripted");

        var found = await client.ListDriftAsync(DriftStatus.Open);
        Assert.Equal([DriftKind.VanishedPath, DriftKind.NewPath], found.Select(finding => finding.Kind));
        Assert.All(found, finding => Assert.Equal((batch.Id, "test.scripted"), (finding.LastBatch, finding.Step)));
        Assert.All(found, finding => Assert.Contains("/headcount", finding.Patches["sizes"], StringComparison.Ordinal));
        Assert.Equal("7", found[1].Sample);
        Assert.Empty(await engine.Client("globex").ListDriftAsync());

        await client.SetDriftStatusAsync(found[0].Number, DriftStatus.Accepted);
        await client.SetDriftStatusAsync(found[1].Number, DriftStatus.Ignored);
        await engine.RunAsync(TestEngine.Companies(Rows), "scripted");
        Assert.Empty(await client.ListDriftAsync(DriftStatus.Open));
        Assert.Equal(2, (await client.ListDriftAsync()).Count);
        await Assert.ThrowsAsync<EnrichmentException>(() => client.SetDriftStatusAsync(99, DriftStatus.Accepted));
    }

    [Fact]
    public async Task A_store_that_cannot_be_profiled_keeps_no_table_and_no_observer_back()
    {
        using var store = new SqliteStore(":memory:");
        var told = new List<Guid>();
        await using var engine = await StartAsync(e => e
            .UseStore(_ => new Unprofiled(store))
            .OnBatchEnded((ended, _, _) =>
            {
                told.Add(ended.Id);
                return Task.CompletedTask;
            }));

        var batch = await engine.RunAsync(TestEngine.Companies(Rows), "scripted");

        Assert.Equal([batch.Id], told);
        Assert.Equal(Rows, await engine.Client("acme").ReadRowsAsync("sizes", batch.Id).CountAsync());
        Assert.Equal(batch.Id, Assert.Single(await store.FindUnprofiledAsync(default)).Id);
    }

    private Task<EnrichmentEngine> StartAsync(Func<EnrichmentBuilder, EnrichmentBuilder> store) => TestEngine.StartAsync(e => store(e)
        .AddStep<ScriptedStep>()
        .AddPipeline("scripted", p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(_ =>
            StepOutcome.CompletedJson(Encoding.UTF8.GetBytes($$$"""{"raw":{"{{{property}}}":7}}"""))))))
        .AddProjection(Projection.Define("sizes", p => p.Integer("employees", s => s.Result("test.scripted", "/raw/employees"))))
        .ConfigureWorker(TestEngine.Quick));

    private sealed class Unprofiled(IEnrichmentStore real) : StoreDouble(real)
    {
        public override Task<IReadOnlyList<SampledAnswer>> ReadAnswersAsync(
            int batch,
            short stage,
            IReadOnlyList<(short Bucket, int Item)> items,
            CancellationToken cancellationToken) => throw new InvalidOperationException("The answers cannot be read.");
    }
}
