using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A host with fewer connections than it has loops that want one.</summary>
public sealed class SmallPoolTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const int Items = 60;

    private static readonly string[] Clients = ["acme", "globex", "initech"];

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public async Task Claims_that_look_often_leave_connections_to_what_writes(int connections)
    {
        await using var engine = await TestEngine.StartAsync(e =>
            e.UsePostgreSql(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = connections }.ConnectionString)
                .AddStep<DomainStep>()
                .AddStep<JobStep>()
                .AddStep<SizeStep>()
                .AddPipeline(
                    "all",
                    p =>
                        p.Step("test.domain")
                            .Step(
                                "test.job",
                                s =>
                                    s.Options(
                                        JobStep.Script(
                                            context => StepOutcome.AwaitingPoll($"{context.Item}"),
                                            context => StepOutcome.Completed("company.answer", context.Reference))))
                            .Step("test.size"))
                .ConfigureWorker(
                    new()
                    {
                        MaxConcurrentClaims = 16,
                        PollInterval = TimeSpan.FromMilliseconds(50),
                        SweepInterval = TimeSpan.FromMilliseconds(50),
                    }));
        List<(string Client, Batch Batch)> launched = [];
        foreach (var client in Clients)
        {
            launched.Add((client, await engine.Client(client).LaunchAsync(TestEngine.Companies(Items), "all")));
        }

        await engine.RunUntilDrainedAsync().WaitAsync(Wait.Patience);

        foreach (var (client, batch) in launched)
        {
            Assert.Equal(3 * Items, await engine.Client(client).ReadStatesAsync(batch.Id, Status.Completed).CountAsync());
            Assert.Equal(BatchStatus.Completed, (await engine.Client(client).GetBatchAsync(batch.Id)).Status);
        }

        Assert.Empty(await engine.ExamineAsync());
    }
}
