using System.Data.Common;
using Enrichment.Sqlite;
using Enrichment.TestKit;
using Microsoft.Data.Sqlite;

namespace Enrichment.EndToEnd.Tests.StoreFaults;

/// <summary>
/// Ways in which a SQLite file fails while outcomes are written: every answer in hand is stored, and no call is made twice.
/// </summary>
public sealed class SqliteFaultTests
{
    private const string Full = "full";
    private const string Busy = "busy";

    [Theory]
    [InlineData(Busy)]
    [InlineData(Full)]
    [InlineData("ioerr")]
    [InlineData("readonly")]
    [InlineData("timeout")]
    [InlineData("42000")]
    [InlineData("XX000")]
    public async Task A_file_that_fails_is_ridden_out(string fault)
    {
        using var real = new SqliteStore(":memory:");
        var store = new FailingStore(real);
        await using var bench = new FaultBench(e => e.UseStore(_ => store));
        await bench.MigrateAsync();

        var states = await bench.RunAsync(
            () =>
            {
                store.Fail(7, () => fault switch
                {
                    "timeout" => new TimeoutException(fault),
                    "42000" or "XX000" => new Fault(fault),
                    _ => new IOException(fault), // as the store tells of busy, full, read-only and damaged files
                });
                return Task.CompletedTask;
            },
            () => Task.CompletedTask);

        Assert.All(states, state => Assert.Equal(Status.Completed, state.Status));
    }

    [Fact]
    public async Task A_file_that_another_process_locks_is_ridden_out()
    {
        var folder = Directory.CreateTempSubdirectory("enrichment-faults-");
        try
        {
            var path = Path.Combine(folder.FullName, "leads.db");
            await using var bench = new FaultBench(e => e.UseSqlite(path));
            await bench.MigrateAsync();
            using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            await connection.OpenAsync();
            SqliteTransaction? held = null;

            var states = await bench.RunAsync(
                () =>
                {
                    held = connection.BeginTransaction();
                    return Task.CompletedTask;
                },
                () => Task.CompletedTask,
                release: () => held!.RollbackAsync());

            Assert.All(states, state => Assert.Equal(Status.Completed, state.Status));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task An_outcome_that_the_file_refuses_fails_alone()
    {
        var folder = Directory.CreateTempSubdirectory("enrichment-faults-");
        try
        {
            var path = Path.Combine(folder.FullName, "leads.db");
            await using var bench = new FaultBench(e => e.UseSqlite(path));
            await bench.MigrateAsync();
            using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
            await connection.OpenAsync();
            using var command = connection.CreateCommand();
            command.CommandText =
                "create trigger refuse before insert on enrichment_results when new.item = 7 begin select raise(abort, 'for a test'); end";
            command.ExecuteNonQuery();

            var states = await bench.RunAsync(() => Task.CompletedTask, () => Task.CompletedTask);

            Assert.Equal([7, 7, 7], states.Where(item => item.Status == Status.Failed).Select(item => item.Item));
            Assert.All(
                states.Where(item => item.Item == 7),
                item => Assert.StartsWith("The store cannot hold this outcome (SQLSTATE 23000;", item.Error, StringComparison.Ordinal));
            command.CommandText = "select count(*) from attempts where answer is not null";
            Assert.Equal(2L, command.ExecuteScalar());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Large_answers_are_written_in_sets_of_bounded_bytes()
    {
        using var real = new SqliteStore(":memory:");
        var store = new FailingStore(real);
        await using var engine = await TestEngine.StartAsync(e =>
            e.UseStore(_ => store).AddStep<LargeStep>().AddPipeline("large", p => p.Step("fault.large")));
        var client = engine.Client("acme");
        var batch = await client.LaunchAsync(TestEngine.Companies(60), "large");

        await engine.RunUntilDrainedAsync();

        Assert.All(await client.ReadStatesAsync(batch.Id).ToListAsync(), state => Assert.Equal(Status.Completed, state.Status));
        Assert.InRange(store.LargestSet, 1, OutcomeBytes);
        Assert.Equal(60, await client.ReadResultsAsync(batch.Id).CountAsync());
        Assert.Empty(await engine.ExamineAsync());
    }

    // As the writer of outcomes bounds a set.
    private const long OutcomeBytes = 8 * 1024 * 1024;

    private sealed class Fault(string state) : DbException
    {
        public override string? SqlState => state;
    }
}

/// <summary>Answers with half a megabyte.</summary>
[EnrichmentStep("fault.large", "1.0.0", Reads = ["company.name"], Produces = ["company.answer"])]
public sealed class LargeStep : IEnrichmentStep
{
    public async ValueTask<StepOutcome> ExecuteAsync(StepContext context, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return StepOutcome.Completed("company.answer", new string('x', 512 * 1024));
    }
}
