using Enrichment.Hosting;
using Enrichment.Sqlite;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What the caller of an upload hears when the store fails under it.</summary>
public sealed class UploadFailureTests
{
    [Theory]
    [InlineData(nameof(IEnrichmentStore.StageAsync))]
    [InlineData(nameof(IEnrichmentStore.StageAsync), nameof(IEnrichmentStore.DiscardAsync))]
    public async Task What_failed_first_reaches_the_caller_whether_or_not_the_rest_can_be_discarded(params string[] broken)
    {
        using var real = new SqliteStore(":memory:");
        await using var engine = EnrichmentEngine.Create(e => e.UseStore(_ => BrokenStore.Over(real, broken)));
        await engine.MigrateAsync();

        var failure = await Assert.ThrowsAsync<IOException>(() => engine.Client("acme").UploadAsync(new MemoryStream("Company Name,Website\na,https://a.example.com\n"u8.ToArray())));

        Assert.Equal(nameof(IEnrichmentStore.StageAsync), failure.Message);
    }
}
