using Enrichment.PostgreSql;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.Cli.Tests;

public sealed class EmptyDatabaseTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task The_doctor_calls_no_empty_database_healthy_and_makes_nothing_in_it()
    {
        using var workspace = new Workspace();

        var run = await workspace.EnrichAsync("doctor", "--store", $"postgres:{database.ConnectionString}");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("has no tables of Enrichment", run.Error, StringComparison.Ordinal);
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        Assert.False(await new PostgreSqlStore(source).HasSchemaAsync(default));
    }
}
