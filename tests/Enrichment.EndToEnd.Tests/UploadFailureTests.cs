using System.Runtime.CompilerServices;
using Enrichment.Hosting;
using Enrichment.Sqlite;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What the caller of an upload hears when the store fails under it.</summary>
public sealed class UploadFailureTests
{
    [Theory]
    [InlineData(nameof(IEnrichmentStore.StageAsync))]
    [InlineData(nameof(IEnrichmentStore.StageAsync), nameof(IEnrichmentStore.DiscardAsync))]
    public async Task The_first_failure_reaches_the_caller_whether_or_not_the_rest_can_be_discarded(params string[] broken)
    {
        using var real = new SqliteStore(":memory:");
        await using var engine = await TestEngine.StartAsync(e => e.UseStore(_ => new BrokenStore(real, broken)));

        var failure = await Assert.ThrowsAsync<IOException>(() =>
            engine.Client("acme").UploadAsync(new MemoryStream("Company Name,Website\na,https://a.example.com\n"u8.ToArray()))
        );

        Assert.Equal(nameof(IEnrichmentStore.StageAsync), failure.Message);
    }

    private sealed class BrokenStore(IEnrichmentStore real, string[] broken) : StoreDouble(real)
    {
        public override Task StageAsync(
            Staging staging, IReadOnlyList<StagedRow> rows, IReadOnlyList<StagedReject> rejects, CancellationToken cancellationToken) =>
            Failure() ?? base.StageAsync(staging, rows, rejects, cancellationToken);

        public override Task DiscardAsync(Staging staging, CancellationToken cancellationToken) =>
            Failure() ?? base.DiscardAsync(staging, cancellationToken);

        private Task? Failure([CallerMemberName] string operation = "") =>
            broken.Contains(operation) ? Task.FromException(new IOException(operation)) : null;
    }
}
