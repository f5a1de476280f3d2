using System.Globalization;
using Enrichment.Consolidation;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>
/// A run that ends when nothing is left to do, and whose connections are all cut while it ends: in its last sweep, or while the tables are
/// filled.
/// </summary>
public sealed class LastSweepTests(FaultServer server) : IClassFixture<FaultServer>
{
    // From inside the statement that is cut, so that it is cut half-way; its own connection is one of them.
    private const string CutAll = "perform pg_terminate_backend(pid) from pg_stat_activity where usename = 'app';";

    // The loops of a worker may meet one cut or two before the run ends; the last sweep meets the others.
    private const int Cuts = 4;

    private const int Rows = 20;

    [Theory]
    [InlineData("after update on enrichment.batches for each row when (new.completed_at is distinct from old.completed_at)")]
    [InlineData("before insert on enrichment.{table} for each statement")]
    [InlineData(
        "after update on enrichment.batches for each row when (new.consolidated_version is distinct from old.consolidated_version)")]
    public async Task A_run_whose_connections_are_cut_while_it_ends_ends_well(string during)
    {
        // With pauses so long that the loops begin each of their duties once.
        await using var engine = await TestEngine.StartAsync(e =>
            e.UsePostgreSql(server.ConnectionString())
                .AddStep<DomainStep>()
                .AddPipeline("swept", p => p.Step("test.domain"))
                .AddProjection(Projection.Define("swept", p => p.Text("domain", s => s.Field("company.domain"))))
                .ConfigureWorker(
                    new()
                    {
                        CommitDelay = TimeSpan.Zero,
                        PollInterval = TimeSpan.FromMilliseconds(20),
                        SweepInterval = TimeSpan.FromMinutes(10),
                    }));
        var client = engine.Client("acme");
        await client.LaunchAsync(TestEngine.Companies(Rows), "swept"); // The first batch makes the table.
        await engine.RunUntilDrainedAsync();
        var batch = await client.LaunchAsync(TestEngine.Companies(Rows), "swept");
        var number = await server.CountAsync("select number::bigint from enrichment.projections where name = 'swept'");
        var table = string.Create(CultureInfo.InvariantCulture, $"projection_{number}_v1");
        await server.FailWritesAsync(CutAll, Cuts, during.Replace("{table}", table, StringComparison.Ordinal));
        try
        {
            await engine.RunUntilDrainedAsync();
        }
        finally
        {
            await server.RunAsync("drop function public.fail cascade");
        }

        Assert.True(await server.CountAsync("select last_value from public.writes") > Cuts);
        Assert.Equal(BatchStatus.Completed, (await client.GetBatchAsync(batch.Id)).Status);
        Assert.Equal(Rows, await client.ReadRowsAsync("swept", batch.Id).CountAsync());
        Assert.Empty(await engine.ExamineAsync());
    }
}
