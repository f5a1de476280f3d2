using Enrichment.Conformance;

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

    [Fact]
    public void Every_class_of_cases_is_listed()
    {
        var classes = typeof(StoreConformance).Assembly.GetTypes()
            .Where(type => type is { Namespace: "Enrichment.Conformance.Cases", IsAbstract: true, IsSealed: true, IsNested: false });

        Assert.Equal(
            classes.Select(type => type.Name).Order(StringComparer.Ordinal),
            StoreConformance.Cases.Select(c => c.Topic).Distinct().Order(StringComparer.Ordinal));
    }

    // Few seeds serve every store; many mixes are tried on the one that is in memory.
    [Fact]
    public async Task Claims_are_shared_fairly_whatever_the_mix()
    {
        for (var seed = 100; seed < 124; seed++)
        {
            await using var fixture = await SqliteFixture.CreateAsync();
            await StoreConformance.ShareAsync(fixture, seed);
        }
    }
}
