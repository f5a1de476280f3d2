using Enrichment.Pipelines;

namespace Enrichment.EndToEnd.Tests;

public sealed class OutcomeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);

    [Fact]
    public async Task Each_kind_of_outcome_leads_where_the_state_machine_says()
    {
        var asked = 0;
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.scripted",
                    s =>
                        s.Retry(tries: 2, baseDelay: Soon, maxDelay: Soon)
                            .Options(
                                ScriptedStep.Script(context =>
                                    context.Record.Text("company.name") switch
                                    {
                                        "found" => context.Named(),
                                        "nothing" => StepOutcome.NotFound(),
                                        "skip" => StepOutcome.Skipped("not for us"),
                                        "fail" => StepOutcome.Failed("no such company"),
                                        "flaky" => context.Attempt == 1 ? StepOutcome.Retry("503") : context.Named(),
                                        "down" => StepOutcome.Retry("503"),
                                        "limited" => Interlocked.Increment(ref asked) <= 5
                                            ? StepOutcome.RateLimited("429", Soon)
                                            : context.Named(),
                                        _ => StepOutcome.Unknown("cut off"),
                                    }))),
            ["found", "nothing", "skip", "fail", "flaky", "down", "limited", "lost"]);

        var batch = await bench.RunAsync();

        Assert.Equal(BatchStatus.CompletedWithFailures, batch.Status);
        var states = await bench.StatesAsync(batch);
        Assert.Equal(
            [
                Status.Completed,
                Status.Completed,
                Status.Skipped,
                Status.Failed,
                Status.Completed,
                Status.Failed,
                Status.Completed,
                Status.Failed,
            ],
            states.Select(state => state.Status));
        Assert.Equal("not for us", states[2].Error);
        Assert.Equal((ErrorClass.Permanent, "no such company"), (states[3].ErrorClass, states[3].Error));
        Assert.Equal(2, states[4].Attempt);
        Assert.Equal((ErrorClass.Transient, "Given up after 2 tries: 503"), (states[5].ErrorClass, states[5].Error));
        Assert.Equal((6, 1), (states[6].Attempt, states[6].Tries)); // Five times put off: no try is counted.
        Assert.Equal((ErrorClass.OutcomeUnknown, 2), (states[7].ErrorClass, (int)states[7].Tries));
    }

    [Fact]
    public async Task A_condition_that_does_not_hold_skips_the_stage_and_lets_the_item_pass()
    {
        var called = new List<string>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.When(Condition.Eq("company.name", "b")).Options(ScriptedStep.Script(context =>
            {
                called.Add(context.Record.Text("company.name")!);
                return context.Named();
            }))).Step("test.domain"),
            ["a", "b", "c"]);

        var batch = await bench.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(["b"], called);
        Assert.Equal(
            [Status.Skipped, Status.Completed, Status.Completed, Status.Completed, Status.Skipped, Status.Completed],
            (await bench.StatesAsync(batch)).Select(state => state.Status));
    }

    [Fact]
    public async Task A_failure_at_an_optional_stage_lets_the_item_pass_and_is_no_failure_of_the_batch()
    {
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step("test.scripted", s => s.Optional().Options(ScriptedStep.Script(_ => StepOutcome.Failed("always"))))
                    .Step("test.domain"),
            ["a", "b"]);

        var batch = await bench.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal(
            [Status.Failed, Status.Completed, Status.Failed, Status.Completed],
            (await bench.StatesAsync(batch)).Select(state => state.Status));
        Assert.Equal(2, (await bench.Client.GetProgressAsync(batch.Id)).Ended);
    }

    [Fact]
    public async Task A_stage_reads_the_latest_answer_before_it_else_the_upload()
    {
        await using var bench = await Bench.StartAsync(p => p.Step("test.domain").Step("test.label"), ["a"]);

        var batch = await bench.RunAsync();

        var record = (await (await bench.Client.ReadRecordsAsync(batch.Id)).ReadAsync().ToListAsync()).Single();
        Assert.Equal(["a", "https://a.example.com", "a.example.com", "a.example.com ()"], record.Select(cell => cell ?? ""));
    }

    [Fact]
    public async Task The_idempotency_key_is_the_same_for_every_attempt_of_a_generation_and_new_in_the_next()
    {
        var keys = new List<string>();
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Retry(tries: 3, baseDelay: Soon, maxDelay: Soon).Options(ScriptedStep.Script(context =>
            {
                keys.Add(context.IdempotencyKey);
                return StepOutcome.Retry("503");
            }))),
            ["a"]);

        var batch = await bench.RunAsync();
        Assert.Equal(1, await bench.Client.RetryAsync(batch.Id));
        await bench.Engine.RunUntilDrainedAsync();

        Assert.Equal(6, keys.Count);
        Assert.Single(keys.Take(3).Distinct());
        Assert.Single(keys.Skip(3).Distinct());
        Assert.Equal(2, keys.Distinct().Count());
        Assert.Equal(6, (await bench.StatesAsync(batch)).Single().Attempt);
        Assert.Empty(await bench.Engine.ExamineAsync());
    }

    [Fact]
    public async Task The_timeline_tells_every_attempt_and_every_generation_of_an_item()
    {
        await using var bench = await Bench.StartAsync(
            p => p.Step("test.scripted", s => s.Retry(tries: 2, baseDelay: Soon, maxDelay: Soon).Options(ScriptedStep.Script(
                context => context.Attempt < 3 ? StepOutcome.Retry("503") : context.Named()))),
            ["a"]);

        var batch = await bench.RunAsync();
        await bench.Client.RetryAsync(batch.Id);
        await bench.Engine.RunUntilDrainedAsync();

        Assert.Equal(
            [
                "attempt started",
                "attempt to be retried",
                "attempt started",
                "attempt to be retried",
                "failed",
                "replaced by a new generation",
                "attempt started",
                "attempt completed",
                "result stored",
                "completed",
            ],
            (await bench.Client.GetTimelineAsync(batch.Id, 1)).Select(entry => entry.What));
    }
}
