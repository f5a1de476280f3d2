using Enrichment.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Enrichment.EndToEnd.Tests;

/// <summary>Hosts are told when a batch has ended.</summary>
public sealed class ObserverTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("observers").FullName;
    private readonly List<Batch> told = [];

    [Fact]
    public async Task An_observer_is_told_once_that_a_batch_has_ended_and_has_services_of_its_own()
    {
        var scopes = new HashSet<object>();
        await using var engine = await EngineAsync((batch, services, _) =>
        {
            told.Add(batch);
            scopes.Add(services.GetRequiredService<IServiceScopeFactory>());
            scopes.Add(services);
            return Task.CompletedTask;
        });
        var first = await LaunchAsync(engine, "a.com");
        await engine.RunUntilDrainedAsync();
        var second = await LaunchAsync(engine, "b.com");
        await engine.RunUntilDrainedAsync();
        await engine.RunUntilDrainedAsync();

        Assert.Equal([(first, BatchStatus.Completed), (second, BatchStatus.Completed)], told.Select(batch => (batch.Id, batch.Status)));
        Assert.Equal(3, scopes.Count);
    }

    [Fact]
    public async Task A_table_shows_the_batch_when_its_observer_is_told()
    {
        await using var engine = await TestEngine.StartAsync(e => Describe(e)
            .AddProjection(Consolidation.Projection.Define("final_leads", p => p.Text("site", s => s.Column("Website"))))
            .OnBatchEnded(async (batch, services, cancellationToken) =>
            {
                var client = services.GetRequiredService<EnrichmentEngine>().Client(batch.Client);
                await using var csv = File.Create(Path.Combine(folder, $"{batch.Id}.csv"));
                await client.Query("final_leads").InBatch(batch.Id).ExportAsync(csv, cancellationToken: cancellationToken);
            }));
        var batch = await LaunchAsync(engine, "a.com");

        await engine.RunUntilDrainedAsync();

        Assert.Contains("a.com", await File.ReadAllTextAsync(Path.Combine(folder, $"{batch}.csv")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_observer_that_fails_is_told_again_by_the_next_host()
    {
        Guid batch;
        await using (var engine = await EngineAsync((_, _, _) => throw new InvalidOperationException("The mail server is away.")))
        {
            batch = await LaunchAsync(engine, "a.com");
            await engine.RunUntilDrainedAsync();
        }

        await using var next = await EngineAsync((ended, _, _) =>
        {
            told.Add(ended);
            return Task.CompletedTask;
        });
        await next.RunUntilDrainedAsync();

        Assert.Equal(batch, Assert.Single(told).Id);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Task<EnrichmentEngine> EngineAsync(Func<Batch, IServiceProvider, CancellationToken, Task> observer) =>
        TestEngine.StartAsync(e => Describe(e).OnBatchEnded(observer));

    private EnrichmentBuilder Describe(EnrichmentBuilder e) =>
        e.UseSqlite(Path.Combine(folder, "leads.db")).AddStep<DomainStep>().AddPipeline("domains", p => p.Step("test.domain"));

    private static async Task<Guid> LaunchAsync(EnrichmentEngine engine, string site) =>
        (await engine.Client("acme").LaunchAsync($"Company Name,Website\nGlobex,{site}\n", "domains")).Id;
}
