using System.Text;
using Enrichment.Consolidation;
using Enrichment.PostgreSql;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>A run that ends when nothing is left to do, and whose connections are all cut while it ends: in its last sweep, or while the tables are filled.</summary>
public sealed class LastSweepTests(FaultServer server) : IClassFixture<FaultServer>
{
    // From inside the statement that is cut, so that it is cut half-way; its own connection is one of them.
    private const string CutAll = "perform pg_terminate_backend(pid) from pg_stat_activity where usename = 'app';";

    // The loops of a worker may meet one cut or two before the run ends; the last sweep meets the others.
    private const int Cuts = 4;

    private const int Rows = 20;

    [Theory]
    [InlineData("after update on enrichment.batches for each row when (new.completed_at is distinct from old.completed_at)")]
    [InlineData("before insert on enrichment.swept for each statement")]
    [InlineData("after update on enrichment.batches for each row when (new.consolidated_version is distinct from old.consolidated_version)")]
    public async Task A_run_whose_connections_are_cut_while_it_ends_ends_well(string during)
    {
        // With pauses so long that the loops begin each of their duties once.
        await using var engine = EnrichmentEngine.Create(e => e.UsePostgreSql(server.ConnectionString())
            .AddStep<DomainStep>()
            .AddPipeline("swept", p => p.Step("test.domain"))
            .AddProjection(Projection.Define("swept", p => p.Text("domain", s => s.Field("company.domain"))))
            .ConfigureWorker(new() { CommitDelay = TimeSpan.Zero, PollInterval = TimeSpan.FromMilliseconds(20), SweepInterval = TimeSpan.FromMinutes(10) }));
        await engine.MigrateAsync();
        await LaunchAsync(engine); // The first batch makes the table.
        await engine.RunUntilDrainedAsync();
        var batch = await LaunchAsync(engine);
        await server.FailWritesAsync(CutAll, Cuts, during);
        try
        {
            await engine.RunUntilDrainedAsync();
        }
        finally
        {
            await server.RunAsync("drop function public.fail cascade");
        }

        var client = engine.Client("acme");
        Assert.True(await server.CountAsync("select last_value from public.writes") > Cuts);
        Assert.Equal(BatchStatus.Completed, (await client.BatchAsync(batch.Id)).Status);
        Assert.Equal(Rows, await client.RowsAsync("swept", batch.Id).CountAsync());
        Assert.Empty(await engine.ExamineAsync());
    }

    private static async Task<Batch> LaunchAsync(EnrichmentEngine engine)
    {
        var csv = "Company Name,Website\n" + string.Concat(Enumerable.Range(1, Rows).Select(n => $"Company {n},https://company{n}.example.com\n"));
        var upload = await engine.Client("acme").UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "apollo_scrape");
        return await engine.Client("acme").LaunchAsync(upload.Upload.Id, new() { Pipeline = "swept", Key = $"{Guid.NewGuid()}" });
    }
}
