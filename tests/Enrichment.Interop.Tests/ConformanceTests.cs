using Enrichment.Testing;

namespace Enrichment.Interop.Tests;

/// <summary>Everything that a store promises, through a pooler that may give each transaction another server connection.</summary>
public sealed class ConformanceTests(ConformanceTests.SharedDatabase shared) : IClassFixture<ConformanceTests.SharedDatabase>
{
    public static TheoryData<string> Cases => new(StoreConformance.Cases.Select(c => c.Name));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_store_holds_behind_a_pooler(string claim)
    {
        await using var fixture = await ConformanceFixture.CreateAsync(shared.Pooled.Pooler.ConnectionString);
        await StoreConformance.RunAsync(claim, fixture);
    }

    /// <summary>One database for all cases, each of which leaves it empty.</summary>
    public sealed class SharedDatabase : IAsyncLifetime
    {
        public PooledDatabase Pooled { get; private set; } = null!;

        public async Task InitializeAsync() => Pooled = await PooledDatabase.CreateAsync(serverConnections: 3);

        public async Task DisposeAsync() => await Pooled.DisposeAsync();
    }
}
