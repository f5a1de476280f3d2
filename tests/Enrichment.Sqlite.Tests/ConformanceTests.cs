using Enrichment.Testing;

namespace Enrichment.Sqlite.Tests;

public sealed class ConformanceTests
{
    public static TheoryData<string> Cases => new(StoreConformance.Cases.Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_store_holds(string claim)
    {
        await using var fixture = await SqliteFixture.CreateAsync();
        await StoreConformance.RunAsync(claim, fixture);
    }
}
