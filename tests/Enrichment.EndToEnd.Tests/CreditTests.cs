using Enrichment.Pipelines;
using Enrichment.Sqlite;
using Enrichment.Storage;
using Enrichment.Testing;
using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

public sealed class CreditTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>, IDisposable
{
    // How long an account is left alone.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(15);

    private static readonly string[] Companies = [.. Enumerable.Range(1, 50).Select(number => $"Company {number}")];

    private readonly FakeClock clock = new();
    private readonly string folder = Directory.CreateTempSubdirectory("credits").FullName;
    private int calls;
    private volatile bool bought;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_account_that_is_used_up_is_left_alone_by_every_host_until_it_is_resumed(string store)
    {
        var schema = "resumed";
        await using var bench = await StartAsync(store, schema);
        await using var other = Engine(store, schema);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        Assert.True((await bench.Engine.TickAsync(TimeSpan.FromMinutes(5))).IsIdle);
        for (var tick = 0; tick < 2; tick++)
        {
            Assert.True((await other.TickAsync(TimeSpan.FromMinutes(5))).IsIdle);
            Assert.True((await bench.Engine.TickAsync(TimeSpan.FromMinutes(5))).IsIdle);
        }

        Assert.Equal(1, calls);
        var states = await bench.StatesAsync(batch);
        Assert.Equal(50, states.Count);
        Assert.All(
            states,
            state =>
                Assert.Equal(
                    (Status.Pending, (short)0, "vendor_credits", clock.GetUtcNow() + Pause),
                    (state.Status, state.Tries, state.Reason, state.ActsAt)));
        Assert.Single(states, state => state.ErrorClass == ErrorClass.OutOfCredits);
        Assert.Equal("vendor_credits", (await bench.Client.GetProgressAsync(batch.Id)).Stages[0].Limit?.Reason);
        Assert.Empty(await bench.Engine.ExamineAsync());

        bought = true;
        var account = Assert.Single(await other.Client("acme").ListUsedUpAccountsAsync());
        Assert.Empty(await other.Client("globex").ListUsedUpAccountsAsync());
        await Assert.ThrowsAsync<EnrichmentException>(() => other.Client("globex").ResumeAccountAsync(account.Name));
        await other.Client("acme").ResumeAccountAsync(account.Name);
        await other.TickAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(51, calls);
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task One_call_after_the_pause_finds_out_for_all_hosts_and_an_answer_ends_it(string store)
    {
        var schema = "probed";
        await using var bench = await StartAsync(store, schema);
        await using var other = Engine(store, schema);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));

        clock.Advance(Pause);
        await other.TickAsync(TimeSpan.FromMinutes(5));
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(2, calls);

        bought = true;
        clock.Advance(Pause);
        await other.TickAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(52, calls);
        Assert.Empty(await other.Client("acme").ListUsedUpAccountsAsync());
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
    }

    [Fact]
    public async Task The_call_that_finds_out_is_not_used_up_by_items_that_need_none()
    {
        using var real = new SqliteStore(":memory:", new() { Clock = clock });
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.When(Condition.Contains("company.name", "9")).Options(ScriptedStep.Script(context =>
            {
                Interlocked.Increment(ref calls);
                return context.Named();
            }))),
            Companies[..9],
            Work,
            e => e.UseStore(_ => real));
        await real.PauseAccountAsync(LimitKey.Of("acme", "test.scripted"), Pause, TimeSpan.Zero, default);
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        clock.Advance(Pause);

        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));

        Assert.Equal(1, calls);
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
        Assert.Empty(await real.ReadAccountsAsync(default));
    }

    [Fact]
    public async Task Polls_are_put_off_while_the_account_is_used_up_until_it_is_resumed()
    {
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.job",
                    s =>
                        s.Options(
                            JobStep.Script(
                                _ => StepOutcome.AwaitingPoll("job"),
                                _ =>
                                {
                                    Interlocked.Increment(ref calls);
                                    return bought
                                        ? StepOutcome.Completed("company.answer", "done")
                                        : StepOutcome.OutOfCredits("Nothing is left of what was bought.");
                                }))),
            Companies[..3],
            e => Work(e.AddStep<JobStep>()),
            e => Use(e, "postgres", "polled"));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));
        for (var tick = 0; tick < 3; tick++)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));
        }

        Assert.Equal(1, calls);
        Assert.All(await bench.StatesAsync(batch), state => Assert.Equal((Status.InProgress, "poll"), (state.Status, state.Reason)));

        bought = true;
        clock.Advance(TimeSpan.FromDays(30));
        await bench.Client.ResumeAccountAsync(Assert.Single(await bench.Client.ListUsedUpAccountsAsync()).Name);
        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));
        Assert.Equal(BatchStatus.Completed, (await bench.Client.GetBatchAsync(batch.Id)).Status);
    }

    private Task<Bench> StartAsync(string store, string schema) => Bench.StartAsync(
        p => p.Step("test.scripted", s => s.Options(ScriptedStep.Script(context =>
        {
            Interlocked.Increment(ref calls);
            return bought ? context.Named() : StepOutcome.OutOfCredits("Nothing is left of what was bought.");
        }))),
        Companies,
        Work,
        e => Use(e, store, schema));

    private EnrichmentEngine Engine(string store, string schema) => EnrichmentEngine.Create(e =>
    {
        Use(e, store, schema);
        Work(e.AddStep<ScriptedStep>());
    });

    private static void Work(EnrichmentBuilder e) => e.ConfigureWorker(new() { MaxConcurrentCalls = 1 });

    private void Use(EnrichmentBuilder e, string store, string schema) => _ = store == "sqlite"
        ? e.UseSqlite(Path.Combine(folder, "leads.db"), new() { Clock = clock })
        : e.UsePostgreSql(database.ConnectionString, new() { Schema = schema, Clock = clock });
}
