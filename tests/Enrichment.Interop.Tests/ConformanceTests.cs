using Enrichment.Conformance;

namespace Enrichment.Interop.Tests;

/// <summary>
/// Everything that a store promises, through a pooler that may give each transaction another server connection. In two halves, which run
/// side by side.
/// </summary>
public static class ConformanceTests
{
    public sealed class FirstHalf(PooledCopies databases) : IClassFixture<PooledCopies>
    {
        public static TheoryData<string> Cases => Half(0);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task The_store_holds_behind_a_pooler(string claim) => HoldsAsync(databases, claim);
    }

    public sealed class SecondHalf(PooledCopies databases) : IClassFixture<PooledCopies>
    {
        public static TheoryData<string> Cases => Half(1);

        [Theory]
        [MemberData(nameof(Cases))]
        public Task The_store_holds_behind_a_pooler(string claim) => HoldsAsync(databases, claim);
    }

    private static TheoryData<string> Half(int half) =>
        new(StoreConformance.Cases.Select(c => c.Name).Where((_, index) => index % 2 == half));

    private static async Task HoldsAsync(PooledCopies databases, string claim)
    {
        await using var fixture = await databases.NextAsync();
        await StoreConformance.RunAsync(claim, fixture);
    }
}
