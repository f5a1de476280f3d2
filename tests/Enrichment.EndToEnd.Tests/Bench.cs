using Enrichment.Pipelines;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>An engine on an in-memory store with a small upload, for tests of what the engine does whatever the store.</summary>
public sealed class Bench : IAsyncDisposable
{
    private Bench(EnrichmentEngine engine, Upload upload) => (Engine, Upload) = (engine, upload);

    public EnrichmentEngine Engine { get; }

    public Upload Upload { get; }

    public EnrichmentClient Client => Engine.Client("acme");

    public static async Task<Bench> StartAsync(
        Action<PipelineBuilder> pipeline,
        string[] companies,
        Action<EnrichmentBuilder>? more = null,
        Action<EnrichmentBuilder>? store = null)
    {
        var engine = await TestEngine.StartAsync(e =>
        {
            (store ?? (b => b.UseSqlite(":memory:")))(e);
            e.AddStep<ScriptedStep>().AddStep<DomainStep>().AddStep<LabelStep>()
                .AddPipeline("scripted", pipeline)
                .ConfigureWorker(TestEngine.Quick);
            more?.Invoke(e);
        });
        return new(engine, await engine.Client("acme").StageAsync(TestEngine.Companies(companies)));
    }

    public async Task<Batch> RunAsync(LaunchOptions? options = null)
    {
        var batch = await Client.LaunchAsync(Upload.Id, (options ?? new()) with { Pipeline = "scripted" });
        await Engine.RunUntilDrainedAsync();
        Assert.Empty(await Engine.ExamineAsync());
        return await Client.GetBatchAsync(batch.Id);
    }

    public async Task<List<ItemState>> StatesAsync(Batch batch) => await Client.ReadStatesAsync(batch.Id).ToListAsync();

    public async ValueTask DisposeAsync() => await Engine.DisposeAsync();
}
