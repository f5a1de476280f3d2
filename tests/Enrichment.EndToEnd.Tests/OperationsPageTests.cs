using System.Text.RegularExpressions;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What docs/operations.md tells operators to ask of the database is understood by it.</summary>
public sealed partial class OperationsPageTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task Every_query_of_the_page_runs()
    {
        await using var engine = await TestEngine.StartAsync(e => e.UsePostgreSql(database.ConnectionString));
        await using var server = NpgsqlDataSource.Create(database.ConnectionString);
        var page = await File.ReadAllTextAsync(Path.Combine(TestPaths.RepositoryRoot, "docs", "operations.md"));
        var queries = Sql()
            .Matches(page.ReplaceLineEndings("\n"))
            .Select(block => block.Groups["sql"].Value)
            .Where(sql => sql.Contains("select", StringComparison.Ordinal) && !sql.StartsWith("grant", StringComparison.Ordinal))
            .ToList();

        Assert.NotEmpty(queries);
        foreach (var query in queries)
        {
            await using var command = server.CreateCommand(query);
            await command.ExecuteNonQueryAsync();
        }
    }

    [GeneratedRegex(@"^```sql\n(?<sql>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Sql();
}
