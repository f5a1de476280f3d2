using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>What becomes of an upload whose host dies half-way.</summary>
public sealed class AbandonedUploadTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private readonly FakeClock clock = new();

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task The_doctor_names_an_abandoned_upload_and_a_worker_deletes_it(string kind)
    {
        await using var engine = await StartAsync(kind);
        var abandoned = await BeginAsync(engine);
        Assert.Empty(await engine.ExamineAsync());
        clock.Advance(TimeSpan.FromMinutes(9));
        var living = await BeginAsync(engine);
        clock.Advance(TimeSpan.FromMinutes(1));

        var finding = Assert.Single(await engine.ExamineAsync());
        await engine.RunUntilDrainedAsync();

        Assert.Contains(abandoned.Id.ToString(), finding.Detail, StringComparison.Ordinal);
        Assert.Empty(await engine.ExamineAsync());
        await Assert.ThrowsAsync<EnrichmentException>(() =>
            engine.Store.StageAsync(abandoned, [new(2, "[\"b\"]"u8.ToArray())], [], default));
        await engine.Store.StageAsync(living, [new(2, "[\"b\"]"u8.ToArray())], [], default);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Pruning_deletes_abandoned_uploads_at_once(string kind)
    {
        await using var engine = await StartAsync(kind);
        await BeginAsync(engine);
        clock.Advance(TimeSpan.FromMinutes(10));

        var untouched = await engine.PruneAsync(new() { OlderThan = TimeSpan.FromDays(1), DryRun = true });
        var report = await engine.PruneAsync(new() { OlderThan = TimeSpan.FromDays(1) });

        Assert.Equal((0, 1), (untouched.AbandonedUploads, report.AbandonedUploads));
        Assert.Empty(await engine.ExamineAsync());
    }

    private static async Task<Staging> BeginAsync(EnrichmentEngine engine)
    {
        var staging = await engine.Store.BeginUploadAsync(new("acme", "any", "1", "leads.csv"), default);
        await engine.Store.StageAsync(
            staging,
            [new(1, "[\"a\"]"u8.ToArray())],
            [new(2, 3, "total", "sums up", "Total"u8.ToArray())],
            default);
        return staging;
    }

    private Task<EnrichmentEngine> StartAsync(string kind) => TestEngine.StartAsync(e => _ = kind == "sqlite"
        ? e.UseSqlite(":memory:", new() { Clock = clock })
        : e.UsePostgreSql(database.ConnectionString, new() { Schema = $"abandoned_{Guid.NewGuid():n}"[..40], Clock = clock }));
}
