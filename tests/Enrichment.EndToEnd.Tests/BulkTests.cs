using System.Collections.Concurrent;
using Enrichment.Testing;

namespace Enrichment.EndToEnd.Tests;

public sealed class BulkTests
{
    private static readonly string[] Companies = ["Acme", "Bolt", "Cyan", "Dyne", "Edge", "Flux", "Gulf", "Hive"];

    [Fact]
    public async Task Items_go_out_together_up_to_the_size_and_each_is_settled_on_its_own()
    {
        var calls = new ConcurrentBag<string[]>();
        await using var bench = await StartAsync(contexts =>
        {
            calls.Add([.. contexts.Select(context => context.Record.Text("company.name")!)]);
            return contexts
                .Reverse()
                .ToDictionary(context => context.IdempotencyKey, context => context.Is("Dyne") ? StepOutcome.NotFound() : context.Named());
        });

        var batch = await bench.RunAsync();

        Assert.Equal(BatchStatus.Completed, batch.Status);
        Assert.Equal([2, 3, 3], calls.Select(call => call.Length).Order());
        Assert.Equal(Companies, calls.SelectMany(call => call).Order());
    }

    [Fact]
    public async Task An_item_that_the_answer_leaves_out_is_tried_again_and_what_was_not_asked_about_is_ignored()
    {
        await using var bench = await StartAsync(contexts => contexts
            .Where(context => !(context.Is("Bolt") && context.Attempt == 1) && !context.Is("Flux"))
            .Select(context => KeyValuePair.Create(context.IdempotencyKey, context.Named()))
            .Append(KeyValuePair.Create("somebody else's", StepOutcome.Completed("company.answer", "stray")))
            .ToDictionary());

        var batch = await bench.RunAsync();

        var states = (await bench.StatesAsync(batch)).ToDictionary(state => Companies[state.Item - 1]);
        Assert.Equal((Status.Completed, 2), (states["Bolt"].Status, states["Bolt"].Attempt));
        Assert.Equal((Status.Failed, ErrorClass.Transient, 2), (states["Flux"].Status, states["Flux"].ErrorClass, states["Flux"].Attempt));
        Assert.Equal(7, states.Values.Count(state => state.Status == Status.Completed));
    }

    [Fact]
    public async Task Items_of_one_failed_call_come_back_together_and_those_of_others_apart()
    {
        var calls = new ConcurrentBag<string[]>();
        await using var bench = await Bench.StartAsync(
            p =>
                p.Step(
                    "test.bulk",
                    s =>
                        s.Retry(baseDelay: TimeSpan.FromHours(1), maxDelay: TimeSpan.FromHours(1))
                            .Options(
                                BulkStep.Script(contexts =>
                                {
                                    calls.Add([.. contexts.Select(context => context.Record.Text("company.name")!)]);
                                    return contexts.ToDictionary(context => context.IdempotencyKey, _ => StepOutcome.Retry("503"));
                                }))),
            Companies,
            e => e.AddStep<BulkStep>(),
            e => e.UseSqlite(":memory:", new() { Clock = new FakeClock() }));
        var batch = await bench.Client.LaunchAsync(bench.Upload.Id, new() { Pipeline = "scripted" });

        await bench.Engine.TickAsync(TimeSpan.FromMinutes(5));

        // Half an hour is what the calls are spread over. The store's clock stands still: all of them come back at one moment.
        var due = (await bench.StatesAsync(batch)).ToDictionary(state => Companies[state.Item - 1], state => state.ActsAt!.Value);
        Assert.All(calls, call => Assert.Single(call.Select(company => due[company]).Distinct()));
        Assert.NotEqual(due.Values.Max(), due.Values.Min());
    }

    [Fact]
    public async Task A_call_that_throws_or_answers_nothing_costs_its_own_items()
    {
        await using var bench = await StartAsync(contexts =>
            contexts.Any(context => context.Is("Acme")) ? throw new InvalidOperationException("broken")
            : contexts.Any(context => context.Is("Dyne")) ? null
            : contexts.ToDictionary(context => context.IdempotencyKey, context => context.Named()));

        var states = (await bench.StatesAsync(await bench.RunAsync())).ToDictionary(state => Companies[state.Item - 1]);

        Assert.Equal(
            ["Acme", "Bolt", "Cyan"],
            states
                .Where(state => state.Value.Error?.Contains("threw System.InvalidOperationException", StringComparison.Ordinal) == true)
                .Select(state => state.Key)
                .Order());
        Assert.Equal(
            ["Dyne", "Edge", "Flux"],
            states.Where(state => state.Value.ErrorClass == ErrorClass.InvalidOutput).Select(state => state.Key).Order());
        Assert.Equal(2, states.Values.Count(state => state.Status == Status.Completed));
    }

    private static Task<Bench> StartAsync(Func<IReadOnlyList<StepContext>, IReadOnlyDictionary<string, StepOutcome>?> call) =>
        Bench.StartAsync(p => p.Step("test.bulk", s => s.Options(BulkStep.Script(call))), Companies, e => e.AddStep<BulkStep>());
}
