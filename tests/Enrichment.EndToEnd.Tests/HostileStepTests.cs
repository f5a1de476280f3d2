using Enrichment.TestKit;

namespace Enrichment.EndToEnd.Tests;

/// <summary>A step that misbehaves costs its own item, and says why.</summary>
public sealed class HostileStepTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private const string TimedOut = "Given up after 1 tries: The step did not answer within 2 s.";

    // What the row is called, and how it must end.
    private static readonly (string Name, ErrorClass Class, string Reason)[] Hostile =
    [
        ("throws", ErrorClass.Permanent, "The step threw System.InvalidOperationException. Its message is not kept"),
        (
            "throws later",
            ErrorClass.Permanent,
            "The step threw System.FormatException (System.Net.Sockets.SocketException). Its message is not kept"),
        ("says cancelled", ErrorClass.Permanent, "The step threw System.OperationCanceledException. Its message is not kept"),
        (
            "throws the unspeakable",
            ErrorClass.Permanent,
            "The step threw Enrichment.EndToEnd.Tests.HostileStep+UnspeakableException. Its message is not kept"),
        ("explains itself", ErrorClass.Permanent, "The step threw its own words"),
        ("answers null", ErrorClass.InvalidOutput, "The step returned null instead of an outcome."),
        ("answers NaN", ErrorClass.InvalidOutput, "the result cannot be written as JSON"),
        ("NUL", ErrorClass.InvalidOutput, "The step's result may not be stored: "),
        ("lone surrogate", ErrorClass.InvalidOutput, "the result cannot be written as JSON"),
        ("50 MB", ErrorClass.InvalidOutput, "The step's result may not be stored: "),
        ("depth", ErrorClass.InvalidOutput, "The step's result may not be stored: "),
        ("hangs", ErrorClass.Transient, TimedOut),
        ("answers too late", ErrorClass.Transient, TimedOut),
        ("long reason", ErrorClass.Permanent, new string('é', 1000)),
        ("hostile reason", ErrorClass.Permanent, "a b\ufffdc [31m'; drop table batches; --"),
        ("no reason", ErrorClass.Permanent, ""),
        .. Enumerable.Range(0, 9).Select(n => ($"rubbish {n}", ErrorClass.InvalidOutput, "The step's result ")),
        .. Enumerable.Range(0, 12).Select(n => ($"blocks {n}", ErrorClass.Transient, TimedOut)),
    ];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task An_item_of_a_hostile_step_fails_with_a_reason_and_all_others_finish(string store)
    {
        HostileStep.Free.Reset();
        await using var engine = await TestEngine.StartAsync(e =>
            Choose(e, store).AddStep<HostileStep>().AddPipeline("hostile", p => p.Step("test.hostile")));
        var client = engine.Client("acme");
        var batch = await client.LaunchAsync(Csv(), "hostile");
        try
        {
            await engine.RunUntilDrainedAsync().WaitAsync(Wait.Patience, TimeProvider.System);
        }
        finally
        {
            HostileStep.Free.Set();
        }

        Assert.Equal(BatchStatus.CompletedWithFailures, (await client.GetBatchAsync(batch.Id)).Status);
        Assert.Empty(await engine.ExamineAsync());
        var states = await client.ReadStatesAsync(batch.Id).ToListAsync();
        Assert.All(states.Where(state => state.Item % 2 == 0), state => Assert.Equal(Status.Completed, state.Status));
        Assert.All(Hostile.Zip(states.Where(state => state.Item % 2 == 1)), pair => AssertFailed(pair.First, pair.Second));
    }

    // Each hostile row is followed by a good one.
    private static string Csv() => "Company Name,Website\n" + string.Concat(Hostile.Select(row => $"{row.Name},x\ngood,y\n"));

    private static void AssertFailed((string Name, ErrorClass Class, string Reason) expected, ItemState state)
    {
        Assert.Equal((expected.Name, Status.Failed, expected.Class), (expected.Name, state.Status, state.ErrorClass));
        Assert.StartsWith(expected.Reason, state.Error ?? "", StringComparison.Ordinal);
        Assert.InRange(state.Error?.Length ?? 0, 0, 1000);
    }

    private EnrichmentBuilder Choose(EnrichmentBuilder builder, string store) =>
        store == "sqlite" ? builder.UseSqlite(":memory:") : builder.UsePostgreSql(database.ConnectionString);
}
