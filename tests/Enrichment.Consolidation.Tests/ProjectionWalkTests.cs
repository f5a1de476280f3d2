using System.Globalization;

namespace Enrichment.Consolidation.Tests;

/// <summary>After any walk, the tables of both stores are equal, and what a rebuild makes of them.</summary>
public sealed class ProjectionWalkTests
{
    private static readonly int Walks = int.Parse(
        Environment.GetEnvironmentVariable("ENRICHMENT_PROJECTION_WALKS") ?? "100",
        CultureInfo.InvariantCulture);

    private static readonly int First = int.Parse(
        Environment.GetEnvironmentVariable("ENRICHMENT_PROJECTION_SEED") ?? "1",
        CultureInfo.InvariantCulture);

    [Fact]
    public async Task After_random_walks_tables_with_origins_and_issues_are_those_of_a_rebuild_on_both_stores()
    {
        await using var postgres = await PostgreSqlGround.CreateAsync();
        await using var sqlite = await SqliteGround.CreateAsync();
        for (var seed = First; seed < First + Walks; seed++)
        {
            var found = new List<string>();
            foreach (var ground in new Ground[] { postgres, sqlite })
            {
                var walk = new ProjectionWalk(ground, seed);
                found.Add(await walk.RunAsync());
                Assert.Empty(await ground.Store.ExamineAsync(walk.Projection, default));
                await ground.Store.RebuildAsync(walk.Projection, default);
                var rebuilt = await walk.TextAsync();
                Assert.True(found[^1] == rebuilt, $"seed {seed} on {ground}\n{found[^1]}\n---\n{rebuilt}");

                // Batches of another walk belong to every projection: these would make each walk longer than the one before.
                await ground.RawAsync("update {schema}.batches set entity_requests = true");
            }

            Assert.True(found[0] == found[1], $"seed {seed}\n{found[0]}\n---\n{found[1]}");
        }
    }
}
