using Enrichment.Conformance;

namespace Enrichment.PostgreSql.Tests;

/// <summary>Everything that a store promises. In two halves, which run side by side.</summary>
public static class ConformanceTests
{
    public sealed class FirstHalf(MigratedDatabase database) : IClassFixture<MigratedDatabase>
    {
        public static TheoryData<string> Cases => Half(0);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task The_store_holds(string claim) => HoldsAsync(database, claim);
    }

    public sealed class SecondHalf(MigratedDatabase database) : IClassFixture<MigratedDatabase>
    {
        public static TheoryData<string> Cases => Half(1);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task The_store_holds(string claim) => HoldsAsync(database, claim);
    }

    private static TheoryData<string> Half(int half) =>
        new(StoreConformance.Cases.Select(c => c.Name).Where((_, index) => index % 2 == half));

    private static async Task HoldsAsync(MigratedDatabase database, string claim)
    {
        await using var fixture = await database.CopyAsync();
        await StoreConformance.RunAsync(claim, fixture);
    }
}
