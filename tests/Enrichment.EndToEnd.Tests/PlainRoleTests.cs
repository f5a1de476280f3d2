using Enrichment.Consolidation;
using Enrichment.EndToEnd.Tests.Guide;
using Enrichment.Providers.Normalization;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

/// <summary>The rights that docs/operations.md asks of a database's administrator are enough.</summary>
public sealed class PlainRoleTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task A_role_that_may_neither_create_schemas_nor_own_their_tables_does_all_the_work()
    {
        var role = $"plain_{Guid.NewGuid():n}";
        await using var administrator = NpgsqlDataSource.Create(database.ConnectionString);
        await using var applied = EnrichmentEngine.Create(e => e.UsePostgreSql(database.ConnectionString));
        await RunAsync(administrator, applied.Store.MigrationScript());
        await RunAsync(administrator, $"""
            create role {role} login password 'plain';
            grant usage, create on schema enrichment to {role};
            grant select, insert, update, delete on all tables in schema enrichment to {role};
            grant execute on all functions in schema enrichment to {role};
            """);
        try
        {
            await using var engine = await TestEngine.StartAsync(e =>
                e.UsePostgreSql(
                        new NpgsqlConnectionStringBuilder(database.ConnectionString)
                        {
                            Username = role,
                            Password = "plain",
                            Pooling = false,
                        }.ConnectionString)
                    .AddProvider<NormalizationProvider>()
                    .AddPipeline("leads", p => p.Step("person.email"))
                    .AddProjection(FinalLeads.Projection));
            var batch = await engine.Client("acme").LaunchAsync("Email\nJane@Acme.com\nnone\n", "leads");
            await engine.RunUntilDrainedAsync();

            Assert.Equal(BatchStatus.Completed, (await engine.Client("acme").GetBatchAsync(batch.Id)).Status);
            Assert.Equal(
                "jane@acme.com",
                (await engine.Store.ReadProjectionAsync(FinalLeads.Projection, "acme", batch.Id, default, default).FirstAsync()).Values[3]);
            Assert.Empty(await engine.ExamineAsync());
        }
        finally
        {
            await RunAsync(administrator, $"drop owned by {role}; drop role {role}");
        }
    }

    private static async Task RunAsync(NpgsqlDataSource server, string sql)
    {
        await using var command = server.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
