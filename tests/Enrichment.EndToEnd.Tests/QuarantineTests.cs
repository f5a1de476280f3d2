using Enrichment.Hosting;
using Enrichment.TestKit;
using Npgsql;

namespace Enrichment.EndToEnd.Tests;

public sealed class QuarantineTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Fact]
    public async Task An_item_that_may_have_killed_its_host_waits_until_the_next_host_is_quiet()
    {
        using var begun = new SemaphoreSlim(0);
        using var answer = new ManualResetEventSlim();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
            {
                if (context.Item == 1)
                {
                    begun.Release();
                    answer.Wait();
                }

                return context.Named();
            }))),
            ["Slow", "Suspect"],
            store: e => e.UsePostgreSql(database.ConnectionString));
        var suspect = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted", Rows = [2] });
        var lease = await ClaimAsync(bench.Engine.Store);
        await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted", Rows = [1] });
        var running = Task.Run(() => bench.Engine.RunUntilDrainedAsync());
        try
        {
            await begun.WaitAsync(Wait.Patience);
            await bench.Engine.Store.SplitAsync(lease, [lease with { Losses = 2, Alone = 2 }], default);

            // Claimed once more and given back, as it was, while the other item's call is made.
            await UntilAsync(lease, "r.token > @token and l.owner is null and l.losses = 2 and l.alone = 2");
            Assert.False(running.IsCompleted);
        }
        finally
        {
            answer.Set();
        }

        await running.WaitAsync(Wait.Patience);
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(suspect.Id)).Status);
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    /// <summary>Claims as a host does that then dies.</summary>
    private static async Task<Lease> ClaimAsync(IEnrichmentStore store)
    {
        var due = Assert.Single((await store.FindDueAsync([], default)).Batches);
        var candidate = Assert.Single(await store.FindCandidatesAsync(due.Batch, [], 1, default));
        var claim = await store.ClaimAsync(
            new()
            {
                Candidate = candidate,
                Owner = "dead",
                Lease = TimeSpan.FromMinutes(10),
                Limit = 10,
                ByteLimit = 1 << 20,
                Upload = due.Batch,
                Sources = [],
            },
            default);
        return claim!.Lease;
    }

    private async Task UntilAsync(Lease lease, string holds)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(
            $"select count(*) from enrichment.leases l join enrichment.ranges r using (bucket, batch, stage) where l.batch = @batch and {holds}");
        command.Parameters.AddWithValue("batch", lease.Range.Batch);
        command.Parameters.AddWithValue("token", lease.Token);
        await Wait.UntilAsync(async () => await command.ExecuteScalarAsync() is > 0L, holds);
    }
}
