using Enrichment.Execution;
using Enrichment.PostgreSql;
using Enrichment.Sqlite;
using Enrichment.Storage;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class CreditTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_account_that_is_used_up_is_left_alone_and_no_item_fails(string store)
    {
        var calls = 0;
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(_ =>
            {
                Interlocked.Increment(ref calls);
                return StepOutcome.OutOfCredits("Nothing is left of what was bought.");
            }))),
            [.. Enumerable.Range(1, 50).Select(number => $"Company {number}")],
            e => e.ConfigureWorker(new() { MaxConcurrentCalls = 1 }),
            e => _ = store == "sqlite" ? e.UseSqlite(":memory:") : e.UsePostgreSql(database.ConnectionString, new() { Schema = "credits" }));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        for (var tick = 0; tick < 3; tick++)
        {
            Assert.True((await bench.Engine.TickAsync(TimeSpan.FromMinutes(5))).IsIdle);
        }

        // A run of a worker remembers nothing of the one before: each finds out with one call.
        Assert.InRange(calls, 1, 3);
        var states = await bench.StatesAsync(batch);
        Assert.All(states, state => Assert.Equal((Status.Pending, (short)0), (state.Status, state.Tries)));
        var told = states.Where(state => state.Reason == "vendor_credits").ToList();
        Assert.Equal(calls, told.Count);
        Assert.All(told, state => Assert.True(state is { ErrorClass: ErrorClass.OutOfCredits, ActsAt: not null }));
        Assert.Empty(await bench.Engine.ExamineAsync());
    }
}
