using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.PostgreSql.Tests;

public sealed class ConformanceTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    public static TheoryData<string> Cases => new(StoreConformance.Cases.Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_store_holds(string claim)
    {
        await using var fixture = await PostgreSqlFixture.CreateAsync(database.ConnectionString);
        await StoreConformance.RunAsync(claim, fixture);
    }
}
